import type { Side } from '../../image-set.js';
import { EMOJI_SENSES } from '../../splits/emoji-senses.js';
import { sideOfSense } from '../../splits/sides.js';

let senses: ReadonlyMap<string, string | null> | undefined;

/** WordNet sense key of a concept by its name, from the committed table; null where the name is not resolved. */
export function senseOfConcept(name: string): string | null {
  senses ??= new Map(EMOJI_SENSES.map(([known, sense]) => [known, sense]));
  return senses.get(name) ?? null;
}

/** Side of a concept by its name, walked up from its sense; null where the name is not resolved. */
export function sideOfConcept(name: string): Side | null {
  const sense = senseOfConcept(name);
  return sense === null ? null : sideOfSense(sense);
}
