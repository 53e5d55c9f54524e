import * as tf from '@tensorflow/tfjs-core';
import { EngineError, messageOf } from '../errors.js';
import type { Engine, EngineInfo, EngineOptions, OpenEngine } from './contract.js';
import type { OpenedDevice } from './device.js';
import { compileEager } from './eager/compile.js';
import { installGuard, type Guard } from './guard.js';
import { compileTraced } from './trace/compile.js';
import { engineInfo } from './info.js';
import { registerKernels } from './kernels/index.js';
import { core, loadAddon, type NativeBackend } from './native.js';
import { useOneDnn } from './onednn.js';
import { noteEngineUse } from './opened.js';
import { checkPrecision } from './precision.js';
import type { Runtime } from './runtime/index.js';

export { recordKernels, type KernelUse } from './guard.js';

interface Native { readonly backend: NativeBackend; readonly guard: Guard; readonly device: OpenedDevice; readonly threads: EngineInfo['threads'] }

interface Opened { readonly threads: number; readonly native: Promise<Native>; readonly engines: Map<string, Engine> }

let opened: Opened | null = null;

/**
 * The engine of this process. The addon is loaded once; a second call with another thread count is an EngineError. Where it
 * does not open, the next call tries anew.
 */
export const openEngine: OpenEngine = async ({ threads, mode = 'traced', precision = 'f32', device }) => {
  if (!Number.isInteger(threads) || threads < 1) throw new EngineError(`threads must be a whole number of at least 1, got ${threads}`);
  if (opened !== null && opened.threads !== threads) {
    throw new EngineError(`the engine of this process runs with ${opened.threads} threads, ${threads} were asked for`, { fix: 'TensorFlow fixes its threads when it loads: use another process.' });
  }
  const current: Opened = opened ??= { threads, native: open(threads, mode, device), engines: new Map() };
  const { native, engines } = current;
  const { backend, guard, device: place, threads: shared } = await native.catch((error: unknown) => {
    if (opened === current) opened = null;
    throw error;
  });
  if (device !== undefined && device !== 'auto' && device !== place.device) {
    throw new EngineError(`the engine of this process runs on the device ${place.device}, ${device} was asked for`, { fix: 'Use another process.' });
  }
  const key = `${mode}/${precision}`;
  let engine = engines.get(key);
  if (engine === undefined) {
    const info = engineInfo(backend, shared, mode, precision, place);
    checkPrecision(precision, info);
    const compile = mode === 'traced' ? compileTraced : compileEager;
    engine = {
      info,
      compile(spec) {
        const own = spec.precision ?? precision;
        checkPrecision(own, info);
        return compile(backend, guard, { ...spec, precision: own }, place.device === 'cpu' ? shared.interOp : null);
      },
      liveTensors: () => core.state.numTensors,
    };
    engines.set(key, engine);
  }
  noteEngineUse(engine.info, place.peakMemory);
  return engine;
};

async function open(count: number, mode: EngineInfo['mode'], device: EngineOptions['device']): Promise<Native> {
  // imported here: how the runtime is set up changes no result, and a job's key holds the modules that are imported above
  const { ensureRuntime } = await import('./runtime/index.js');
  const { openedDevice, prepareDevice } = await import('./device.js');
  const runtime = await ensureRuntime({ device });
  // Of a traced step each piece of the batch has a thread of its own (trace/shards); single ops share theirs. A GPU works on the whole batch.
  const threads = mode === 'traced' && runtime.device === 'cpu' ? { intraOp: 1, interOp: count } : { intraOp: count, interOp: 1 };
  setEnvironment(threads);
  prepareDevice(runtime);
  const backend = load(runtime);
  const opened = openedDevice(runtime, backend.binding.isUsingGpuDevice());
  tf.enableProdMode();
  registerKernels();
  return { backend, guard: installGuard(backend), device: opened, threads };
}

/** TensorFlow reads these when its library loads, never again. */
function setEnvironment({ intraOp, interOp }: EngineInfo['threads']): void {
  process.env['TF_NUM_INTRAOP_THREADS'] = String(intraOp);
  process.env['TF_NUM_INTEROP_THREADS'] = String(interOp);
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  useOneDnn();
}

function load({ addon, libraries }: Runtime): NativeBackend {
  try {
    return loadAddon(addon);
  } catch (cause) {
    throw new EngineError(`the addon does not load: ${messageOf(cause)}`, {
      where: addon,
      fix: `Its libraries are in ${libraries}. Run \`maskbench engine verify\`; \`maskbench engine install --again\` builds everything anew.`,
      cause,
    });
  }
}
