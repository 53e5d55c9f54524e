import { stream } from '../../random.js';

/** Purpose of a pre-training's draws: with its seed and batch size `trainPositions` tells which images a step takes. */
export const pretrainPurpose = 'pretrain';

/** Orders of the latest few epochs: a batch may lie across two, and two loaders may take turns. */
const kept = 4;
const cache = new Map<string, Int32Array>();

/** The order of one epoch: a permutation of 0..n-1, a function of (seed, purpose, epoch, n). Not to be written to. */
export function epochOrder(seed: number, purpose: string, epoch: number, n: number): Int32Array {
  const key = `${seed} ${epoch} ${n} ${purpose}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const order = stream(seed, `${purpose}/order`, epoch).permutation(n);
  for (const oldest of cache.keys()) {
    if (cache.size < kept) break;
    cache.delete(oldest);
  }
  cache.set(key, order);
  return order;
}
