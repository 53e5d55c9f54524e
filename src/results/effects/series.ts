import { coverage, detectableByThis, hierarchical, hierarchicalInterval, meanOf, standardError, type Hierarchical, type InCommon } from '../../metrics/stats/index.js';
import { mean, seedsForInterval, summarise, withoutInterval, type Summary } from '../intervals.js';
import type { Replicated } from './replicates.js';

/** A number at one seed, with what it would have been with other draws of the test images. */
interface SeedPoint {
  readonly seed: number;
  readonly value: number;
  /** float64 [draws], at equal index of one draw at all seeds; null where images leave nothing to measure, or two sides were judged on other ones. */
  readonly replicates: Float64Array | null;
  /** Of the test images, by task where there are several. */
  readonly images: readonly string[];
}

export type Series = readonly SeedPoint[];

export const seriesOf = (evaluations: readonly Replicated[]): Series =>
  evaluations.map(({ seed, value, replicates, ids }) => ({ seed, value, replicates: replicates.some(Number.isFinite) ? replicates : null, images: ids }));

const sameImages = (a: readonly string[], b: readonly string[]): boolean => {
  if (a.length !== b.length) return false;
  if (a.every((id, i) => id === b[i])) return true;
  const known = new Set(b);
  return a.every((id) => known.has(id));
};

/** a - b at the seeds that both have. */
export function differences(a: Series, b: Series): Series {
  const others = new Map(b.map((point) => [point.seed, point]));
  return a.flatMap(({ seed, value, replicates, images }) => {
    const other = others.get(seed);
    if (other === undefined) return [];
    const drawn = replicates === null || other.replicates === null || !sameImages(images, other.images) ? null : replicates.map((one, draw) => one - other.replicates![draw]!);
    return [{ seed, value: value - other.value, replicates: drawn, images }];
  });
}

/** Seed-wise mean over tasks, at the seeds that all of them have. Each task's images are drawn for itself. */
export function averageOver(tasks: readonly Series[]): Series {
  const [first, ...others] = tasks.map((series) => new Map(series.map((point) => [point.seed, point])));
  return [...first?.values() ?? []].flatMap((point) => {
    const points = [point, ...others.flatMap((own) => own.get(point.seed) ?? [])];
    if (points.length !== tasks.length) return [];
    return [{
      seed: point.seed,
      value: mean(points.map(({ value }) => value)),
      replicates: drawnMean(points),
      images: points.flatMap(({ images }, task) => images.map((id) => `${task} ${id}`)),
    }];
  });
}

/** Draw by draw, the mean over the points; null where one has no replicates. */
export function drawnMean(series: Series): Float64Array | null {
  const drawn = series.flatMap(({ replicates }) => (replicates === null ? [] : [replicates]));
  return drawn.length < series.length || drawn.length === 0 ? null : meanOf(drawn);
}

/** The test images of a series: how many different ones, and whether points have any in common. */
export interface SeriesImages { readonly images: number; readonly inCommon: InCommon }

export function imagesOf(series: Series): SeriesImages {
  const own = series.map((point) => new Set(point.images));
  const shared = own.map((one, a) => own.slice(0, a).map((other) => [...one].some((id) => other.has(id))));
  return { images: new Set(series.flatMap((point) => point.images)).size, inCommon: (a, b) => shared[Math.max(a, b)]![Math.min(a, b)]! };
}

/** The mean over two seeds or more with both sources of its error; null where a seed has no replicates. */
export function estimateOf(series: Series, { images, inCommon }: SeriesImages): Hierarchical | null {
  const drawn = series.flatMap(({ replicates }) => (replicates === null ? [] : [replicates]));
  return drawn.length < series.length ? null : hierarchical(series.map(({ value }) => value), drawn, images, inCommon);
}

/** The mean, with its interval over seeds and test images together: from three seeds on, where the test images of all are known. */
export function summaryOf(series: Series): Summary {
  const overSeeds = summarise(new Map(series.map(({ seed, value }) => [seed, value])));
  if (overSeeds.kind !== 'interval') return overSeeds;
  const estimate = estimateOf(series, imagesOf(series));
  if (estimate === null) return withoutInterval(overSeeds);
  const { low, high } = hierarchicalInterval(estimate);
  return { ...overSeeds, low, high, half: (high - low) / 2 };
}

/** Smallest true mean that would have been told from 0 in 4 of 5 repetitions; null where `summaryOf` has no interval, or all images are judged alike. */
export function detectableOf(series: Series): number | null {
  const estimate = series.length < seedsForInterval ? null : estimateOf(series, imagesOf(series));
  return estimate === null ? null : detectableIn(estimate);
}

/** The same of an estimate. Where all images are judged alike at all seeds nothing tells how far apart the two may be: null. */
export const detectableIn = (estimate: Hierarchical, level = coverage): number | null =>
  (standardError(estimate) === 0 ? null : detectableByThis(estimate, { level }));
