import type { Comparison } from '../results/comparison.js';

/** The mark of a value that was not measured as the rest of its table, wherever it stands. */
export const mixedFlag = 'measured otherwise';

/** One sentence for each group of a table that was not measured as the table, or as most of it. */
export const mixedSentences = ({ title, protocol: { hash }, rows }: Comparison): readonly string[] =>
  rows.flatMap(({ groups }) => groups.flatMap(({ entry, task, mixed }) => (mixed.length === 0 ? [] : [
    `${entry} on ${task} is not measured as the rest of ${title} (protocol ${hash}): ${mixed.join('; ')}. It is not ranked, and nothing is concluded from it.`,
  ])));
