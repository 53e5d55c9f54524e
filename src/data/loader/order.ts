import { stream } from '../../random.js';

/** Purpose of a pre-training's draws: with its seed, its batch size and what it is even over `trainPositions` tells which images a step takes. */
export const pretrainPurpose = 'pretrain';

/** Orders of the latest few epochs: a batch may lie across two, and two loaders may take turns. */
const kept = 4;
const cache = new Map<string, Int32Array>();

/** Tells lists of groups apart in the cache's keys. A series and its draws that hold one list get one order of it, in threads too, as messages keep that. */
const numbers = new WeakMap<Int32Array, number>();
let last = 0;
function numberOf(groups: Int32Array): number {
  const known = numbers.get(groups) ?? ++last;
  numbers.set(groups, known);
  return known;
}

/**
 * The order of one epoch: a permutation of 0..n-1, a function of (seed, purpose, epoch, n) and, where given, of the group of each image
 * (`spread`). Not to be written to.
 */
export function epochOrder(seed: number, purpose: string, epoch: number, n: number, groups?: Int32Array): Int32Array {
  const key = `${seed} ${epoch} ${n} ${groups === undefined ? '' : numberOf(groups)} ${purpose}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const draws = stream(seed, `${purpose}/order`, epoch);
  const shuffled = draws.permutation(n);
  const order = groups === undefined ? shuffled : spread(shuffled, groups, draws.uniform);
  for (const oldest of cache.keys()) {
    if (cache.size < kept) break;
    cache.delete(oldest);
  }
  cache.set(key, order);
  return order;
}

/**
 * The images of each group at equal distances over the epoch, in the order in which they were shuffled, each group from a place by chance on:
 * wherever batches are cut, each holds of every group what its size asks for, one or two more or less.
 */
function spread(shuffled: Int32Array, groups: Int32Array, uniform: () => number): Int32Array {
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const next = new Map(Array.from(sizes.keys()).sort((a, b) => a - b).map((group) => [group, uniform()]));
  const places = new Float64Array(shuffled.length);
  for (const image of shuffled) {
    const group = groups[image]!;
    const place = next.get(group)!;
    places[image] = place / sizes.get(group)!;
    next.set(group, place + 1);
  }
  return shuffled.slice().sort((a, b) => places[a]! - places[b]!);
}
