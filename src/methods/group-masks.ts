import { maskNoise, type Masks } from './mae/masks.js';

/**
 * Which image of its group gives which patches, by the order of noise: the first L / n positions are the first image's, and
 * so on. Every position is one image's, and every such assignment is equally likely.
 *
 * @param noise [groups, patches], row-major
 * @param images n, of a group
 * @returns masks of groups * n images: a group's images follow each other
 */
export function mixOfNoise(noise: Float64Array, patches: number, images: number): Masks {
  const batch = (noise.length / patches) * images;
  const own = patches / images;
  const keep = new Int32Array(batch * own);
  const masked = new Int32Array(batch * (patches - own));
  const restore = new Int32Array(batch * patches).fill(own);
  for (let group = 0; group < batch / images; group++) {
    const row = noise.subarray(group * patches, (group + 1) * patches);
    const shuffle = Int32Array.from({ length: patches }, (_, l) => l).sort((i, j) => row[i]! - row[j]!);
    for (let i = 0; i < images; i++) {
      const b = group * images + i;
      const [from, to] = [i * own, (i + 1) * own];
      keep.set(shuffle.subarray(from, to), b * own);
      masked.set(shuffle.subarray(0, from), b * (patches - own));
      masked.set(shuffle.subarray(to), b * (patches - own) + from);
      for (let k = 0; k < own; k++) restore[b * patches + shuffle[from + k]!] = k;
    }
  }
  return { keep, masked, restore };
}

/** The mixing of one step. */
export const drawMix = (groups: number, patches: number, images: number, seed: number, step: number, purpose = 'mix'): Masks =>
  mixOfNoise(maskNoise(groups, patches, seed, step, purpose), patches, images);
