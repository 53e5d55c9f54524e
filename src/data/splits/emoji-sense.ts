import { EMOJI_BY_HAND } from './emoji-by-hand.js';
import { EMOJI_HINTS, EMOJI_NOUNS } from './emoji-hints.js';
import { chooseSense, type SenseChoice } from './sense-rule.js';
import { sideOfSense } from './sides.js';

/**
 * Sense of an emoji's name: by hand where it stands in the hand-made table, else by rule with the hint of its Unicode
 * subgroup. This is what the committed table (emoji-senses.ts) is filled by.
 */
export function chooseEmojiSense(name: string, subgroup: string): SenseChoice {
  const byHand = EMOJI_BY_HAND[name];
  if (byHand !== undefined) {
    const [sense, why] = byHand;
    return { sense, side: sense === null ? null : sideOfSense(sense), reason: `by hand: ${why}` };
  }
  const known = EMOJI_HINTS[subgroup];
  if (known === undefined) return { sense: null, side: null, reason: `nothing is known about the subgroup ${subgroup}` };
  if (known.kind === 'abstract') return { sense: null, side: null, reason: known.why };
  const pattern = EMOJI_NOUNS.find(({ subgroups, pattern }) => subgroup.startsWith(subgroups) && pattern.test(name));
  const noun = pattern === undefined ? name : pattern.noun === '' ? name.replace(pattern.pattern, '') : pattern.noun;
  const choice = chooseSense(noun, { ...known.hint, category: subgroup });
  return pattern === undefined ? choice : { ...choice, reason: `${choice.reason}; ${pattern.why}` };
}
