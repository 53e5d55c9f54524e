import type { ImageRecord } from '../../image-set.js';
import { allConcepts, type Concept } from './concepts.js';
import { usesOf, type Use } from './downstream.js';
import { REMOVED } from './duplicates.js';
import { FAMILY_OF, type SetName } from './sets.js';
import { sideOfConcept } from './sides.js';

/** One image of the set with what its record cannot say. */
export interface EmojiImage { readonly record: ImageRecord; readonly set: SetName; readonly icon: string; readonly concept: Concept; readonly use: Use }

let images: readonly EmojiImage[] | undefined;

/** Every image in order: by concept in Unicode's order, then by set. Near-duplicates are left out. */
export function allImages(): readonly EmojiImage[] {
  if (images !== undefined) return images;
  const concepts = allConcepts();
  const duplicates = new Set(REMOVED.filter(({ rule }) => rule !== 'near-downstream').map(({ id }) => id));
  const removed = new Set(REMOVED.map(({ id }) => id));
  const uses = usesOf(concepts, (id) => duplicates.has(id));
  images = concepts.flatMap((concept) => {
    const side = sideOfConcept(concept.name);
    return concept.drawings.flatMap(({ set, icon }): EmojiImage[] => {
      const id = `${set}/${concept.code}`;
      if (removed.has(id)) return [];
      const record: ImageRecord = { id, label: concept.name, group: concept.subgroup, domain: FAMILY_OF[set], split: null, side };
      return [{ record, set, icon, concept, use: uses.get(concept.code)! }];
    });
  });
  return images;
}
