import type { ParamSpec } from '../../src/engine/contract.js';

/** The formulas of scripts/reference/seeded.py. */
export function seeded(index: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const t = i + 31 * index + 1;
    return ((t * t * 37 + t * 101 + 7 * index) % 10007) / 10007 * 2 - 1;
  });
}

/** Values of the parameter number `index`, as `seeded_parameter`. */
export function seededParameter(index: number, name: string, shape: readonly number[]): Float32Array {
  const count = shape.reduce((product, n) => product * n, 1);
  const u = seeded(index, count);
  const value = name.endsWith('running_var') || ((name.includes('norm') || name.includes('.bn.')) && name.endsWith('weight')) ? (x: number) => 1 + 0.2 * x
    : shape.length === 1 ? (x: number) => 0.1 * x
    : name === 'cls_token' || name === 'mask_token' ? (x: number) => 0.05 * x
    : (x: number) => x * Math.sqrt(6 / (shape[0]! + count / shape[0]!));
  return Float32Array.from(u, value);
}

export const seededPixels = (index: number, count: number): Uint8Array =>
  Uint8Array.from(seeded(index, count), (u) => Math.min(255, Math.max(0, Math.floor((u + 1) * 128))));

/** Specs with seeded values instead of initial ones; `names` gives the order in which they are numbered. */
export const withSeeded = (specs: readonly ParamSpec[], names: readonly string[]): readonly ParamSpec[] =>
  specs.map((spec) => (names.includes(spec.name) ? { ...spec, value: seededParameter(names.indexOf(spec.name), spec.name, spec.shape) } : spec));

/** What scripts/reference/mae.py writes of a tensor. */
export interface Summary { readonly norm: number; readonly dot: number; readonly first: readonly number[]; readonly last: readonly number[] }

export function summary(values: ArrayLike<number>): Summary {
  const list = Array.from(values);
  const weights = seeded(5, list.length);
  return {
    norm: Math.sqrt(list.reduce((sum, x) => sum + x * x, 0)),
    dot: list.reduce((sum, x, i) => sum + x * weights[i]!, 0),
    first: list.slice(0, 4),
    last: list.slice(-4),
  };
}

/** Largest difference between two summaries, relative to the tensor's size: `norm` for sums, its root mean square for single values. */
export function difference(found: Summary, wanted: Summary, count: number): number {
  const typical = wanted.norm / Math.sqrt(count);
  const single = [...found.first, ...found.last].map((x, i) => Math.abs(x - [...wanted.first, ...wanted.last][i]!) / Math.max(typical, 1e-12));
  return Math.max(Math.abs(found.norm - wanted.norm) / wanted.norm, Math.abs(found.dot - wanted.dot) / wanted.norm, ...single);
}

/** Without the keys' bias, which softmax does not see (see scripts/reference/mae.py). */
export function withoutKeyBias(name: string, values: Float32Array): Float32Array {
  if (!name.endsWith('attn.qkv.bias')) return values;
  const third = values.length / 3;
  const kept = new Float32Array(2 * third);
  kept.set(values.subarray(0, third));
  kept.set(values.subarray(2 * third), third);
  return kept;
}
