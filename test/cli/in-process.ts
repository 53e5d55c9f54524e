import { vi } from 'vitest';
import { main } from '../../src/cli/main.js';

/** One command line in this process: starting another one is most of what a short command costs. */
export async function inProcess(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) => vi.spyOn(process[name], 'write').mockImplementation((chunk: string | Uint8Array, ...rest: unknown[]) => {
    said[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    (rest.find((item) => typeof item === 'function') as (() => void) | undefined)?.();
    return true;
  }));
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await main(['node', 'maskbench', ...args]);
    return { code: process.exitCode, ...said };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}
