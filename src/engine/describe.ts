import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EngineError, UsageError } from '../errors.js';
import type { EngineInfo } from './contract.js';
import { describeCpu, type Cpu } from './cpu.js';
import type { GpuWay } from './measure-gpu.js';
import type { Measured, Probed } from './probe.js';
import { cacheFolder, deviceOfEnvironment, ensureRuntime, FallbackError, fallbackFacts, fallbackReasons, findGpus, FOLDER_VARIABLE, XLA_FLAG, type DeviceChoice, type GpuSearch, type OnProgress, type Runtime, type RuntimeStatus, type Source } from './runtime/index.js';

/** What `maskbench engine` shows. */
export interface EngineReport {
  readonly engine: EngineInfo;
  readonly runtime: Runtime;
  readonly cache: string;
  readonly cpu: Cpu;
  readonly measured: Measured;
  /** What could be better on this machine, each with what to do. */
  readonly advice: readonly string[];
}

export interface DescribeOptions { readonly threads: number; readonly device?: DeviceChoice | undefined; readonly onProgress?: OnProgress | undefined }

/** Sets the runtime up when needed and opens it. */
export async function describeEngine({ threads, device, onProgress }: DescribeOptions): Promise<EngineReport> {
  if (!Number.isInteger(threads) || threads < 1) throw new UsageError('--threads takes a whole number of at least 1', { fix: 'For example: maskbench engine --threads 2' });
  const { runtime, fellBack } = await usableRuntime({ device, onProgress });
  const opened = await probe(threads, runtime, { measure: true });
  const measured = opened.measured!.of === 'cpu' || opened.info.gpu?.xla === true ? opened.measured! : await withXla(opened.measured!.ways, threads, runtime);
  const cpu = describeCpu();
  const { present } = runtime.gpus ?? await findGpus();
  const advice = advise(opened.info, cpu, present && fellBack === null);
  return { engine: opened.info, runtime, cache: cacheFolder(), cpu, measured, advice: fellBack === null ? advice : [fellBack, ...advice] };
}

/** A runtime that opens. */
export interface UsableRuntime {
  readonly runtime: Runtime;
  /** Why the CPU is to compute although `auto` saw a GPU, for people; else null. */
  readonly fellBack: string | null;
}

/**
 * Sets the runtime up and, where a GPU is meant, opens it once in a process of its own. EngineError where `cuda` was chosen
 * and TensorFlow does not use the GPU. Under `auto` the CPU computes then, and `fellBack` is to be shown.
 */
export async function usableRuntime({ device, onProgress }: Pick<DescribeOptions, 'device' | 'onProgress'>): Promise<UsableRuntime> {
  const runtime = await ensureRuntime({ device, onProgress });
  if (runtime.device === 'cpu') return { runtime, fellBack: null };
  try {
    const { info } = await probe(1, runtime);
    if (info.device === 'cuda') return { runtime: { ...runtime, device: 'cuda' }, fellBack: null };
  } catch (error) {
    if (!(error instanceof FallbackError) || (device ?? deviceOfEnvironment()) !== 'auto') throw error;
  }
  return { runtime: await ensureRuntime({ device: 'cpu', onProgress }), fellBack: fellBackText(runtime.gpus!, fallbackReasons(fallbackFacts(runtime.libraries, runtime.gpus!))) };
}

/** Pure. */
export const fellBackText = ({ gpus }: Pick<GpuSearch, 'gpus'>, reasons: readonly string[]): string =>
  `The CPU computes (device auto): TensorFlow cannot use the NVIDIA GPU that is here${gpus[0] === undefined ? '' : ` (${gpus[0].name})`}: ${reasons.join('; ')}. \`maskbench engine --device cuda\` says what to do.`;

/** The same steps with XLA, in a process of its own: TensorFlow reads the flag as it loads. Without them where XLA fails. */
async function withXla(ways: readonly GpuWay[], threads: number, runtime: Runtime): Promise<Measured> {
  try {
    const { measured } = await probe(threads, runtime, { measure: true, xla: true });
    return { of: 'gpu', ways: [...ways, ...(measured?.of === 'gpu' ? measured.ways : [])] };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { of: 'gpu', ways };
  }
}

async function probe(threads: number, runtime: Runtime, { measure = false, xla = false } = {}): Promise<Extract<Probed, { readonly info: EngineInfo }>> {
  const program = fileURLToPath(new URL('./probe.js', import.meta.url));
  // TensorFlow says why it does not use a GPU only where it may say everything
  const env = { ...process.env, ...(runtime.device === 'cpu' ? {} : { TF_CPP_MIN_LOG_LEVEL: '0' }), ...(xla ? { TF_XLA_FLAGS: `${process.env['TF_XLA_FLAGS'] ?? ''} ${XLA_FLAG}`.trim() } : {}) };
  const { code, stdout, stderr } = await new Promise<{ code: number | string | null; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, String(threads), runtime.device, ...(measure ? ['measure'] : [])], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : (error.signal ?? error.code ?? null), stdout: out, stderr: err });
    });
  });
  if (code === 0) {
    const probed = JSON.parse(stdout) as Probed;
    if ('info' in probed) return probed;
    const { message, where, fix } = probed.error;
    const words = aboutGpus(stderr);
    throw new (probed.fellBack ? FallbackError : EngineError)(message, {
      ...(where === undefined ? {} : { where }),
      fix: [...(fix === undefined ? [] : [fix]), ...(words.length === 0 ? [] : ['What TensorFlow said as it loaded:', ...words])].join('\n  '),
    });
  }
  throw new EngineError(code === 'SIGILL' ? 'TensorFlow needs instructions that this CPU does not have (AVX at least)' : `the engine does not open (${code})`, {
    where: runtime.addon,
    fix: `${code === 'SIGILL' ? 'Name a build of TensorFlow for this CPU with MASKBENCH_TENSORFLOW.' : 'Run `maskbench engine verify`, and `maskbench engine install --again` when it finds damage.'}\n${stderr.trim()}`,
  });
}

/** The lines of TensorFlow's log that are about GPUs, without its dates. */
export const aboutGpus = (log: string): readonly string[] =>
  [...new Set(log.split('\n').filter((line) => /^\d{4}-.*(gpu|cuda|cudnn|nvidia|dlopen|dso_loader)/i.test(line)).map((line) => line.replace(/^\S+ \S+: /, '')))].slice(-8);

/** Pure: what could be better. */
export function advise(engine: EngineInfo, cpu: Cpu, nvidia: boolean): readonly string[] {
  const advice: string[] = [];
  if (engine.device === 'cpu' && nvidia) advice.push('An NVIDIA GPU is here and is not used: `maskbench engine install --device cuda` sets it up, --device cuda (or auto) uses it.');
  if (!engine.oneDnn && process.arch === 'x64') advice.push('oneDNN is turned off (TF_ENABLE_ONEDNN_OPTS); unset the variable for faster matrix products.');
  if (cpu.instructions !== null && !cpu.instructions.includes('AVX2')) advice.push('This CPU has no AVX2: training is several times slower than on a current one.');
  else if (cpu.instructions !== null && !cpu.instructions.includes('AVX-512')) advice.push('This CPU has no AVX-512: one that has it is up to twice as fast in f32.');
  const threads = engine.threads.intraOp * engine.threads.interOp;
  if (threads > cpu.cores) advice.push(`${threads} threads on ${cpu.cores} cores wait for each other: use at most ${cpu.cores}.`);
  if (cpu.memoryBytes < 4e9) advice.push('Less than 4 GB of memory: a worker of a small suite needs about 1 GB. Run with one worker.');
  return advice;
}

const sourceText: Readonly<Record<Source, string>> = {
  folder: `folder named by ${FOLDER_VARIABLE}`, wheel: "pip's wheel", archive: "the C library's archive",
};

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function deviceText({ device, deviceName, gpu }: EngineInfo, cpu: Cpu): string {
  if (gpu === undefined) return `${device} (${deviceName}, ${cpu.cores} cores, ${gibibytes(cpu.memoryBytes)})`;
  const { driver, memoryBytes, computeCapability, tf32 } = gpu;
  const known = [
    ...(memoryBytes === null ? [] : [gibibytes(memoryBytes)]),
    ...(driver === null ? [] : [`driver ${driver}`]),
    ...(computeCapability === null ? [] : [`compute capability ${computeCapability}`]),
    ...(tf32 === null ? [] : [`TF32 ${tf32 ? 'on' : 'off'}`]),
  ];
  return `${device} (${[deviceName, ...known].join(', ')}), beside ${cpu.model}, ${cpu.cores} cores`;
}

const wayText = ({ precision, xla }: GpuWay, tf32: boolean | null): string => `${precision === 'f32' && tf32 === true ? 'TF32' : precision}${xla ? ' with XLA' : ''}`;

/** What a suite and the environment say for a way of computing. */
const wayAdvice = ({ precision, xla }: GpuWay): string => `\`precision: ${precision}\`${xla ? ` with TF_XLA_FLAGS=${XLA_FLAG}` : ''}`;

/** For the choice of `engine.precision`: measured with its casts, on a CPU on one large product, on a GPU on one small training step. */
export function precisionText(measured: Measured, tf32: boolean | null = null): string {
  if (measured.of === 'gpu') {
    const [first, ...others] = [...measured.ways].sort((a, b) => a.milliseconds - b.milliseconds);
    const time = (way: GpuWay): string => `${wayText(way, tf32)} ${way.milliseconds.toPrecision(3)} ms`;
    return `fastest here, by a small training step: ${time(first!)} (${others.map(time).join(', ')}); ${wayAdvice(first!)}`;
  }
  const { bf16 } = measured;
  if (bf16.state === 'refused') return `f32; no bf16: ${bf16.problem}`;
  const times = bf16.speedup.toFixed(2);
  return bf16.speedup > 1.1 ? `a large matrix product runs ${times} times as fast in bf16 as in f32: \`precision: bf16\` is worth trying` : `f32; a large matrix product in bf16 runs ${times} times as fast`;
}

/** The report as a person reads it. */
export function engineLines({ engine, runtime, cache, cpu, measured, advice }: EngineReport): readonly string[] {
  return [
    `device         ${deviceText(engine, cpu)}`,
    `runtime        TensorFlow ${engine.runtime} (${sourceText[runtime.source]}), tfjs ${engine.tfjs}, Node ${engine.node}`,
    `mode           ${engine.mode}`,
    `threads        ${engine.threads.intraOp} within an operation, ${engine.threads.interOp} between operations, a worker`,
    `oneDNN         ${engine.oneDnn ? 'on' : 'off'}`,
    `instructions   ${cpu.instructions?.join(', ') ?? 'unknown'}${cpu.bf16 === true ? ' (bf16 in hardware)' : ''}`,
    `precision      ${precisionText(measured, engine.gpu?.tf32)}`,
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
