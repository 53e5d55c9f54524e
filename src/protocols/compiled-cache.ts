import type { CompileSpec, Compiled, Engine } from '../engine/contract.js';
import { hashJson } from '../files.js';

/**
 * Compiled models that are kept for the next run of the same shape: a worker serves many jobs, and a compiled model with
 * new values (`reset`, `writeParams`) serves as well as a new one. The least recently used one goes when there are too many.
 */
const caches = new WeakMap<Engine, Map<string, Compiled>>();
const kept = 6;

/** The compiled model for a description of its shape; `describe` must hold everything that `build` depends on. */
export function compiledFor(engine: Engine, describe: unknown, build: () => CompileSpec): Compiled {
  let cache = caches.get(engine);
  if (cache === undefined) {
    cache = new Map();
    caches.set(engine, cache);
  }
  const key = hashJson(describe);
  let compiled = cache.get(key);
  if (compiled === undefined) compiled = engine.compile(build());
  else cache.delete(key);
  cache.set(key, compiled);
  for (const [oldest, model] of cache) {
    if (cache.size <= kept) break;
    model.dispose();
    cache.delete(oldest);
  }
  return compiled;
}
