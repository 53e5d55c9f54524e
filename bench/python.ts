import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Session } from './session.js';

export const PYTHON_VARIABLE = 'MASKBENCH_BENCH_PYTHON';

/** How to get what is missing; for the terminal, not for the result. */
export const PYTHON_ADVICE = `PyTorch is left out. To have it: python3 -m venv ~/torch && ~/torch/bin/pip install torch numpy --index-url https://download.pytorch.org/whl/cpu, then --python ~/torch/bin/python or ${PYTHON_VARIABLE}.`;

/** The Python that was named, when it has torch and numpy. */
export async function findPython(named: string | undefined): Promise<Session['python']> {
  if (named === undefined || named === '') return { absent: 'no Python with PyTorch was named' };
  try {
    await promisify(execFile)(named, ['-c', 'import numpy, torch']);
    return { path: named };
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n');
    return { absent: `${named} cannot import torch and numpy (${lines[lines.length - 1] ?? ''})` };
  }
}
