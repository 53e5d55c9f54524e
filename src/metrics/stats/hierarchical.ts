import jstat from 'jstat';
import { coverage, type Interval } from './interval.js';
import { mean, sampleSd } from './moments.js';
import { tQuantile } from './t-interval.js';

/** A mean over seeds whose error has two parts: other seeds, and other test images. Variances are of the mean. */
export interface Hierarchical {
  readonly mean: number;
  readonly seeds: number;
  readonly images: number;
  /** Of what differs from seed to seed: the seeds' spread, with the image noise that is each seed's own. */
  readonly seedVariance: number;
  /** Of the image noise that the seeds have in common, because they are judged on the same test images. */
  readonly imageVariance: number;
}

/** Of the seeds in two places: whether any test image is judged at both. */
export type InCommon = (a: number, b: number) => boolean;

/** Of values about 1: what is under it is no difference. */
const rounding = 1e-12;

/**
 * Hierarchical bootstrap of a mean over seeds (or of a difference of two entries, paired at each seed), with a correction for few
 * seeds. Drawing seeds and then images, as the plain one does, covers too little: of 3 seeds it sees 2/3 of their variance and has normal
 * tails, and it counts the noise of images twice. Here both parts have their own estimate:
 *
 * - seeds: the sample variance s² of the values over seeds, divided by their number S; it holds the image noise of each seed too;
 * - images: what the seeds' image noise has in common, which s² cannot see: the mean covariance c between seeds of the
 *   replicates, where all seeds see one draw of the images. Of two seeds without a test image in common it is 0, and not what their draws
 *   agree by chance.
 *
 * So the mean's variance is s²/S + c. Where all seeds have one value their own image noise stands in for s².
 *
 * @param values at each seed, at least two
 * @param replicates of each seed [draws]: at equal index of one draw of the images of all seeds
 * @param images different test images
 * @param inCommon whether the seeds in these places have a test image in common
 */
export function hierarchical(values: readonly number[], replicates: readonly Float64Array[], images: number, inCommon: InCommon = () => true): Hierarchical {
  const seeds = values.length;
  if (seeds < 2 || replicates.length !== seeds) throw new RangeError(`two seeds or more with replicates of each, got ${seeds} and ${replicates.length}`);
  const own = mean(replicates.map(variance));
  const pairs = replicates.flatMap((_, a) => replicates.slice(0, a).map((__, b) => [a, b] as const));
  const sharing = pairs.filter(([a, b]) => inCommon(a, b));
  const mutual = sharing.length === pairs.length
    ? (seeds * variance(meanOf(replicates)) - own) / (seeds - 1)
    : sharing.reduce((sum, [a, b]) => sum + covariance(replicates[a]!, replicates[b]!), 0) / pairs.length;
  const shared = Math.max(0, mutual);
  const sd = sampleSd(values);
  return { mean: mean(values), seeds, images, seedVariance: (sd > rounding ? sd ** 2 : Math.max(0, own - shared)) / seeds, imageVariance: shared };
}

/**
 * The same of a mean whose seeds are given: other test images alone, with the variance of its replicates. As everywhere here the interval lies around the mean and takes
 * Student's t: the percentiles of replicates lie where these have a bias, which AP's have, and with few images or rare classes they cover less
 * (test/metrics/stats/coverage.test.ts).
 *
 * @param replicates of the mean [draws]
 */
export const imagesAlone = (mean: number, replicates: Float64Array, images: number): Hierarchical =>
  ({ mean, seeds: 1, images, seedVariance: 0, imageVariance: variance(replicates) });

/** Draw by draw, the mean over seeds (or tasks). */
export function meanOf(replicates: readonly Float64Array[]): Float64Array {
  const [first, ...others] = replicates;
  if (first === undefined) throw new RangeError('no replicates');
  const sums = first.slice();
  for (const other of others) for (let draw = 0; draw < sums.length; draw++) sums[draw] = sums[draw]! + other[draw]!;
  return sums.map((sum) => sum / replicates.length);
}

/** Of the draws in which both measure something; NaN for fewer than two. */
function covariance(a: Float64Array, b: Float64Array): number {
  let [n, centreOfA, centreOfB, products] = [0, 0, 0, 0];
  for (const [draw, one] of a.entries()) {
    const other = b[draw]!;
    if (!Number.isFinite(one) || !Number.isFinite(other)) continue;
    n++;
    const away = one - centreOfA;
    centreOfA += away / n;
    centreOfB += (other - centreOfB) / n;
    products += away * (other - centreOfB);
  }
  return n < 2 ? NaN : products / (n - 1);
}

const variance = (replicates: Float64Array): number => covariance(replicates, replicates);

/**
 * What is between the two critical values of Student's t, of the seeds' and of the images' degrees of freedom, by the parts' shares of the variance
 * (Cochran and Cox 1957, section 4.14): with 3 seeds or more it holds its level, and errs to the wide side where both parts are alike.
 */
export const between = ({ seedVariance, imageVariance, seeds, images }: Hierarchical, of: (dof: number) => number): number => {
  const all = seedVariance + imageVariance;
  const part = (variance: number, repeats: number): number => (variance === 0 ? 0 : variance * of(Math.max(1, repeats - 1)));
  return all === 0 ? of(Math.max(1, seeds - 1)) : (part(seedVariance, seeds) + part(imageVariance, images)) / all;
};

export const standardError = ({ seedVariance, imageVariance }: Hierarchical): number => Math.sqrt(seedVariance + imageVariance);

export function hierarchicalInterval(estimate: Hierarchical, level = coverage): Interval {
  const half = between(estimate, (dof) => tQuantile(level, dof)) * standardError(estimate);
  return { low: estimate.mean - half, high: estimate.mean + half };
}

/** Two-sided p that the truth is `at`: 1 - the level of the interval that ends there. Half of it is the one-sided p of the side on which the mean lies. 1 where nothing tells. */
export function hierarchicalP(estimate: Hierarchical, at = 0): number {
  const away = Math.abs(estimate.mean - at);
  if (away === 0) return 1;
  const ratio = away / standardError(estimate);
  if (Number.isNaN(ratio)) return 1;
  if (ratio === Infinity) return 0;
  // In log p, where the quantile is smooth over all of its range.
  let [low, high] = [Math.log(1e-12), 0];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    const tail = Math.exp(middle) / 2;
    if (between(estimate, (dof) => -jstat.studentt.inv(tail, dof)) > ratio) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}
