import { expect } from 'vitest';
import type { Compiled, CompileSpec, Engine, EngineInfo, OptimizerState } from '../../src/engine/contract.js';
import { openEngine } from './open.js';

/**
 * Tracing changes how a step is run, never what it computes: what the eager and the traced engine are held to. Curves,
 * parameters and both moments agree to 1e-4 relative. (TensorFlow fuses and reorders sums in a graph.)
 */
export const TOLERANCE = 1e-4;

export type Mode = EngineInfo['mode'];

/** Largest difference relative to the largest value. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < a.length; i++) {
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return scale === 0 ? worst : worst / scale;
}

/** What a training leaves in a compiled model. */
export interface TrainedState { readonly params: ReadonlyMap<string, Float32Array>; readonly optimizer: OptimizerState }

export const stateOf = (compiled: Compiled): TrainedState => ({ params: compiled.readParams(), optimizer: compiled.readOptimizer() });

/** Without the bias of the keys: softmax takes it out, so its true gradient is 0 and Adam scales up rounding noise. */
function withoutKeyBias(name: string, values: Float32Array): Float32Array {
  if (!name.endsWith('attn.qkv.bias')) return values;
  const third = values.length / 3;
  return Float32Array.from([...values.subarray(0, third), ...values.subarray(2 * third)]);
}

const furthest = (traced: ReadonlyMap<string, Float32Array>, eager: ReadonlyMap<string, Float32Array>): readonly string[] => {
  expect([...traced.keys()]).toEqual([...eager.keys()]);
  return [...eager].flatMap(([name, values]) => {
    const far = distance(withoutKeyBias(name, traced.get(name)!), withoutKeyBias(name, values));
    return far < TOLERANCE ? [] : [`${name}: ${far}`];
  });
};

export const expectSameParams = (traced: TrainedState, eager: TrainedState): void => { expect(furthest(traced.params, eager.params)).toEqual([]); };

/** Step number, every parameter, and both of AdamW's moments of it. */
export function expectSameState(traced: TrainedState, eager: TrainedState): void {
  expect(traced.optimizer.step).toBe(eager.optimizer.step);
  expect({
    params: furthest(traced.params, eager.params), m: furthest(traced.optimizer.m, eager.optimizer.m), v: furthest(traced.optimizer.v, eager.optimizer.v),
  }).toEqual({ params: [], m: [], v: [] });
}

/** An engine that hands out every model that it compiles, for code that keeps them to itself. */
export async function openEngineThatShows(mode: Mode): Promise<{ readonly engine: Engine; readonly compiled: readonly { readonly model: Compiled; readonly spec: CompileSpec; readonly trains: boolean }[] }> {
  const engine = await openEngine({ threads: 1, mode });
  const compiled: { model: Compiled; spec: CompileSpec; trains: boolean }[] = [];
  return {
    compiled,
    engine: {
      ...engine,
      compile(spec) {
        const model = engine.compile(spec);
        compiled.push({ model, spec, trains: Object.values(spec.functions).some(({ kind }) => kind === 'train') });
        return model;
      },
    },
  };
}
