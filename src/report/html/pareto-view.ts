import type { Interval } from '../../metrics/stats/index.js';
import type { Comparison } from '../../results/comparison.js';
import { seedCosts } from '../../results/costs.js';
import { mean, summarise } from '../../results/intervals.js';
import { paretoFront } from '../../results/pareto.js';
import { drawPareto } from '../charts/pareto.js';
import { look, type Look } from '../charts/palette.js';
import type { Chart } from '../charts/svg.js';
import type { ReportData } from '../format.js';
import { measureName } from '../measure-text.js';
import { listed, percent, scaledCount, threeDigits } from '../numbers.js';

interface Cost { readonly value: number; readonly interval: Interval | null }

/** A way to count what pre-training costs. */
interface CostKind {
  readonly name: string;
  readonly axis: string;
  readonly text: (value: number) => string;
  readonly note: string;
  /** Null: not known. */
  readonly of: (entry: string) => Cost | null;
}

/** Trained elsewhere, at a cost that is not known. */
const isForeign = ({ entries }: ReportData['suite'], entry: string): boolean => entries.some(({ name, method }) => name === entry && method === 'checkpoint');

/** Counted from the model, with all that the training rests on. */
function operationsOf({ record, suite }: ReportData): CostKind {
  const costOf = seedCosts(record);
  return {
    name: 'operations',
    axis: 'pre-training FLOP, with all that it rests on',
    text: scaledCount,
    note: 'FLOP are counted from the model, so they have no error but what differs between seeds (95 % t-interval).',
    of: (entry) => {
      if (isForeign(suite, entry)) return null;
      const spent = suite.seeds.flatMap((seed) => {
        const known = costOf(entry, seed)?.withAncestors?.flops;
        return known === undefined ? [] : [[seed, known] as const];
      });
      if (spent.length === 0) return null;
      const summary = summarise(new Map(spent));
      return { value: mean(spent.map(([, flops]) => flops)), interval: summary.kind === 'interval' && summary.half > 0 ? { low: summary.low, high: summary.high } : null };
    },
  };
}

/** By a speed job with the suite's own model; null where there is none. */
function timeOf({ record, suite }: ReportData): CostKind | null {
  const rows = (record.speed ?? []).filter(({ quantity, model }) => quantity === 'seconds_per_schedule' && model === suite.model.name);
  if (rows.length === 0) return null;
  const longest = Math.max(...rows.map(({ estimate }) => estimate.value));
  const [unit, seconds] = longest < 180 ? ['s', 1] as const : longest < 10_800 ? ['min', 60] as const : ['h', 3600] as const;
  return {
    name: 'time',
    axis: `time of the whole schedule, ${unit}`,
    text: threeDigits,
    note: 'Times are extrapolated from measured steps (95 % t-interval over rounds); entries that start from another one, whose time is not in them, are left out.',
    of: (entry) => {
      const { pretrain, start } = suite.entries.find(({ name }) => name === entry)!;
      const row = rows.find((one) => one.entry === entry);
      if (isForeign(suite, entry)) return null;
      if (pretrain === null) return { value: 0, interval: null };
      if (row === undefined || start !== null) return null;
      const { value, low, high } = row.estimate;
      return { value: value / seconds, interval: low === null || high === null ? null : { low: low / seconds, high: high / seconds } };
    },
  };
}

/** The averages of a table against what pre-training costs: one chart for each way to count it that two entries or more have. */
export function paretoCharts({ id, measure, title, rows }: Comparison, data: ReportData, looks: ReadonlyMap<string, Look>): readonly Chart[] {
  const { levels } = data.statistics();
  const time = timeOf(data);
  return [...(time === null ? [] : [time]), operationsOf(data)].flatMap((kind): readonly Chart[] => {
    const points = rows.flatMap(({ entry: { name }, average }) => {
      const cost = kind.of(name);
      const level = levels.find((one) => one.table === id && one.entry === name && one.task === null);
      if (cost === null || level === undefined || average.collapsed !== null || average.mixed.length > 0) return [];
      return [{ name, failed: average.failedToLearn, look: looks.get(name) ?? look(0), cost: cost.value, costs: cost.interval, value: level.mean, values: level.overall ?? level.overSeeds ?? level.overImages }];
    });
    if (points.length < 2) return [];
    const front = paretoFront(points.filter(({ failed }) => !failed));
    const failed = points.flatMap((point) => (point.failed ? [point.name] : []));
    const mixed = rows.flatMap(({ entry: { name }, average }) => (average.mixed.length > 0 ? [name] : []));
    const collapsed = rows.flatMap(({ entry: { name }, average }) => (average.collapsed === null ? [] : [name]));
    const open = rows.flatMap(({ entry: { name }, average }) => (average.summary.kind === 'none' && average.collapsed === null ? [name] : []));
    const foreign = rows.flatMap(({ entry: { name } }) => (isForeign(data.suite, name) ? [name] : []));
    const scaledUp = points.map((point) => ({ ...point, value: point.value * 100, values: point.values === null ? null : { low: point.values.low * 100, high: point.values.high * 100 } }));
    const chart = { points: scaledUp, front: front.map(({ cost, value }) => ({ cost, value: value * 100 })), cost: kind.axis, value: `test ${measureName(measure)} in %`, costText: kind.text };
    const over = points.some(({ values }) => values === null) || rows.length === 0 ? '' : levels.some((one) => one.table === id && one.overall !== null) ? 'over seeds and test images' : 'over test images alone';
    const within = (interval: Interval | null, show: (value: number) => string): string => (interval === null ? '' : ` [${show(interval.low)}, ${show(interval.high)}]`);
    return [{
      id: `pareto-${kind.name}-${id}`,
      title: `${measureName(measure).replace(/^a/, 'A')} against pre-training ${kind.name}, ${title}`,
      note: `Upwards: average over tasks${over === '' ? '' : `, 95 % intervals ${over}`}. ${kind.note}${foreign.length === 0 ? '' : ` Left out, as what their training elsewhere cost is not known: ${listed(foreign)}.`}${mixed.length === 0 ? '' : ` Left out, as not measured as the rest of the table: ${listed(mixed)}.`}${collapsed.length === 0 ? '' : ` Left out, as collapsed in pre-training: ${listed(collapsed)}.`}${open.length === 0 ? '' : ` Left out, as without a result on some task: ${listed(open)}.`} Dashed: the front by these means, entries that no other one beats in both; what lies within the error of it is not shown to be worse. Points of one cost stand side by side.${failed.length === 0 ? '' : ` Not on it, as ${failed.length === 1 ? 'it' : 'each'} failed to learn on a task: ${listed(failed)}.`}`,
      alt: `Average test ${measureName(measure)} against pre-training ${kind.name} of ${listed(points.map(({ name }) => name))}. On the front: ${listed(front.map(({ name }) => name))}. The table below holds the same numbers.`,
      wide: drawPareto(chart, 'wide'),
      narrow: drawPareto(chart, 'narrow'),
      legend: points.map(({ name, look: { color, symbol } }) => ({ name, color, symbol, dash: '' })),
      table: {
        columns: ['entry', kind.axis, `test ${measureName(measure)}, %`, 'on the front'],
        rows: points.map(({ name, failed: unranked, cost, costs, value, values }) => [
          name, `${cost === 0 ? 'none' : kind.text(cost)}${within(costs, kind.text)}`, `${percent(value)}${within(values, percent)}`, front.some((one) => one.name === name) ? 'yes' : unranked ? 'failed to learn on a task' : 'no',
        ]),
      },
    }];
  });
}
