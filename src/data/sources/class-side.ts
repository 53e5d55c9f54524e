import type { Side } from '../image-set.js';
import { wnidSide } from '../splits/index.js';
import { sideOfSynset } from '../splits/sides.js';
import { nounSenses } from '../splits/wordnet.js';

/**
 * Side of a class folder by its name alone, and null rather than a guess: a wnid by its synset; another name (without a
 * leading number, `_` read as a space: `01_daffodil`, `grand_piano`) where WordNet has it as a noun, as it stands or
 * without a plural s, and all of its senses lie on one side. So `airplanes` is A and `sunflower` B, while `watch` (a
 * clock, or a person on guard) and `iris` (a flower, or a part of the eye) stay open: a suite says what they are.
 */
export function classSide(name: string): Side | null {
  if (/^n\d{8}$/.test(name)) return wnidSide(name);
  const words = name.normalize('NFC').replace(/^\d+[^\p{L}\p{M}\p{N}]*/u, '').replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim().toLowerCase();
  if (words === '') return null;
  const forms = words.endsWith('s') ? [words, words.slice(0, -1)] : [words];
  const sides = new Set(forms.flatMap((form) => nounSenses(form)).map((synset) => sideOfSynset(synset)));
  const [only] = sides;
  return sides.size === 1 && only !== undefined ? only : null;
}
