import { hasAverage, type Comparison } from '../../results/comparison.js';
import type { Statistics } from '../../results/effects/index.js';
import { measureName } from '../measure-text.js';
import { intervalPercent, percent, percentOrDash, plural } from '../numbers.js';
import { columnGroups, isLevel, pNumber } from '../significance.js';
import { taskLabels } from '../task-names.js';

/** The tests behind a table's letters. Strings are ready to print. */
interface PairsView { readonly caption: string; readonly rows: readonly PairRow[] }

/** `sort`: unrounded keys of the columns of numbers, in their order. */
interface PairRow {
  /** A task, or `average`. */
  readonly on: string;
  readonly entry: string;
  readonly against: string;
  readonly difference: string;
  readonly interval: string;
  readonly p: string;
  readonly adjusted: string;
  readonly differs: boolean;
  /** Empty where they differ. */
  readonly detectable: string;
  readonly sort: { readonly difference: number; readonly p: number; readonly adjusted: number; readonly detectable: number | '' };
}

/** Every two entries of each column, the average first. Null where the table has no letters. */
export function pairsView(comparison: Comparison, statistics: Statistics): PairsView | null {
  const { id, measure, title, protocol, tasks, seeds } = comparison;
  const labels = taskLabels(tasks.map(({ task }) => task.name));
  const columns = [...(hasAverage(comparison) ? [null] : []), ...tasks.map(({ task }) => task.name)];
  const rows = columns.flatMap((task) => (columnGroups(statistics, id, task)?.pairs ?? []).map((pair): PairRow => {
    const { entry, against, mean, overall, p, adjusted } = pair;
    const level = isLevel(pair);
    const detectable = level ? pair.detectable : null;
    return {
      on: task === null ? 'average' : labels.get(task)!,
      entry, against,
      difference: percent(mean),
      interval: intervalPercent(overall),
      p: pNumber(p),
      adjusted: pNumber(adjusted),
      differs: !level,
      detectable: level ? percentOrDash(detectable) : '',
      sort: { difference: mean, p, adjusted, detectable: detectable ?? '' },
    };
  }));
  return rows.length === 0 ? null : {
    caption: `How far the entry with the higher mean lies above the other, in percentage points of test ${measureName(measure)} by ${title} (protocol ${protocol.hash}), ${plural(seeds, 'seed')}, with its 95 % interval if seeds and test images were other ones (not corrected for the number of pairs). p: of the paired test over both; after Holm: corrected over all pairs of the column, and what the letters are by. Would be found: a true difference that the strictest step of the correction finds in 4 of 5 such runs.`,
    rows,
  };
}
