import { rangeOf, type Range, type TaskColumn, type TaskFacts } from '../results/comparison.js';
import { percent } from './numbers.js';

/** `9.1`, `4.2 to 9.1`: in percent. */
const percentRange = ({ low, high }: Range): string => (percent(low) === percent(high) ? percent(low) : `${percent(low)} to ${percent(high)}`);

/** Of one task: `9.1 %, largest class 29.3 %`; of segmentation `7.6 % by the most frequent class`; of detection `box AP50 0.9 % by blind guesses`. */
export function taskChance({ metric, chance, largestClass }: TaskFacts): string {
  if (metric === 'box_ap' || metric === 'mask_ap') return largestClass === null ? '' : `box AP50 ${percentRange(largestClass)} % by blind guesses`;
  if (metric === 'miou') return largestClass === null ? '' : `${percentRange(largestClass)} % by the most frequent class`;
  return `${percent(chance)} %${largestClass === null ? '' : `, largest class ${percentRange(largestClass)} %`}`;
}

/** Of a table's tasks; empty before the first result. */
export function chanceSentence(columns: readonly TaskColumn[]): string {
  const facts = columns.flatMap((column) => column.facts ?? []);
  const largest = facts.flatMap(({ largestClass }) => (largestClass === null ? [] : [largestClass.low, largestClass.high]));
  const metrics = new Set(facts.map(({ metric }) => metric));
  if (facts.length === 0) return '';
  if (metrics.has('box_ap') || metrics.has('mask_ap')) return largest.length === 0 ? '' : `On training images the best of 20 guesses that look at none, boxes of other images in any order, reaches a box AP50 of ${percentRange(rangeOf(largest))} %.`;
  if (metrics.has('miou')) return largest.length === 0 ? '' : `On training images, saying the most frequent class of every pixel reaches ${percentRange(rangeOf(largest))} %.`;
  const known = largest.length === 0 ? '' : `; the largest class has ${percentRange(rangeOf(largest))} % of the training images`;
  return `Chance is ${percentRange(rangeOf(facts.map(({ chance }) => chance)))} %${facts.length > 1 ? ', by task' : ''}${known}.`;
}

/** What `failed to learn` means. */
export const failedToLearnMeans = 'accuracy on its own training images under twice chance (of two classes under 75 %), or not above what saying the most frequent class reaches (detection: the best of 20 guesses that look at no image)';
