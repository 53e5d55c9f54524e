import { hierarchicalInterval, imagesAlone, tInterval, type Hierarchical, type Interval } from '../../metrics/stats/index.js';
import { mean, sampleSd, seedsForInterval } from '../intervals.js';
import { drawnMean, estimateOf, imagesOf, type Series } from './series.js';

/** How sure a mean over seeds is. The two sources of error stand apart, then together. Intervals of 95 %. */
export interface Certainty {
  readonly seeds: number;
  /** Different test images of all seeds. */
  readonly images: number;
  readonly mean: number;
  /** Over seeds; null for one. */
  readonly sd: number | null;
  /** If seeds were other ones: t-interval, from three seeds on. */
  readonly overSeeds: Interval | null;
  /** If test images were other ones, with these seeds (metrics/stats/hierarchical); null where the two sides have other images. */
  readonly overImages: Interval | null;
  /** If both were other ones (metrics/stats/hierarchical); null where one of the two is. */
  readonly overall: Interval | null;
  /** What `overall` is made of, for tests against other values than 0. */
  readonly estimate: Hierarchical | null;
}

/** null without a seed. `doubt`: seeds are no repeats, or nothing is to be concluded: then only images speak. */
export function certaintyOf(series: Series, doubt: string | null): Certainty | null {
  if (series.length === 0) return null;
  const values = series.map(({ value }) => value);
  const own = imagesOf(series);
  const together = drawnMean(series);
  const repeats = values.length >= seedsForInterval && doubt === null;
  const estimate = repeats ? estimateOf(series, own) : null;
  const interval = repeats ? tInterval(values) : null;
  return {
    seeds: values.length,
    images: own.images,
    mean: mean(values),
    sd: values.length < 2 ? null : sampleSd(values),
    overSeeds: interval === null ? null : { low: interval.low, high: interval.high },
    overImages: together === null ? null : hierarchicalInterval(imagesAlone(mean(values), together, own.images)),
    overall: estimate === null ? null : hierarchicalInterval(estimate),
    estimate,
  };
}
