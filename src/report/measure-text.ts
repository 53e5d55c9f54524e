import type { Comparison, Measure } from '../results/comparison.js';
import { metricName, plural } from './numbers.js';

/** What a table's values are: `accuracy`, `mIoU`, `box AP`, `mask AP`. */
export const measureName = (measure: Measure): string => (measure === 'accuracy' ? measure : metricName(measure));

/** ` mIoU` behind a number that is no accuracy; nothing behind one that is. */
export const measureBehind = (measure: Measure): string => (measure === 'accuracy' ? '' : ` ${measureName(measure)}`);

/**
 * What the averages of several tables are: `Test accuracy in %, mean over 8 tasks`; where they differ,
 * `On test images in %: accuracy, mean over 8 tasks (linear, knn); mIoU of 1 task (upernet)`.
 */
export function averagesText(comparisons: readonly Pick<Comparison, 'measure' | 'title' | 'tasks'>[]): string {
  const over = (tasks: number): string => (tasks === 1 ? 'of 1 task' : `mean over ${plural(tasks, 'task')}`);
  const kinds = new Map<string, string[]>();
  for (const { measure, title, tasks } of comparisons) {
    const kind = `${measureName(measure)}${tasks.length === 1 ? ' ' : ', '}${over(tasks.length)}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), title]);
  }
  const [first] = comparisons;
  if (first === undefined) return '';
  if (kinds.size === 1) return `Test ${measureName(first.measure)} in %, mean over ${plural(first.tasks.length, 'task')}`;
  return `On test images in %: ${[...kinds].map(([kind, titles]) => `${kind} (${titles.join('; ')})`).join('; ')}`;
}
