import { difference, hasAverage, type Comparison, type Group } from '../../results/comparison.js';
import type { Statistics } from '../../results/effects/index.js';
import { includesZero, seedsForInterval, significance, type Summary } from '../../results/intervals.js';
import { measureName } from '../measure-text.js';
import { mixedFlag } from '../mixed-text.js';
import { percent, plural, points } from '../numbers.js';
import { taskLabels } from '../task-names.js';

/** One protocol's table of the entries' differences to the suite's reference. Strings are ready to print. */
interface DifferenceView {
  readonly reference: string;
  readonly caption: string;
  readonly columns: readonly string[];
  /** Empty where there is no such column. */
  readonly averageOf: string;
  readonly rows: readonly { readonly entry: string; readonly cells: readonly DifferenceCell[] }[];
}

interface DifferenceCell {
  /** In percentage points, with its sign; a dash where there is nothing to subtract. */
  readonly main: string;
  /** Half-width of the interval, or the differences of the seeds. */
  readonly sub: string;
  /** Sort key: the unrounded difference, as a fraction; empty where there is none. */
  readonly sort: string;
  /** By the paired test over seeds and images; where there is none, the interval leaves out 0. Never where one of the two failed to learn: such a difference says nothing. */
  readonly differs: boolean;
  readonly flags: readonly string[];
  readonly average: boolean;
}

/** Of the two sides together. */
interface Judged {
  readonly seeds: number;
  readonly failedToLearn: boolean;
  readonly average: boolean;
  /** p of the paired test. */
  readonly tested: number | null;
}

const subText = (summary: Summary): string => {
  switch (summary.kind) {
    case 'none': return '';
    case 'values': return summary.values.length === 1 ? '' : summary.values.map(({ value }) => points(value)).join(' / ');
    case 'interval': return `± ${percent(summary.half)}`;
  }
};

type Compared = Pick<Group, 'sample' | 'collapsed' | 'oneEncoder' | 'mixed'>;

function cellOf(one: Compared, other: Compared, { seeds, failedToLearn, average, tested }: Judged): DifferenceCell {
  const summary = difference(one, other);
  const mixed = one.mixed.length + other.mixed.length > 0;
  return {
    main: summary.kind === 'none' ? '\u2013' : points(summary.mean),
    sub: subText(summary),
    sort: summary.kind === 'none' ? '' : String(summary.mean),
    differs: !failedToLearn && !mixed && summary.n === seeds && (tested === null ? includesZero(summary) === false : tested <= significance),
    flags: [
      ...(summary.n > 0 && summary.n < seeds ? [`${summary.n} of ${plural(seeds, 'seed')}`] : []),
      ...(failedToLearn && summary.n > 0 ? ['failed to learn'] : []),
      ...((one.collapsed ?? other.collapsed) === null ? [] : ['collapsed']),
      ...(mixed ? [mixedFlag] : []),
    ],
    average,
  };
}

/** Null where the suite names no reference, or nothing to set beside it. */
export function differenceView(comparison: Comparison, reference: string | null, { effects }: Statistics): DifferenceView | null {
  const { id, measure, title, protocol, tasks, rows, seeds } = comparison;
  const base = rows.find(({ entry }) => entry.name === reference);
  const others = rows.filter((row) => row !== base);
  if (base === undefined || others.length === 0) return null;
  const testedOf = (entry: string, task: string | null): number | null => {
    const effect = effects.find((one) => one.table === id && one.entry === entry && one.task === task);
    return (task === null ? effect?.p : effect?.adjusted) ?? null;
  };
  const labels = taskLabels(tasks.map(({ task }) => task.name));
  return {
    reference: base.entry.name,
    caption: `Difference to ${base.entry.name} in percentage points of test ${measureName(measure)} by ${title} (protocol ${protocol.hash}), ${plural(seeds, 'seed')}, n as above: at each seed the entry minus ${base.entry.name}, then the mean ${seeds < seedsForInterval ? 'with the seeds’ values beneath it.' : '± half-width of the 95 % t-interval over seeds. “Differs”: by the paired test over seeds and test images at 5 %, of tasks by Holm’s correction over the entry’s tasks (where images differ: the interval leaves out 0); letters above are corrected over all pairs of entries, so that two may differ here and share one. What is not shown to differ, and what would be: in the table of the chart of differences.'}`,
    columns: tasks.map(({ task }) => labels.get(task.name)!),
    averageOf: hasAverage(comparison) ? plural(tasks.length, 'task') : '',
    rows: others.map(({ entry, groups, average }) => ({
      entry: entry.name,
      cells: [
        ...groups.map((group, column) => {
          const other = base.groups[column]!;
          const failedToLearn = group.failedToLearn.length + other.failedToLearn.length > 0;
          return cellOf(group, other, { seeds, failedToLearn, average: false, tested: testedOf(entry.name, group.task) });
        }),
        ...(hasAverage(comparison) ? [cellOf(average, base.average, { seeds, failedToLearn: average.failedToLearn || base.average.failedToLearn, average: true, tested: testedOf(entry.name, null) })] : []),
      ],
    })),
  };
}
