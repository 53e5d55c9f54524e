import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { CUDA_LIBRARIES } from '../../../src/engine/runtime/cuda-libraries.js';

/** What nvidia-smi would answer. */
export interface FakeSmi {
  /** Lines of --query-gpu with all fields. */
  readonly gpus?: readonly string[];
  /** Lines of --query-compute-apps: pid, MiB. */
  readonly apps?: readonly string[];
  /** MiB of --query-gpu=memory.used. */
  readonly used?: number;
  /** As a driver that does not know this field. */
  readonly unknown?: string;
}

export const H100 = '0, GPU-11111111-aaaa, NVIDIA H100 80GB HBM3, 550.54.15, 81559, 9.0';
export const A100 = '1, GPU-22222222-bbbb, NVIDIA A100-SXM4-40GB, 550.54.15, 40960, 8.0';

/** Puts an `nvidia-smi` into a folder of its own; returns the PATH with that folder in front. */
export function fakeSmi(folder: string, { gpus = [H100], apps = [], used = 0, unknown = 'no such field' }: FakeSmi = {}): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const lines = (texts: readonly string[]): string => texts.map((text) => `echo ${JSON.stringify(text)}`).join('\n') || 'true';
  const script = `#!/bin/sh
case "$*" in
  *'${unknown}'*) echo 'Field "${unknown}" is not a valid field to query.'; exit 2;;
  *query-compute-apps=pid,used_memory*) ${lines(apps)};;
  *query-gpu=memory.used*) echo ${used};;
  *compute_cap*) ${lines(gpus)};;
  *query-gpu=index,uuid,name*) ${lines(gpus.map((line) => line.split(', ').slice(0, -1).join(', ')))};;
  *) exit 6;;
esac
`;
  writeFileSync(join(bin, 'nvidia-smi'), script, { mode: 0o755 });
  return [bin, process.env['PATH']].join(delimiter);
}

/** Empty libraries with the sonames of CUDA's, laid out as NVIDIA's wheels are: `nvidia/<part>/lib`. Returns their paths. */
export function fakeCuda(sitePackages: string): readonly string[] {
  return CUDA_LIBRARIES.map((name) => {
    const path = join(sitePackages, 'nvidia', name.replace(/^lib|\.so.*$/g, '').toLowerCase(), 'lib', name);
    mkdirSync(dirname(path), { recursive: true });
    const { status, stderr } = spawnSync('cc', ['-shared', '-nostdlib', '-o', path, `-Wl,-soname,${name}`, '-x', 'c', '/dev/null'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return path;
  });
}
