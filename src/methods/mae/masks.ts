import { stream } from '../../random.js';

/** Masks of one batch, row-major int32, see models/mae-decoder.ts. */
export interface Masks {
  /** [batch, K] */
  readonly keep: Int32Array;
  /** [batch, L - K] */
  readonly masked: Int32Array;
  /** [batch, L] */
  readonly restore: Int32Array;
}

/**
 * Random masks of one step: for each image the order of uniform noise (`ids_shuffle = argsort(noise)`); the first K are
 * kept. Drawn for the purpose `mask`, so that all entries mask equally at equal seed, step and place in the batch.
 */
export function drawMasks(batch: number, patches: number, kept: number, seed: number, step: number, purpose = 'mask'): Masks {
  const keep = new Int32Array(batch * kept);
  const masked = new Int32Array(batch * (patches - kept));
  const restore = new Int32Array(batch * patches);
  const noise = new Float64Array(patches);
  for (let b = 0; b < batch; b++) {
    const draws = stream(seed, purpose, step, b);
    for (let l = 0; l < patches; l++) noise[l] = draws.uniform();
    const shuffle = Int32Array.from({ length: patches }, (_, l) => l).sort((i, j) => noise[i]! - noise[j]!);
    keep.set(shuffle.subarray(0, kept), b * kept);
    masked.set(shuffle.subarray(kept), b * (patches - kept));
    restore.fill(kept, b * patches, (b + 1) * patches);
    for (let k = 0; k < kept; k++) restore[b * patches + shuffle[k]!] = k;
  }
  return { keep, masked, restore };
}
