import { type Arrays, type StepDraws, stepDraws } from '../../data/loader/index.js';
import { dropPathDraws } from '../../models/drop-path-draws.js';
import { stream } from '../../random.js';
import { blockMask } from './block-mask.js';
import type { IbotOptions } from './options.js';

interface IbotDraws {
  readonly mask: IbotOptions['mask'];
  /** Patches a side of a large view. */
  readonly side: number;
  readonly batch: number;
  readonly seed: number;
  /** Of all views together, large ones first; null: none. */
  readonly dropPath: { readonly depth: number; readonly rate: number; readonly views: number } | null;
}

/** The mask of one view: [side * side], 1 where a patch is masked. Index: view by view, image by image. */
export function drawMask({ shape, probability, ratio, aspect }: IbotOptions['mask'], side: number, seed: number, step: number, index: number): Float32Array {
  const draws = stream(seed, 'ibot-mask', step, index);
  const patches = side * side;
  if (draws.uniform() >= probability) return new Float32Array(patches);
  const most = draws.between(ratio[0]!, ratio[1]!) * patches;
  if (shape === 'block') return blockMask(side, most, [aspect[0]!, aspect[1]!], draws);
  const mask = new Float32Array(patches);
  for (const patch of draws.permutation(patches).subarray(0, Math.trunc(most))) mask[patch] = 1;
  return mask;
}

/** `mask` float32 [2 * batch, L], and `drop_path` as `dropPathDraws` gives it. */
export function drawStep({ mask, side, batch, seed, dropPath }: IbotDraws, step: number): Arrays {
  const patches = side * side;
  const masks = new Float32Array(2 * batch * patches);
  for (let index = 0; index < 2 * batch; index++) masks.set(drawMask(mask, side, seed, step, index), index * patches);
  return { mask: masks, ...(dropPath === null ? {} : { drop_path: dropPathDraws(dropPath.depth, dropPath.rate, dropPath.views * batch, seed, step) }) };
}

/** Masks and stochastic depth of every step. */
export const ibotDraws = (args: IbotDraws): StepDraws => stepDraws(import.meta.url, drawStep, args);
