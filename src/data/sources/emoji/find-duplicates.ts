import type { Removed } from './duplicates.js';
import { hashDistance, NEAR_ACROSS_FAMILIES, NEAR_WITHIN_SET } from './perceptual-hash.js';

/** A drawing with its hash. */
export interface Hashed { readonly id: string; readonly set: string; readonly family: string; readonly hash: Float32Array }

const rounded = (distance: number): number => Number(distance.toFixed(4));

/**
 * Of each near-duplicate pair (across families, or one picture under two names within a set) the later drawing goes,
 * unless the earlier one is gone already. Order is the order of `drawings`.
 */
export function findDuplicates(drawings: readonly Hashed[]): readonly Removed[] {
  const gone = new Map<string, Removed>();
  drawings.forEach((later, j) => {
    for (let i = 0; i < j; i++) {
      const earlier = drawings[i];
      if (earlier === undefined || gone.has(earlier.id)) continue;
      const across = earlier.family !== later.family;
      if (!across && earlier.set !== later.set) continue;
      const distance = hashDistance(earlier.hash, later.hash, across ? NEAR_ACROSS_FAMILIES : NEAR_WITHIN_SET);
      if (distance === Infinity) continue;
      gone.set(later.id, { id: later.id, like: earlier.id, rule: across ? 'across-families' : 'same-set', distance: rounded(distance) });
      break;
    }
  });
  return [...gone.values()];
}

/** Pre-training drawings that nearly equal a downstream one. `distance` limit as across families, whoever the artist is. */
export function findNearDownstream(pretraining: readonly Hashed[], downstream: readonly Hashed[]): readonly Removed[] {
  return pretraining.flatMap((drawing): Removed[] => {
    for (const other of downstream) {
      const distance = hashDistance(drawing.hash, other.hash, NEAR_ACROSS_FAMILIES);
      if (distance !== Infinity) return [{ id: drawing.id, like: other.id, rule: 'near-downstream', distance: rounded(distance) }];
    }
    return [];
  });
}
