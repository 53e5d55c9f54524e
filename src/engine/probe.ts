/**
 * Run as a program (`node probe.js THREADS DEVICE [measure]`): opens the engine, measures it and prints a Probed as JSON. A process of its own, so
 * that what TensorFlow writes to stderr as it loads can be kept apart, and a library that crashes on this CPU is an error.
 */
import { EngineError } from '../errors.js';
import type { Engine, EngineInfo, EngineOptions } from './contract.js';
import { openEngine } from './index.js';
import { measureBf16, type Bf16 } from './measure-bf16.js';
import { measureGpu, type GpuWay } from './measure-gpu.js';
import { FallbackError } from './runtime/index.js';

/** What came of opening the engine. */
export type Probed =
  | { readonly info: EngineInfo; readonly measured: Measured | null }
  | { readonly error: { readonly message: string; readonly where: string | undefined; readonly fix: string | undefined }; readonly fellBack: boolean };

/** Which precision is the fastest: on a CPU by one product, on a GPU by one step. */
export type Measured = { readonly of: 'cpu'; readonly bf16: Bf16 } | { readonly of: 'gpu'; readonly ways: readonly GpuWay[] };

const measure = (engine: Engine): Measured => {
  const { gpu } = engine.info;
  return gpu === undefined ? { of: 'cpu', bf16: measureBf16(engine) } : { of: 'gpu', ways: measureGpu(engine, gpu.xla) };
};

async function open(threads: number, device: EngineOptions['device'], measures: boolean): Promise<Probed> {
  try {
    const engine = await openEngine({ threads, device });
    return { info: engine.info, measured: measures ? measure(engine) : null };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, where, fix } = error;
    return { error: { message, where, fix }, fellBack: error instanceof FallbackError };
  }
}

const [threads, device, measures] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await open(Number(threads), device as EngineOptions['device'], measures === 'measure')));
