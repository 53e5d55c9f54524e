import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** NVIDIA GPUs as the driver shows them: through nvidia-smi, which comes with every driver, and the kernel's own files. */

export interface Gpu {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  /** Driver version, for example 550.54.15. */
  readonly driver: string;
  readonly memoryBytes: number;
  /** For example 9.0 (Hopper). Null where the driver is too old to tell. */
  readonly computeCapability: string | null;
}

export interface GpuSearch {
  /** Whether this process can expect to use one. */
  readonly present: boolean;
  /** Those that CUDA_VISIBLE_DEVICES leaves; empty also where nvidia-smi does not tell. */
  readonly gpus: readonly Gpu[];
  /** Driver version, also where nvidia-smi is not there. */
  readonly driver: string | null;
  /** Everything that was looked for, each with what came of it, as a person reads it. */
  readonly looked: readonly string[];
}

export interface GpuSearchOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Root of the file system, for tests. */
  readonly root?: string;
}

const FIELDS = ['index', 'uuid', 'name', 'driver_version', 'memory.total', 'compute_cap'];
const MEBIBYTE = 2 ** 20;
const TIMEOUT_MS = 30_000;

export async function findGpus({ environment = process.env, root = '/' }: GpuSearchOptions = {}): Promise<GpuSearch> {
  const looked: string[] = [];
  const visible = environment['CUDA_VISIBLE_DEVICES'];
  const answer = await queryGpus(environment);
  looked.push(`nvidia-smi: ${answer.found}`);
  const module = readModule(root);
  looked.push(`/proc/driver/nvidia/version: ${module === null ? 'not there' : `driver ${module}`}`);
  const node = existsSync(join(root, 'dev/nvidia0'));
  looked.push(`/dev/nvidia0: ${node ? 'there' : 'not there'}`);
  const driver = answer.gpus[0]?.driver ?? module;
  if (visible !== undefined && hidesAll(visible)) {
    looked.push(`CUDA_VISIBLE_DEVICES='${visible}' hides every GPU`);
    return { present: false, gpus: [], driver, looked };
  }
  // A kernel module without a device (no nvidia-smi, no node) is a container that the GPU was not handed to.
  return { present: answer.gpus.length > 0 || node, gpus: visible === undefined ? answer.gpus : seen(answer.gpus, visible), driver, looked };
}

/** CUDA stops at the first entry that is no device: -1, none and the empty text hide all. */
const hidesAll = (visible: string): boolean => ['', '-1', 'none', 'NoDevFiles'].includes(visible.split(',')[0]!.trim());

/** The GPUs that a list of indices or UUIDs (their beginnings will do) names, in its order. Parts of GPUs (MIG) are in no such list. */
function seen(gpus: readonly Gpu[], visible: string): readonly Gpu[] {
  const names = visible.split(',').map((name) => name.trim());
  return names.flatMap((name) => gpus.find(({ index, uuid }) => (/^\d+$/.test(name) ? index === Number(name) : uuid.startsWith(name))) ?? []);
}

async function queryGpus(environment: NodeJS.ProcessEnv): Promise<{ readonly gpus: readonly Gpu[]; readonly found: string }> {
  // drivers before 470 do not know compute_cap, and answer nothing at all then
  for (const fields of [FIELDS, FIELDS.slice(0, -1)]) {
    const { error, stdout } = await new Promise<{ readonly error: (Error & { code?: unknown }) | null; readonly stdout: string }>((resolve) => {
      execFile('nvidia-smi', [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'], { env: environment, timeout: TIMEOUT_MS }, (failure, out) => resolve({ error: failure, stdout: out }));
    });
    if (error?.code === 'ENOENT') return { gpus: [], found: 'not there (it comes with the driver)' };
    if (error === null) {
      const gpus = stdout.split('\n').flatMap((line) => parseGpu(line) ?? []);
      return { gpus, found: gpus.length === 0 ? `lists no GPU (${stdout.trim().split('\n')[0] ?? ''})` : gpus.map(({ name }) => name).join(', ') };
    }
    if (!/compute_cap/.test(stdout)) return { gpus: [], found: stdout.trim().split('\n')[0] || error.message.split('\n')[0]! };
  }
  return { gpus: [], found: 'does not answer' };
}

/** One line of nvidia-smi's answer; null where it is none. */
export function parseGpu(line: string): Gpu | null {
  const [index, uuid, name, driver, memory, capability] = line.split(',').map((cell) => cell.trim());
  if (index === undefined || !/^\d+$/.test(index) || uuid === undefined || name === undefined || driver === undefined || memory === undefined) return null;
  const known = capability !== undefined && /^\d+\.\d+$/.test(capability);
  return { index: Number(index), uuid, name, driver, memoryBytes: Number(memory) * MEBIBYTE || 0, computeCapability: known ? capability : null };
}

function readModule(root: string): string | null {
  try {
    return /Kernel Module.*?(\d+\.\d[\d.]*)/.exec(readFileSync(join(root, 'proc/driver/nvidia/version'), 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Device memory in use. `of: process`: of one process; `of: device`: of the whole GPU, where its processes cannot be told apart (containers). */
export interface DeviceMemory { readonly bytes: number; readonly of: 'process' | 'device' }

/**
 * What a process holds of a GPU now, by nvidia-smi. TensorFlow keeps what it has once taken, so that this is the highest
 * use of the process so far. Null where it cannot be asked.
 */
export function deviceMemory(uuid: string, pid = process.pid, environment: NodeJS.ProcessEnv = process.env): DeviceMemory | null {
  const ask = (...args: readonly string[]): readonly (readonly string[])[] =>
    execFileSync('nvidia-smi', [`--id=${uuid}`, ...args, '--format=csv,noheader,nounits'], { env: environment, timeout: TIMEOUT_MS, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n').map((line) => line.split(',').map((cell) => cell.trim()));
  try {
    const own = ask('--query-compute-apps=pid,used_memory').find(([owner]) => owner === String(pid));
    if (own !== undefined && Number(own[1]) > 0) return { bytes: Number(own[1]) * MEBIBYTE, of: 'process' };
    const used = Number(ask('--query-gpu=memory.used')[0]?.[0]);
    return used > 0 ? { bytes: used * MEBIBYTE, of: 'device' } : null;
  } catch {
    return null;
  }
}

/** TensorFlow's own flag for compiling clusters of a graph with XLA. */
export const XLA_FLAG = '--tf_xla_auto_jit=2';

/** Whether XLA compiles clusters of graphs, by the last flag in TF_XLA_FLAGS. */
export function usesXla(environment: NodeJS.ProcessEnv = process.env): boolean {
  const level = [...(environment['TF_XLA_FLAGS'] ?? '').matchAll(/--tf_xla_auto_jit=(\S+)/g)].at(-1)?.[1];
  return level !== undefined && !['0', '-1'].includes(level);
}

/** Whether float32 products run as TF32: GPUs since Ampere do in TensorFlow, unless the driver is told not to. Null: not known. */
export function usesTf32({ computeCapability }: Pick<Gpu, 'computeCapability'>, environment: NodeJS.ProcessEnv = process.env): boolean | null {
  if (environment['NVIDIA_TF32_OVERRIDE'] === '0') return false;
  return computeCapability === null ? null : Number(computeCapability.split('.')[0]) >= 8;
}
