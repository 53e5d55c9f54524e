import { halfWidth, mean, sampleSd } from '../metrics/stats/index.js';

export { coverage, halfWidth, mean, sampleSd } from '../metrics/stats/index.js';

/**
 * Statistics over seeds. A seed is one independent pipeline (initialisation, data order, masks, splits, transfer), so the
 * intervals cover the variation between such pipelines and nothing else: not that of other test images or other tasks.
 */

/** With fewer seeds than this, values are shown without interval and no entry is called best. */
export const seedsForInterval = 3;

/** A test whose p is not above this shows a difference: what `coverage` leaves out. */
export const significance = 0.05;

/** Values at their seeds, in the values' own unit. */
export type Sample = ReadonlyMap<number, number>;

export type Summary =
  | { readonly kind: 'none'; readonly n: 0 }
  | { readonly kind: 'values'; readonly n: number; readonly mean: number; readonly values: readonly SeedValue[] }
  | {
      readonly kind: 'interval';
      readonly n: number;
      readonly mean: number;
      /** Sample standard deviation (n - 1). */
      readonly sd: number;
      /** Half-width of the 95 % interval of the mean; `low` = mean - half, `high` = mean + half. Of `summarise` the t-interval over seeds. */
      readonly half: number;
      readonly low: number;
      readonly high: number;
      readonly values: readonly SeedValue[];
    };

interface SeedValue { readonly seed: number; readonly value: number }

/** Mean of a sample, with its 95 % t-interval over seeds where there are at least three. */
export function summarise(sample: Sample): Summary {
  const values = [...sample].sort(([a], [b]) => a - b).map(([seed, value]) => ({ seed, value }));
  const n = values.length;
  if (n === 0) return { kind: 'none', n };
  const numbers = values.map(({ value }) => value);
  const centre = mean(numbers);
  if (n < seedsForInterval) return { kind: 'values', n, mean: centre, values };
  const sd = sampleSd(numbers);
  const half = halfWidth(sd, n);
  return { kind: 'interval', n, mean: centre, sd, half, low: centre - half, high: centre + half, values };
}

/** The same values with no interval: for repeats that are not independent. */
export const withoutInterval = (summary: Summary): Summary =>
  summary.kind === 'interval' ? { kind: 'values', n: summary.n, mean: summary.mean, values: summary.values } : summary;

/** Differences a - b at the seeds that both have. */
export function pairedDifferences(a: Sample, b: Sample): Sample {
  const differences = new Map<number, number>();
  for (const [seed, value] of a) {
    const other = b.get(seed);
    if (other !== undefined) differences.set(seed, value - other);
  }
  return differences;
}

/** The seed-wise mean of several samples, at the seeds that all of them have. */
export function averageSamples(samples: readonly Sample[]): Sample {
  const averages = new Map<number, number>();
  const [first, ...rest] = samples;
  for (const seed of first?.keys() ?? []) {
    const values = [first?.get(seed), ...rest.map((sample) => sample.get(seed))];
    if (values.every((value) => value !== undefined)) averages.set(seed, mean(values));
  }
  return averages;
}

/** Whether a paired interval includes 0; null where there is no interval. */
export const includesZero = (difference: Summary): boolean | null =>
  difference.kind === 'interval' ? difference.low <= 0 && difference.high >= 0 : null;

/**
 * Marks of the members of one column (design: "tied with the best" is a paired 95 % t-interval of the difference that
 * includes 0). Only members with all seeds that any member has are compared, from three seeds on; nobody gets a mark when
 * fewer than two can be.
 */
export type Standing = 'best' | 'tied' | null;
export function standings(samples: readonly (Sample | null)[]): readonly Standing[] {
  const summaries = samples.map((sample) => (sample === null ? null : summarise(sample)));
  const seeds = new Set(samples.flatMap((sample) => [...(sample?.keys() ?? [])])).size;
  const comparable = summaries.flatMap((summary, index) => (summary?.kind === 'interval' && summary.n === seeds ? [{ index, mean: summary.mean }] : []));
  if (comparable.length < 2) return samples.map(() => null);
  const best = comparable.reduce((a, b) => (b.mean > a.mean ? b : a));
  const top = samples[best.index]!;
  return samples.map((sample, index) => {
    if (index === best.index) return 'best';
    if (sample === null || sample.size !== seeds) return null;
    return includesZero(summarise(pairedDifferences(top, sample))) === true ? 'tied' : null;
  });
}
