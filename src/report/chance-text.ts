import { rangeOf, type Range, type TaskColumn, type TaskFacts } from '../results/comparison.js';
import { percent } from './numbers.js';

/** `9.1`, `4.2 to 9.1`: in percent. */
const percentRange = ({ low, high }: Range): string => (percent(low) === percent(high) ? percent(low) : `${percent(low)} to ${percent(high)}`);

/** Of one task: `9.1 %, largest class 29.3 %`. */
export const taskChance = ({ chance, largestClass }: TaskFacts): string =>
  `${percent(chance)} %${largestClass === null ? '' : `, largest class ${percentRange(largestClass)} %`}`;

/** Of a table's tasks; empty before the first result. */
export function chanceSentence(columns: readonly TaskColumn[]): string {
  const facts = columns.flatMap((column) => column.facts ?? []);
  if (facts.length === 0) return '';
  const largest = facts.flatMap(({ largestClass }) => (largestClass === null ? [] : [largestClass.low, largestClass.high]));
  const known = largest.length === 0 ? '' : `; the largest class has ${percentRange(rangeOf(largest))} % of the training images`;
  return `Chance is ${percentRange(rangeOf(facts.map(({ chance }) => chance)))} %${facts.length > 1 ? ', by task' : ''}${known}.`;
}

/** What `failed to learn` means. */
export const failedToLearnMeans = 'accuracy on its own training images under twice chance, or not above the share of the largest class';
