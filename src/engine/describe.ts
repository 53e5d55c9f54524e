import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EngineError, UsageError } from '../errors.js';
import type { EngineInfo } from './contract.js';
import { describeCpu, type Cpu } from './cpu.js';
import { cacheFolder, ensureRuntime, FOLDER_VARIABLE, type OnProgress, type Runtime, type RuntimeStatus } from './runtime/index.js';

/** What `maskbench engine` shows. */
export interface EngineReport {
  readonly engine: EngineInfo;
  readonly runtime: Runtime;
  readonly cache: string;
  readonly cpu: Cpu;
  /** What could be better on this machine, each with what to do. */
  readonly advice: readonly string[];
}

/** Sets the runtime up when needed and opens it. */
export async function describeEngine({ threads, onProgress }: { readonly threads: number; readonly onProgress?: OnProgress }): Promise<EngineReport> {
  if (!Number.isInteger(threads) || threads < 1) throw new UsageError('--threads takes a whole number of at least 1', { fix: 'For example: maskbench engine --threads 2' });
  const runtime = await ensureRuntime({ onProgress });
  const info = await probe(threads, runtime);
  const cpu = describeCpu();
  return { engine: info, runtime, cache: cacheFolder(), cpu, advice: advise(info, cpu, existsSync('/proc/driver/nvidia/version')) };
}

async function probe(threads: number, runtime: Runtime): Promise<EngineInfo> {
  const program = fileURLToPath(new URL('./probe.js', import.meta.url));
  const { code, stdout, stderr } = await new Promise<{ code: number | string | null; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, String(threads)], (error, out, err) => {
      resolve({ code: error === null ? 0 : (error.signal ?? error.code ?? null), stdout: out, stderr: err });
    });
  });
  if (code === 0) return JSON.parse(stdout) as EngineInfo;
  throw new EngineError(code === 'SIGILL' ? 'TensorFlow needs instructions that this CPU does not have (AVX at least)' : `the engine does not open (${code})`, {
    where: runtime.addon,
    fix: `${code === 'SIGILL' ? 'Name a build of TensorFlow for this CPU with MASKBENCH_TENSORFLOW.' : 'Run `maskbench engine verify`, and `maskbench engine install --again` when it finds damage.'}\n${stderr.trim()}`,
  });
}

/** Pure: what could be better. */
export function advise(engine: EngineInfo, cpu: Cpu, nvidia: boolean): readonly string[] {
  const advice: string[] = [];
  if (engine.device === 'cpu' && nvidia) advice.push('An NVIDIA GPU is here, and this runtime is for the CPU. Name a CUDA build of TensorFlow with MASKBENCH_TENSORFLOW to use it.');
  if (!engine.oneDnn && process.arch === 'x64') advice.push('oneDNN is turned off (TF_ENABLE_ONEDNN_OPTS); unset the variable for faster matrix products.');
  if (cpu.instructions !== null && !cpu.instructions.includes('AVX2')) advice.push('This CPU has no AVX2: training is several times slower than on a current one.');
  else if (cpu.instructions !== null && !cpu.instructions.includes('AVX-512')) advice.push('This CPU has no AVX-512: one that has it is up to twice as fast in f32.');
  if (engine.threads.intraOp > cpu.cores) advice.push(`${engine.threads.intraOp} threads on ${cpu.cores} cores wait for each other: use at most ${cpu.cores}.`);
  if (cpu.memoryBytes < 4e9) advice.push('Less than 4 GB of memory: a worker of a small suite needs about 1 GB. Run with one worker.');
  return advice;
}

/** The report as a person reads it. */
export function engineLines({ engine, runtime, cache, cpu, advice }: EngineReport): readonly string[] {
  const source = runtime.source === 'folder' ? `folder named by ${FOLDER_VARIABLE}` : "pip's wheel";
  return [
    `device         ${engine.device} (${engine.deviceName}, ${cpu.cores} cores, ${(cpu.memoryBytes / 2 ** 30).toFixed(1)} GiB)`,
    `runtime        TensorFlow ${engine.runtime} (${source}), tfjs ${engine.tfjs}, Node ${engine.node}`,
    `mode           ${engine.mode}`,
    `threads        ${engine.threads.intraOp} within an operation, ${engine.threads.interOp} between operations, a worker`,
    `oneDNN         ${engine.oneDnn ? 'on' : 'off'}`,
    `instructions   ${cpu.instructions?.join(', ') ?? 'unknown'}${cpu.bf16 === true ? ' (bf16 in hardware)' : ''}`,
    `libraries      ${runtime.libraries}`,
    `addon          ${runtime.addon}`,
    `cache          ${cache}`,
    ...(advice.length === 0 ? ['could be better: nothing found'] : ['could be better:', ...advice.map((line) => `  - ${line}`)]),
  ];
}

/** The state of the set-up as a person reads it. */
export function statusLines(status: RuntimeStatus): readonly string[] {
  switch (status.state) {
    case 'ready':
      return [`intact: TensorFlow ${status.runtime.version}`, `  ${status.runtime.libraries}`, `  ${status.runtime.addon}`];
    case 'absent':
      return ['not set up; missing:', ...status.missing.map((line) => `  - ${line}`), 'Run: maskbench engine install'];
    case 'damaged':
      return ['damaged:', ...status.problems.map((line) => `  - ${line}`), 'Run: maskbench engine install --again'];
    default: {
      const never: never = status;
      return never;
    }
  }
}
