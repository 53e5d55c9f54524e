import type { CompileSpec, Compiled, Engine } from '../engine/contract.js';
import { hashJson } from '../files.js';

interface Kept { readonly compiled: Compiled; readonly numbers: number }

/**
 * Compiled models that are kept for the next run of the same shape: a worker serves many jobs, and a compiled model with
 * new values (`reset`, `writeParams`) serves as well as a new one. The least recently used one goes when there are too many
 * or when together they hold too many parameters (each costs four floats, with its gradient and the two of AdamW).
 */
const caches = new WeakMap<Engine, Map<string, Kept>>();
const mostModels = 32;
const mostNumbers = 16e6;

/** The compiled model for a description of its shape; `describe` must hold everything that `build` depends on. */
export function compiledFor(engine: Engine, describe: unknown, build: () => CompileSpec): Compiled {
  let cache = caches.get(engine);
  if (cache === undefined) {
    cache = new Map();
    caches.set(engine, cache);
  }
  const key = hashJson(describe);
  let wanted = cache.get(key);
  if (wanted === undefined) {
    const spec = build();
    wanted = { compiled: engine.compile(spec), numbers: spec.params.reduce((sum, { value }) => sum + value.length, 0) };
  } else cache.delete(key);
  cache.set(key, wanted);
  let numbers = [...cache.values()].reduce((sum, one) => sum + one.numbers, 0);
  for (const [oldest, model] of cache) {
    if (oldest === key || (cache.size <= mostModels && numbers <= mostNumbers)) break;
    model.compiled.dispose();
    numbers -= model.numbers;
    cache.delete(oldest);
  }
  return wanted.compiled;
}
