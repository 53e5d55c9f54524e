import { REMOVED_ROWS } from './removed.js';

/** Why a drawing is not used: it nearly equals `like`. Ids are `set/codepoints`. */
export type DuplicateRule =
  /** Drawn by another family. */
  | 'across-families'
  /** Another concept of the same set: one picture under two names. */
  | 'same-set'
  /** A drawing for pre-training that nearly equals one of a downstream concept, by whichever artist. */
  | 'near-downstream';

export interface Removed { readonly id: string; readonly like: string; readonly rule: DuplicateRule; readonly distance: number }

/** The drawings that are left out, found by scripts/data/emoji-duplicates.mjs. */
export const REMOVED: readonly Removed[] = REMOVED_ROWS.map(([id, like, rule, distance]) => ({ id, like, rule, distance }));
