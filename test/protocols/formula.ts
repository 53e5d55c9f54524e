import type { VitConfig } from '../../src/models/config.js';

/** Values that scripts/reference/protocols.py makes in the same way. */
export const formulaModel: VitConfig = { name: 'custom', imageSize: 8, patchSize: 4, width: 16, depth: 2, heads: 2, mlpRatio: 2 };

export const wave = (count: number, phase: number, scale: number, offset = 0): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => offset + scale * Math.sin(0.37 * i + phase));

/** uint8 [count, 8, 8, 3]. */
export const pictures = (count: number): Uint8Array => Uint8Array.from({ length: count * 8 * 8 * 3 }, (_, i) => (i * 37 + ((i * i) % 101) * 5) % 256);

/** A value for each tensor by its place in the order of names. */
export function waveWeights(shapes: readonly { readonly name: string; readonly shape: readonly number[] }[]): ReadonlyMap<string, Float32Array> {
  const ordered = [...shapes].sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map(ordered.map(({ name, shape }, t) => {
    const gain = name.includes('norm') && name.endsWith('weight');
    return [name, wave(shape.reduce((product, n) => product * n, 1), 1.3 * t + 0.5, 0.2, gain ? 1 : 0)] as const;
  }));
}
