import { type Comparison, type ComparisonRow, hasAverage } from '../../results/comparison.js';
import { measureName } from '../measure-text.js';
import { mixedFlag } from '../mixed-text.js';
import { plural, summaryPercent } from '../numbers.js';
import { taskLabels } from '../task-names.js';
import type { Look } from './palette.js';
import { drawRows, marksNote, percentDot, type RowChart } from './rows.js';
import type { Chart } from './svg.js';

/** Accuracy of every entry on every task, and the average of several, by one protocol. */
export function accuracyChart(comparison: Comparison, looks: ReadonlyMap<string, Look>): Chart {
  const { id, measure, title, rows, tasks, seeds } = comparison;
  const nameOf = ({ entry, average }: ComparisonRow): string => {
    const marks = [...(average.collapsed === null ? [] : ['collapsed']), ...(average.mixed.length === 0 ? [] : [mixedFlag])];
    return marks.length === 0 ? entry.name : `${entry.name} (${marks.join(', ')})`;
  };
  const marked = (value: string, mixed: readonly string[]): string => (mixed.length === 0 ? value : `${value} (${mixedFlag})`);
  const series = rows.map((row) => ({ name: nameOf(row), look: looks.get(row.entry.name)! }));
  const several = hasAverage(comparison);
  const labels = taskLabels(tasks.map(({ task }) => task.name));
  const chart: RowChart = {
    series,
    axis: `test ${measureName(measure)} in %`,
    line: null,
    rows: [
      ...(several ? [{ name: 'average', strong: true, heading: false, dots: rows.map(({ average }) => percentDot(average.summary)) }] : []),
      ...tasks.map(({ task }, column) => ({
        name: labels.get(task.name)!, strong: false, heading: false, dots: rows.map(({ groups }) => percentDot(groups[column]!.summary)),
      })),
    ],
  };
  return {
    id: `accuracy-${id}`,
    title: `${measureName(measure).replace(/^a/, 'A')} by task, ${title}`,
    note: marksNote(seeds),
    alt: `Dot plot of test ${measureName(measure)} in percent by ${title}: ${plural(tasks.length, 'task')}${several ? ' and their average' : ''}, ${plural(rows.length, 'entry', 'entries')}, ${plural(seeds, 'seed')}. The table of results holds the same numbers.`,
    wide: drawRows(chart, 'wide'),
    narrow: drawRows(chart, 'narrow'),
    legend: series.map(({ name, look }) => ({ name, color: look.color, symbol: look.symbol, dash: '' })),
    table: {
      columns: ['entry', ...(several ? ['average, %'] : []), ...tasks.map(({ task }) => `${labels.get(task.name)!}, %`)],
      rows: rows.map((row) => [nameOf(row), ...(several ? [marked(summaryPercent(row.average.summary), row.average.mixed)] : []), ...row.groups.map(({ summary, mixed }) => marked(summaryPercent(summary), mixed))]),
    },
  };
}
