import type { Cell } from '../../results/cells.js';
import type { Average, Group } from '../../results/comparison.js';
import { mixedFlag } from '../mixed-text.js';
import { plural } from '../numbers.js';

/** What is not as planned with a value of a table, in words: the same wherever the value stands. */

const states = (cells: readonly Cell[], state: Cell['state']): number => cells.filter((cell) => cell.state === state).length;

/** Seeds without a result because a job failed, its own or one that it needs. */
export const failedSeeds = ({ cells }: Pick<Group, 'cells'>): number => states(cells, 'failed') + states(cells, 'skipped');

/** Of an entry on a task; `seeds`: how many were planned. */
export function groupFlags(group: Pick<Group, 'cells' | 'sample' | 'failedToLearn' | 'collapsed' | 'mixed'>, seeds: number): readonly string[] {
  const failed = failedSeeds(group);
  const learned = group.failedToLearn.length;
  const missing = seeds - group.sample.size - failed;
  return [
    ...(group.collapsed === null ? [] : ['collapsed']),
    ...(group.mixed.length === 0 ? [] : [mixedFlag]),
    ...(failed > 0 ? [`${failed} of ${plural(seeds, 'seed')} failed`] : []),
    ...(group.sample.size > 0 && missing > 0 ? [`${missing} of ${plural(seeds, 'seed')} not run`] : []),
    ...(learned > 0 ? [`failed to learn${learned === group.sample.size ? '' : ` in ${learned} of ${plural(group.sample.size, 'seed')}`}`] : []),
  ];
}

/** Of an entry over all tasks. */
export const averageFlags = (average: Pick<Average, 'collapsed' | 'mixed' | 'completeTasks' | 'tasks' | 'failedToLearn'>): readonly string[] => [
  ...(average.collapsed === null ? [] : ['collapsed']),
  ...(average.mixed.length === 0 ? [] : [mixedFlag]),
  ...(average.completeTasks < average.tasks ? [`${average.completeTasks} of ${plural(average.tasks, 'task')} complete`] : []),
  ...(average.failedToLearn ? ['failed to learn on a task'] : []),
];
