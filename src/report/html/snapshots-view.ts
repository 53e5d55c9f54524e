import type { Look } from '../charts/palette.js';
import { marksNote, percentDot } from '../charts/rows.js';
import type { Chart } from '../charts/svg.js';
import { drawOverTime, type TimeChart } from '../charts/time.js';
import type { ReportData } from '../format.js';
import { count, listed, percent, plural, scaledCount } from '../numbers.js';
import { judgedBy, meanPoints, ofProcessor, shareText, snapshotNotes, snapshotTables, type SnapshotTable } from '../snapshot-table.js';

interface SnapshotsView { readonly notes: readonly string[]; readonly panels: readonly (SnapshotTable & { readonly charts: readonly Chart[] })[] }

/** Null where no encoder has been judged on its way. */
export function snapshotsView(data: ReportData, looks: ReadonlyMap<string, Look>): SnapshotsView | null {
  const tables = snapshotTables(data);
  if (tables.length === 0) return null;
  return {
    notes: snapshotNotes(data.record),
    panels: tables.map((table) => ({ ...table, charts: timeChart(data, table.protocol, looks) })),
  };
}

/** None where no time is known. */
function timeChart({ record, comparisons, collapsed }: ReportData, protocol: string, looks: ReadonlyMap<string, Look>): readonly Chart[] {
  const { entries } = judgedBy(record).find((one) => one.protocol === protocol)!;
  const comparison = comparisons.find((one) => one.protocol.name === protocol);
  const scratch = comparison?.rows.find(({ entry }) => entry.method === 'scratch');
  const drawn = entries.flatMap(({ name, points }) => {
    const look = looks.get(name);
    const timed = meanPoints(points).flatMap(({ seconds, accuracy }) => {
      const dot = percentDot(accuracy);
      return seconds === null || dot === null ? [] : [{ ...dot, seconds }];
    });
    return look === undefined || timed.length === 0 ? [] : [{ name, look, points: timed }];
  });
  if (drawn.length === 0) return [];
  const level = scratch === undefined || scratch.average.summary.kind === 'none' ? null : scratch.average.summary.mean;
  const marked = (name: string): string => (collapsed.has(name) ? `${name} (collapsed)` : name);
  const time = ofProcessor(record) ? 'processor time of pre-training' : 'pre-training time';
  const chart: TimeChart = { lines: drawn, time, quantity: 'test accuracy, %', level: level === null ? null : level * 100 };
  const title = `Accuracy against ${time}, ${comparison?.title ?? protocol}`;
  const seeds = Math.max(...entries.map(({ points }) => new Set(points.map(({ seed }) => seed)).size));
  return [{
    id: `over-time-${protocol}`,
    title,
    note: `${marksNote(seeds)} Between the points lines only lead the eye.${level === null ? '' : ` Level line: ${scratch!.entry.name}, ${percent(level)} %.`}`,
    alt: `Line chart of mean test accuracy against ${time} of ${listed(drawn.map(({ name }) => name))}, ${plural(drawn[0]!.points.length, 'point')} each. The table below holds the numbers of every seed.`,
    wide: drawOverTime(chart, 'wide'),
    narrow: drawOverTime(chart, 'narrow'),
    legend: drawn.map(({ name, look }) => ({ name: marked(name), color: look.color, symbol: look.symbol, dash: '' })),
    table: {
      columns: ['entry', 'seed', 'share', 'steps', 'images', 'FLOP', 'seconds', 'accuracy, %'],
      rows: entries.flatMap(({ name, points }) => points.map(({ seed, share, steps, images, flops, seconds, accuracy }) =>
        [marked(name), String(seed), shareText(share), count(steps), count(images), scaledCount(flops), seconds === null ? '\u2013' : String(Number(seconds.toPrecision(4))), percent(accuracy)])),
    },
  }];
}
