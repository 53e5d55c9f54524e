import { hierarchicalInterval, hierarchicalP, holm, letterGroups, type Interval } from '../../metrics/stats/index.js';
import type { Comparison } from '../comparison.js';
import { mean, seedsForInterval, significance } from '../intervals.js';
import { doubtOf, type Column } from './column.js';
import type { Difference } from './effect.js';
import { averageOver, detectableIn, differences, estimateOf, imagesOf, seriesOf, type Series, type SeriesImages } from './series.js';

/** Which entries of a column are told apart: a task of the table `table`, or (null) the average over its tasks. */
export interface ColumnGroups {
  readonly table: string;
  readonly task: string | null;
  /** Of the entries that are compared, the highest mean first. Two that share a letter are not shown to differ; two that share none differ. */
  readonly letters: ReadonlyMap<string, string>;
  /** All pairs of them, the higher mean first. `adjusted`: `p` by Holm's correction over these pairs. */
  readonly pairs: readonly EntryPair[];
}

/**
 * How far an entry lies above another, as Difference has it. `adjusted`: `p` by Holm's correction over the pairs of the column. `detectable`: at that
 * correction's first step, the level of all pairs together; null where all images are judged alike.
 */
export interface EntryPair extends Pick<Difference, 'mean'> {
  readonly entry: string;
  readonly against: string;
  readonly overall: Interval;
  readonly p: number;
  readonly adjusted: number;
  readonly detectable: number | null;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Groups of a table's columns, by paired tests over seeds and test images together of every two entries that have all seeds, which are
 * three or more, and nothing against them. None of a column where fewer than two can be compared, or two of them were judged on different images.
 */
export function groupsOf({ id, seeds, tasks, rows }: Comparison, columns: readonly Column[]): readonly ColumnGroups[] {
  if (seeds < seedsForInterval) return [];
  const places = [...tasks.map(({ task }) => task.name), null];
  return places.flatMap((task, at) => {
    const members = rows.flatMap(({ entry: { name }, groups, average }): readonly Member[] => {
      const own = groups[at] ?? average;
      if (own.sample.size < seeds || doubtOf(name, own) !== null) return [];
      const series = columns.map((column) => seriesOf(column.get(name)!));
      return [{ name, series: task === null ? averageOver(series) : series[at]! }];
    });
    const found = members.length < 2 ? null : lettersOf(members);
    return found === null ? [] : [{ table: id, task, ...found }];
  });
}

interface Member { readonly name: string; readonly series: Series }

function lettersOf(members: readonly Member[]): Pick<ColumnGroups, 'letters' | 'pairs'> | null {
  const meanOf = ({ series }: Member): number => mean(series.map(({ value }) => value));
  const ordered = members.toSorted((a, b) => meanOf(b) - meanOf(a));
  // Where two of them have other images, no pair is told apart.
  const images = imagesOf(ordered[0]!.series);
  // Holm's first step: what is found there is found whatever the other pairs do.
  const strictest = 1 - significance / ((ordered.length * (ordered.length - 1)) / 2);
  const pairs = ordered.flatMap((entry, at) => ordered.slice(at + 1).map((against) => pairOf(entry, against, images, strictest)));
  const known = pairs.flatMap((pair) => pair ?? []);
  if (known.length < pairs.length) return null;
  const adjusted = holm(known.map(({ p }) => p));
  const tested = known.map((pair, at) => ({ ...pair, adjusted: adjusted[at]! }));
  const key = (a: string, b: string): string => JSON.stringify([a, b]);
  const apart = new Set(tested.flatMap(({ entry, against, adjusted: p }) => (p <= significance ? [key(entry, against), key(against, entry)] : [])));
  const letters = letterGroups(ordered.length, (a, b) => apart.has(key(ordered[a]!.name, ordered[b]!.name)));
  return { letters: new Map(ordered.map(({ name }, at) => [name, letters[at]!.map((letter) => alphabet[letter] ?? `(${letter + 1})`).join('')])), pairs: tested };
}

/** null: judged on different images. */
function pairOf(entry: Member, against: Member, images: SeriesImages, strictest: number): Omit<EntryPair, 'adjusted'> | null {
  const series = differences(entry.series, against.series);
  const estimate = series.length < seedsForInterval ? null : estimateOf(series, images);
  return estimate === null ? null : { entry: entry.name, against: against.name, mean: estimate.mean, overall: hierarchicalInterval(estimate), p: hierarchicalP(estimate), detectable: detectableIn(estimate, strictest) };
}
