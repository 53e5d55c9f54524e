import type { Interval } from '../../metrics/stats/index.js';
import { type Comparison, hasAverage } from '../../results/comparison.js';
import type { Effect, Statistics } from '../../results/effects/index.js';
import { significance } from '../../results/intervals.js';
import { percent, plural, points } from '../numbers.js';
import { measureName } from '../measure-text.js';
import { pText } from '../significance.js';
import { taskLabels } from '../task-names.js';
import { look, type Look } from './palette.js';
import { drawRows, type Dot, type RowChart } from './rows.js';
import type { Chart } from './svg.js';

const dash = '\u2013';
const inPoints = (interval: Interval | null): Interval | null => (interval === null ? null : { low: interval.low * 100, high: interval.high * 100 });
const intervalText = (interval: Interval | null): string => (interval === null ? dash : `${points(interval.low)} to ${points(interval.high)}`);

const dotOf = (effect: Effect | undefined): Dot | null => (effect === undefined ? null : {
  value: effect.mean * 100,
  ...(inPoints(effect.overall) ?? { low: null, high: null }),
  above: inPoints(effect.overSeeds),
  below: inPoints(effect.overImages),
});

/** p of a task by Holm's correction, of the average as it is; what the test says where it says nothing. */
function testText({ task, p, adjusted, detectable, doubt }: Effect): readonly [string, string] {
  const tested = task === null ? p : adjusted;
  if (doubt !== null) return [dash, doubt];
  if (tested === null) return [dash, dash];
  return [pText(tested), tested > significance && detectable !== null ? `no difference shown; ${percent(detectable)} points would be found in 4 of 5 runs${task === null ? '' : ', before correction'}` : ''];
}

/** Of classifiers by the share of right images: McNemar's p at each seed. */
const seedTests = ({ mcnemar }: Effect): string => (mcnemar.length === 0 ? dash : mcnemar.map(({ p }) => (p < 0.001 ? '<0.001' : p.toFixed(3))).join(', '));

/**
 * Differences of the entries to the suite's reference in percentage points, paired, with what seeds, test images and both leave open. Null without a reference, or anything
 * beside it.
 */
export function forestChart(comparison: Comparison, reference: string | null, looks: ReadonlyMap<string, Look>, { effects }: Statistics): Chart | null {
  const { id, measure, title, tasks, rows, seeds } = comparison;
  const own = effects.filter(({ table }) => table === id);
  const names = rows.flatMap(({ entry: { name } }) => (own.some(({ entry }) => entry === name) ? [name] : []));
  if (reference === null || names.length === 0) return null;
  const labels = taskLabels(tasks.map(({ task }) => task.name));
  const series = names.map((name) => ({ name, look: looks.get(name) ?? look(0) }));
  const at = (entry: string, task: string | null): Effect | undefined => own.find((effect) => effect.entry === entry && effect.task === task);
  const places = [...(hasAverage(comparison) ? [{ name: 'average', task: null }] : []), ...tasks.map(({ task }) => ({ name: labels.get(task.name)!, task: task.name }))]
    .filter(({ task }) => names.some((entry) => at(entry, task) !== undefined));
  const chart: RowChart = {
    series,
    axis: `points from ${reference}`,
    line: 0,
    pitch: 14,
    rows: places.map(({ name, task }) => ({ name, strong: task === null, heading: false, dots: names.map((entry) => dotOf(at(entry, task))) })),
  };
  return {
    id: `forest-${id}`,
    title: `Differences to ${reference} in ${measureName(measure)}, ${title}`,
    note: `Paired at each seed and on each test image; right of 0 the entry is better. 95 % intervals: ${own.some(({ overall }) => overall !== null) ? 'thick through the mean, over seeds and images together; ' : ''}${own.some(({ overSeeds }) => overSeeds !== null) ? 'thin above it, other seeds; ' : ''}thin and dashed below it, other test images with these ${plural(seeds, 'seed')}.`,
    alt: `Forest plot of paired differences to ${reference} in percentage points by ${title}: ${plural(places.length, 'row')}, ${plural(names.length, 'entry', 'entries')}. The table below holds the same numbers.`,
    wide: drawRows(chart, 'wide'),
    narrow: drawRows(chart, 'narrow'),
    legend: series.map(({ name, look: { color, symbol } }) => ({ name, color, symbol, dash: '' })),
    table: {
      columns: ['entry', 'on', 'difference, points', 'seeds and images', 'over seeds', 'over images', 'seeds', 'test images', 'p (of tasks by Holm)', 'what it leaves open', 'McNemar’s p by seed, not corrected'],
      rows: names.flatMap((entry) => places.flatMap(({ name, task }) => {
        const effect = at(entry, task);
        return effect === undefined ? [] : [[
          entry, name, points(effect.mean), intervalText(effect.overall), intervalText(effect.overSeeds), intervalText(effect.overImages), String(effect.seeds), String(effect.images), ...testText(effect), seedTests(effect),
        ]];
      })),
    },
  };
}
