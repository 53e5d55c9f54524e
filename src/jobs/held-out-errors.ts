import { evalBatch } from '../data/loader/index.js';
import type { PreparedSet } from '../data/image-set.js';
import type { Compiled } from '../engine/contract.js';
import { sha256 } from '../files.js';
import type { TrainRecipe } from '../methods/method.js';
import { stream } from '../random.js';
import type { PretrainBody } from '../results/types.js';

/** Images that are judged, at most, and masks of each. */
const most = 512;
const masksOfEach = 4;

interface HeldOutArguments {
  readonly set: PreparedSet;
  /** What is trained on by an entry of the full data. */
  readonly trained: { readonly indices: ArrayLike<number> };
  readonly seed: number;
  readonly size: number;
}

/**
 * Errors of hidden patches on images that no pre-training of the suite sees, in an order that is the same for all entries at a seed: so a method that mixes
 * images mixes strangers. None that could not be decoded. Whole calls only; nothing where the method has no such function, or where no call can be filled.
 */
export function heldOutErrors({ heldOut }: TrainRecipe, compiled: Compiled, { set, trained, seed, size }: HeldOutArguments): Pick<PretrainBody, 'heldOut'> {
  if (heldOut === undefined) return {};
  const seen = new Set(Array.from(trained.indices));
  const black = new Set(set.unreadable.map(({ id }) => id));
  const free = set.records.flatMap(({ id }, index) => (seen.has(index) || black.has(id) ? [] : [index]));
  const calls = Math.floor(Math.min(most, free.length) / heldOut.count);
  if (calls === 0) return {};
  const chosen = [...stream(seed, 'held-out/order').permutation(free.length)].slice(0, calls * heldOut.count).map((place) => free[place]!);
  const errors = new Float64Array(chosen.length);
  const hidden: string[] = [];
  for (let call = 0; call < calls; call++) {
    const from = call * heldOut.count;
    const images = evalBatch({ set, indices: chosen.slice(from, from + heldOut.count), size });
    for (let mask = 0; mask < masksOfEach; mask++) {
      const draws = heldOut.draws(seed, call * masksOfEach + mask);
      hidden.push(hiddenText(draws.masked, heldOut.count));
      const { data } = compiled.run('held_out', { images, ...draws })['errors']!;
      for (let i = 0; i < heldOut.count; i++) errors[from + i]! += data[i]! / masksOfEach;
    }
  }
  return { heldOut: { ids: chosen.map((index) => set.records[index]!.id), errors: Array.from(errors), masks: sha256(hidden.join(' ')).slice(0, 16), target: heldOut.target } };
}

/** Which patches are hidden, whatever their order. */
function hiddenText(masked: Int32Array, count: number): string {
  const each = masked.length / count;
  return Array.from({ length: count }, (_, i) => masked.slice(i * each, (i + 1) * each).sort().join()).join(';');
}
