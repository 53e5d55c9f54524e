/**
 * Writes the committed sense tables, src/data/splits/emoji-senses.ts and cifar100-senses.ts, from the rule and the
 * hand-made tables: npm run build && node scripts/data/sense-tables.mjs [folder of the built files, default dist]
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const built = resolve(process.argv[2] ?? 'dist');
const { allConcepts } = await import(`${built}/data/sources/emoji/concepts.js`);
const { chooseEmojiSense } = await import(`${built}/data/splits/emoji-sense.js`);
const { CIFAR100_BY_HAND, CIFAR100_SUPERCLASSES } = await import(`${built}/data/splits/cifar100-hints.js`);
const { chooseSense } = await import(`${built}/data/splits/sense-rule.js`);

const quote = (text) => (text === null ? 'null' : `'${text.replaceAll("'", "\\'")}'`);
const rows = (table) => table.map((row) => `  [${row.map(quote).join(', ')}],`).join('\n');

const emoji = allConcepts().map(({ name, subgroup }) => {
  const { sense, reason } = chooseEmojiSense(name, subgroup);
  return [name, sense, reason];
});
writeFileSync('src/data/splits/emoji-senses.ts', `/**
 * Which WordNet sense the name of each emoji concept has, and why: name, sense key (null where it is not resolved), reason.
 * Filled by scripts/data/sense-tables.mjs; change the rule (sense-rule.ts, emoji-hints.ts) or emoji-by-hand.ts and run it.
 */
export const EMOJI_SENSES: readonly (readonly [name: string, sense: string | null, reason: string])[] = [
${rows(emoji)}
];
`);

const cifar100 = CIFAR100_SUPERCLASSES.flatMap(({ superclass, labels, hint }) => labels.map((label) => {
  const byHand = CIFAR100_BY_HAND[label];
  if (byHand !== undefined) return [label, byHand[0], `by hand: ${byHand[1]}`];
  const { sense, reason } = chooseSense(label.replaceAll('_', ' '), { ...hint, category: superclass });
  if (sense === null) throw new Error(`${label}: ${reason}`);
  return [label, sense, reason];
}));
writeFileSync('src/data/splits/cifar100-senses.ts', `/**
 * Which WordNet sense each fine label of CIFAR-100 has, and why: label, sense key, reason. Filled by
 * scripts/data/sense-tables.mjs; change the rule (sense-rule.ts, cifar100-hints.ts) and run it.
 */
export const CIFAR100_SENSES: readonly (readonly [label: string, sense: string, reason: string])[] = [
${rows(cifar100)}
];
`);
