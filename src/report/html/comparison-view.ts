import { type Comparison, type ComparisonRow, type Group, hasAverage, type TaskColumn } from '../../results/comparison.js';
import type { ColumnGroups, Statistics } from '../../results/effects/index.js';
import { seedsForInterval, type Summary } from '../../results/intervals.js';
import type { ResolvedEntry } from '../../suite/resolved.js';
import { accuracyChart } from '../charts/accuracy.js';
import type { Look } from '../charts/palette.js';
import { chanceSentence, failedToLearnMeans } from '../chance-text.js';
import type { Chart } from '../charts/svg.js';
import { measureName } from '../measure-text.js';
import { mixedSentences } from '../mixed-text.js';
import { metricName, percent, plural, rangeText } from '../numbers.js';
import { ownOptionsSentence } from '../option-facts.js';
import { comparisonSentence, sideName } from '../sentences.js';
import { columnGroups, lettersMean, lettersSee, markOf, wordsMean } from '../significance.js';
import { averageFlags, failedSeeds, groupFlags } from './cell-flags.js';
import { cellAnchor } from './cells-view.js';

/** One protocol's panel: sentence, table, chart. Strings are ready to print. */
interface ComparisonPanel {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly sentence: string;
  readonly caption: string;
  readonly columns: readonly ColumnView[];
  /** Empty where there is no such column. */
  readonly averageOf: string;
  readonly rows: readonly RowView[];
  readonly notes: readonly string[];
  readonly chart: Chart;
}

/** `data` is empty where all tasks come from one data set. */
interface ColumnView { readonly data: string; readonly name: string; readonly facts: readonly string[] }
interface RowView { readonly entry: string; readonly about: string; readonly cells: readonly CellView[] }

export interface CellView {
  /** Mean in %, or why there is none. */
  readonly main: string;
  /** Interval, or the seeds' values. */
  readonly sub: string;
  /** Sort key: the unrounded mean, as a fraction; empty where there is none. */
  readonly sort: string;
  /** Significance groups; empty where there are none. */
  readonly letters: string;
  /** `best`, `tied` in a column without letters. */
  readonly word: string;
  /** Above all others, by the column's tests. */
  readonly best: boolean;
  /** Not shown to be under the highest. */
  readonly tied: boolean;
  readonly failed: boolean;
  /** What is not as planned, in words. */
  readonly flags: readonly string[];
  readonly average: boolean;
  /** Id of the cell's details in the page; empty where it has none. */
  readonly details: string;
}

const subsets = { full: 'full set', 'split-a': 'Split-A', 'split-b': 'Split-B', random: 'random subset' } as const;

/** What an entry is, in a few words; its title first where it has one. */
export const aboutEntry = (entry: ResolvedEntry): string => (entry.title === entry.name ? madeHow(entry) : `${entry.title} (${madeHow(entry)})`);

function madeHow({ method, pretrain, start }: ResolvedEntry): string {
  if (pretrain === null) return method === 'scratch' ? 'no pre-training' : method;
  const { subset, schedule } = pretrain;
  const epochs = schedule.flops_of === undefined ? plural(schedule.epochs, 'epoch') : `${Number(schedule.epochs.toPrecision(3))} epochs`;
  const length = `${schedule.of === null ? epochs : `steps of ${epochs} of ${subsets[schedule.of]}`}${schedule.flops_of === undefined ? '' : ` (the FLOPs of ${schedule.flops_of})`}`;
  return `${method}${start === null ? '' : ` from ${start}`}, ${subsets[subset]}, ${length}`;
}

const subText = (summary: Summary): string => {
  switch (summary.kind) {
    case 'none': return '';
    case 'values': return summary.values.length === 1 ? '' : summary.values.map(({ value }) => percent(value)).join(' / ');
    case 'interval': return `± ${percent(summary.half)}`;
  }
};

const mainText = (summary: Summary, empty: string): string => (summary.kind === 'none' ? empty : percent(summary.mean));
const sortKey = (summary: Summary): string => (summary.kind === 'none' ? '' : String(summary.mean));
function marks(groups: ColumnGroups | null, entry: string, { standing }: Pick<Group, 'standing'>): Pick<CellView, 'best' | 'tied' | 'letters' | 'word'> {
  const { letters, word, top, alone } = markOf(groups, entry, standing);
  return { letters, word, best: alone, tied: top && !alone };
}

function groupView(group: Group, seeds: number, groups: ColumnGroups | null, details: string): CellView {
  const failed = failedSeeds(group);
  return {
    main: mainText(group.summary, failed > 0 ? 'failed' : 'not run'),
    sub: subText(group.summary),
    sort: sortKey(group.summary),
    ...marks(groups, group.entry, group),
    failed: failed > 0 || group.failedToLearn.length > 0 || group.collapsed !== null || group.mixed.length > 0,
    flags: groupFlags(group, seeds),
    average: false,
    details,
  };
}

/** An entry's mean over tasks. */
export function averageView({ entry, average }: ComparisonRow, groups: ColumnGroups | null): CellView {
  return {
    main: mainText(average.summary, '\u2013'),
    sub: subText(average.summary),
    sort: sortKey(average.summary),
    ...marks(groups, entry.name, average),
    failed: average.failedToLearn || average.collapsed !== null || average.mixed.length > 0,
    flags: averageFlags(average),
    average: true,
    details: '',
  };
}

const columnView = (several: boolean) => ({ task, facts }: TaskColumn): ColumnView => ({
  data: several ? task.data : '',
  name: task.task,
  facts: facts === null ? ['no result yet'] : [`n ${rangeText(facts.nTest)}`, metricName(facts.metric), sideName(facts.side)],
});

export function comparisonPanel(comparison: Comparison, reference: string | null, looks: ReadonlyMap<string, Look>, statistics: Statistics): ComparisonPanel {
  const { id, measure, protocol, title, tasks, rows, seeds } = comparison;
  const groups = rows.flatMap((row) => row.groups);
  const intervals = seeds >= seedsForInterval;
  const chance = chanceSentence(tasks);
  const byColumn = [...tasks.map(({ task }) => task.name), null].map((task) => columnGroups(statistics, id, task));
  const average = byColumn.at(-1) ?? null;
  return {
    id: `protocol-${id}`,
    name: title,
    hash: protocol.hash,
    sentence: comparisonSentence(comparison, reference, average),
    caption: `Test ${measureName(measure)} in % by ${title} (protocol ${protocol.hash}), ${plural(seeds, 'seed')}. n: test images of one seed.${chance === '' ? '' : ` ${chance}`}`,
    columns: tasks.map(columnView(new Set(tasks.map(({ task }) => task.data)).size > 1)),
    averageOf: hasAverage(comparison) ? plural(tasks.length, 'task') : '',
    rows: rows.map((row, at) => ({
      entry: row.entry.name,
      about: [aboutEntry(row.entry), ...(row.average.oneEncoder === null ? [] : [row.average.oneEncoder])].join('; '),
      cells: [...row.groups.map((group, column) => groupView(group, seeds, byColumn[column]!, cellAnchor(protocol.name, column, at))), ...(hasAverage(comparison) ? [averageView(row, average)] : [])],
    })),
    notes: [
      intervals
        ? 'Mean ± half-width of the 95 % t-interval over seeds. The interval covers variation between seeds only, not that of other test images or tasks. Seeds share data (of the embedded tasks concepts, artists and, from the fourth seed on, test images; of other tasks all test images), so it is about this data and can be too narrow.'
        : seeds === 1
          ? 'One seed: no interval, and no entry is called best.'
          : `Mean, with the values of the seeds beneath it. Fewer than ${seedsForInterval} seeds: no interval, and no entry is called best.`,
      ...(byColumn.some((column) => column !== null) ? [lettersMean] : []),
      ...[lettersSee(byColumn.slice(0, -1), hasAverage(comparison) ? average : null)].filter((note) => note !== ''),
      ...(byColumn.some((column, at) => column === null && rows.some((row) => (row.groups[at] ?? row.average).standing !== null)) ? [wordsMean] : []),
      ...(groups.some(({ failedToLearn }) => failedToLearn.length > 0)
        ? [`“Failed to learn”: ${failedToLearnMeans}. Such entries are not ranked.`]
        : []),
      ...rows.flatMap(({ entry, average }) => (average.oneEncoder === null ? [] : [`${entry.name}: ${average.oneEncoder}. Several transfers of one encoder are not several seeds, so there is no interval, and the entry is not ranked.`])),
      ...rows.flatMap(({ entry, average }) => (average.collapsed === null ? [] : [`${entry.name} collapsed in pre-training: ${average.collapsed}. Its values are shown; it is not ranked, and nothing is compared with it.`])),
      ...ownOptionsSentence(rows.map(({ entry }) => entry), protocol),
      ...mixedSentences(comparison),
      ...(hasAverage(comparison) && rows.some(({ average }) => average.completeTasks < average.tasks) ? ['An average is given only where every task has every seed.'] : []),
    ],
    chart: accuracyChart(comparison, looks),
  };
}
