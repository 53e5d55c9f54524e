import type { Side } from '../../image-set.js';
import { EMOJI_SENSES } from '../../splits/emoji-senses.js';
import { sideOfSense } from '../../splits/sides.js';

let senses: ReadonlyMap<string, string | null> | undefined;

/** Side of a concept by its name, walked up from its sense in the committed table; null where the name is not resolved. */
export function sideOfConcept(name: string): Side | null {
  senses ??= new Map(EMOJI_SENSES.map(([known, sense]) => [known, sense]));
  const sense = senses.get(name) ?? null;
  return sense === null ? null : sideOfSense(sense);
}
