import type { Comparison } from '../../results/comparison.js';
import type { Summary } from '../../results/intervals.js';
import { plural, summaryPercent } from '../numbers.js';
import { taskLabels } from '../task-names.js';
import type { Look } from './palette.js';
import { drawRows, marksNote, type Dot, type RowChart } from './rows.js';
import type { Chart } from './svg.js';

const dotOf = (summary: Summary): Dot | null => {
  if (summary.kind === 'none') return null;
  return {
    value: summary.mean * 100,
    low: summary.kind === 'interval' ? summary.low * 100 : null,
    high: summary.kind === 'interval' ? summary.high * 100 : null,
  };
};

/** Accuracy of every entry on every task, and the average, by one protocol. */
export function accuracyChart(comparison: Comparison, looks: ReadonlyMap<string, Look>): Chart {
  const { protocol, rows, tasks, seeds } = comparison;
  const series = rows.map(({ entry }) => ({ name: entry.name, look: looks.get(entry.name)! }));
  const labels = taskLabels(tasks.map(({ task }) => task.name));
  const chart: RowChart = {
    series,
    axis: 'test accuracy in %',
    line: null,
    rows: [
      { name: 'average', strong: true, heading: false, dots: rows.map(({ average }) => dotOf(average.summary)) },
      ...tasks.map(({ task }, column) => ({
        name: labels.get(task.name)!, strong: false, heading: false, dots: rows.map(({ groups }) => dotOf(groups[column]!.summary)),
      })),
    ],
  };
  return {
    id: `accuracy-${protocol.name}`,
    title: `Accuracy by task, ${protocol.name}`,
    note: marksNote(seeds),
    alt: `Dot plot of test accuracy in percent by ${protocol.name}: ${plural(tasks.length, 'task')} and their average, ${plural(rows.length, 'entry', 'entries')}, ${plural(seeds, 'seed')}. The table of results holds the same numbers.`,
    wide: drawRows(chart, 'wide'),
    narrow: drawRows(chart, 'narrow'),
    legend: series.map(({ name, look }) => ({ name, color: look.color, symbol: look.symbol, dash: '' })),
    table: {
      columns: ['entry', 'average, %', ...tasks.map(({ task }) => `${labels.get(task.name)!}, %`)],
      rows: rows.map(({ entry, average, groups }) => [entry.name, summaryPercent(average.summary), ...groups.map(({ summary }) => summaryPercent(summary))]),
    },
  };
}
