/**
 * Run as a program (`node probe.js THREADS DEVICE`): opens the engine, measures bf16 and prints a Probed as JSON. A process of its own, so
 * that what TensorFlow writes to stderr as it loads can be kept apart, and a library that crashes on this CPU is an error.
 */
import { EngineError } from '../errors.js';
import type { EngineInfo, EngineOptions } from './contract.js';
import { openEngine } from './index.js';
import { measureBf16, type Bf16 } from './measure-bf16.js';

/** What came of opening the engine. */
export type Probed =
  | { readonly info: EngineInfo; readonly bf16: Bf16 }
  | { readonly error: { readonly message: string; readonly where: string | undefined; readonly fix: string | undefined } };

async function open(threads: number, device: EngineOptions['device']): Promise<Probed> {
  try {
    const engine = await openEngine({ threads, device });
    return { info: engine.info, bf16: measureBf16(engine) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, where, fix } = error;
    return { error: { message, where, fix } };
  }
}

const [threads, device] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await open(Number(threads), device as EngineOptions['device'])));
