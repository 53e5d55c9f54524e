import { type Arrays, type StepDraws, stepDraws } from '../../data/loader/index.js';
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
 * Masks by the order of noise, as MAE makes them (`ids_shuffle = argsort(noise)`): the K patches with the least noise are
 * kept, in that order.
 *
 * @param noise [batch, patches], row-major
 */
export function masksOfNoise(noise: Float64Array, patches: number, kept: number): Masks {
  const batch = noise.length / patches;
  const keep = new Int32Array(batch * kept);
  const masked = new Int32Array(batch * (patches - kept));
  const restore = new Int32Array(batch * patches).fill(kept);
  for (let b = 0; b < batch; b++) {
    const row = noise.subarray(b * patches, (b + 1) * patches);
    const shuffle = Int32Array.from({ length: patches }, (_, l) => l).sort((i, j) => row[i]! - row[j]!);
    keep.set(shuffle.subarray(0, kept), b * kept);
    masked.set(shuffle.subarray(kept), b * (patches - kept));
    for (let k = 0; k < kept; k++) restore[b * patches + shuffle[k]!] = k;
  }
  return { keep, masked, restore };
}

/** Noise [rows, patches] of one step, a stream for each row. */
export function maskNoise(rows: number, patches: number, seed: number, step: number, purpose: string): Float64Array {
  const noise = new Float64Array(rows * patches);
  for (let row = 0; row < rows; row++) {
    const draws = stream(seed, purpose, step, row);
    for (let l = 0; l < patches; l++) noise[row * patches + l] = draws.uniform();
  }
  return noise;
}

/**
 * Random masks of one step. Drawn for the purpose `mask`, so that all entries mask equally at equal seed, step and place
 * in the batch.
 */
export const drawMasks = (batch: number, patches: number, kept: number, seed: number, step: number, purpose = 'mask'): Masks =>
  masksOfNoise(maskNoise(batch, patches, seed, step, purpose), patches, kept);

interface MaskDraws { readonly batch: number; readonly patches: number; readonly kept: number; readonly seed: number }

export const drawStep = ({ batch, patches, kept, seed }: MaskDraws, step: number): Arrays => ({ ...drawMasks(batch, patches, kept, seed, step) });

/** The masks of every step. */
export const maskDraws = (args: MaskDraws): StepDraws => stepDraws(import.meta.url, drawStep, args);
