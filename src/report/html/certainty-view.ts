import { hasAverage, type Comparison } from '../../results/comparison.js';
import { draws, type Level, type Statistics } from '../../results/effects/index.js';
import { seedsForInterval } from '../../results/intervals.js';
import { measureName } from '../measure-text.js';
import { count, intervalPercent, percentOrDash, plural } from '../numbers.js';
import { taskLabels } from '../task-names.js';
import { averageFlags, groupFlags } from './cell-flags.js';

/** One protocol's values with what seeds and test images leave open of each, apart and together. Strings are ready to print. */
interface CertaintyView {
  readonly caption: string;
  /** Of every entry its tasks, then the average where there is one. */
  readonly rows: readonly CertaintyRow[];
  /** Why a number is not there. */
  readonly notes: readonly string[];
}

/** A dash for what is not there. */
export interface CertaintyRow {
  readonly entry: string;
  /** A task, or `average`. */
  readonly on: string;
  /** In %, as the standard deviation and the intervals. */
  readonly mean: string;
  readonly flags: readonly string[];
  readonly sd: string;
  readonly seeds: string;
  readonly images: string;
  readonly overSeeds: string;
  readonly overImages: string;
  readonly overall: string;
}

/** Null while nothing has finished. */
export function certaintyView(comparison: Comparison, { levels }: Statistics): CertaintyView | null {
  const { id, measure, title, protocol, tasks, rows, seeds } = comparison;
  const labels = taskLabels(tasks.map(({ task }) => task.name));
  const values = rows.flatMap(({ entry: { name }, groups, average }) => {
    const levelOf = (task: string | null): Level | null => levels.find((one) => one.table === id && one.entry === name && one.task === task) ?? null;
    return [
      ...groups.map((group) => ({ entry: name, on: labels.get(group.task)!, level: levelOf(group.task), flags: groupFlags(group, seeds) })),
      ...(hasAverage(comparison) ? [{ entry: name, on: 'average', level: levelOf(null), flags: averageFlags(average) }] : []),
    ];
  });
  const known = values.flatMap(({ entry, on, level }) => (level === null ? [] : [{ entry, on, level }]));
  if (known.length === 0) return null;
  const withoutImages = known.filter(({ level: { overImages } }) => overImages === null || !Number.isFinite(overImages.low + overImages.high));
  return {
    caption: `Test ${measureName(measure)} in % by ${title} (protocol ${protocol.hash}), ${plural(seeds, 'seed')}, with the standard deviation over seeds and 95 % intervals. Over seeds: if seeds were other ones (t-interval, as in the table of results). Over test images: if these were other ones, with these encoders (t-interval with the standard error of ${count(draws)} bootstrap draws). Over both: if seeds and test images were other ones; by chance of few seeds it may be the narrower one. Test images: different ones of all seeds; of an average, of each of its tasks, so that one which several tasks show counts in each.`,
    rows: values.map(({ entry, on, level, flags }) => ({
      entry,
      on,
      mean: percentOrDash(level?.mean ?? null),
      flags,
      sd: percentOrDash(level?.sd ?? null),
      seeds: count(level?.seeds ?? 0),
      images: count(level?.images ?? 0),
      overSeeds: intervalPercent(level?.overSeeds ?? null),
      overImages: intervalPercent(level?.overImages ?? null),
      overall: intervalPercent(level?.overall ?? null),
    })),
    notes: [
      ...(known.some(({ level }) => level.seeds < seedsForInterval)
        ? [`Of fewer than ${seedsForInterval} seeds there is no interval over seeds and none over both${known.some(({ level }) => level.seeds === 1) ? '; of one seed there is no standard deviation either' : ''}.`]
        : []),
      ...rows.flatMap(({ entry, average }) => (average.oneEncoder === null ? [] : [`${entry.name}: ${average.oneEncoder}, so no interval over seeds and none over both.`])),
      ...(withoutImages.length === 0
        ? []
        : [`No interval over test images and none over both where, at some seed, no draw of the images measures anything, or all of them are judged alike at all seeds: ${withoutImages.map(({ entry, on }) => `${entry} on ${on}`).join('; ')}.`]),
    ],
  };
}
