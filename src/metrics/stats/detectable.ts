import jstat from 'jstat';
import { coverage } from './interval.js';
import { between, standardError, type Hierarchical } from './hierarchical.js';
import { tQuantile } from './t-interval.js';

/** Share of repetitions in which a difference of the detectable size is found. */
const usualPower = 0.8;

interface Demands {
  /** 1 - the error rate of the two-sided test; default 0.95. */
  readonly level?: number;
  /** Default 0.8. */
  readonly power?: number;
}

/**
 * Power of the two-sided t-test of this critical value where the truth is `shift` standard errors from the null: the tails of the noncentral t, as the mean of a
 * normal's over the estimated standard deviation s, whose square times `dof` is chi-squared (Simpson's rule). jstat's own series ends too early from shifts of
 * about 25 on, which strict levels with three seeds reach.
 */
function powerOf(shift: number, dof: number, critical: number): number {
  const sd = 1 / Math.sqrt(2 * dof);
  const [from, to] = [Math.max(0, 1 - 9 * sd), 1 + 9 * sd];
  const half = Math.ceil(((to - from) * 6) / Math.min(sd, 1 / critical));
  const step = (to - from) / (2 * half);
  const scale = Math.LN2 + (dof / 2) * Math.log(dof / 2) - jstat.gammaln(dof / 2);
  let sum = 0;
  for (let i = 0; i <= 2 * half; i++) {
    const s = from + i * step;
    const density = Math.exp(scale - (dof * s * s) / 2 + (dof === 1 ? 0 : (dof - 1) * Math.log(s)));
    const tails = jstat.normal.cdf(shift - critical * s, 0, 1) + jstat.normal.cdf(-shift - critical * s, 0, 1);
    sum += (i === 0 || i === 2 * half ? 1 : i % 2 === 1 ? 4 : 2) * density * tails;
  }
  return (sum * step) / 3;
}

/** Share of repetitions in which a two-sided t-test at `level` finds a truth of `shift` standard errors. `dof`: any number above 0. */
export const tTestPower = (shift: number, dof: number, level: number = coverage): number => powerOf(shift, dof, tQuantile(level, dof));

/** Many comparisons ask for the same few, and each costs a millisecond or more. */
const shifts = new Map<string, number>();

/** How many standard errors from the null a truth has to be. */
function shiftFor(dof: number, level: number, power: number): number {
  const key = `${dof} ${level} ${power}`;
  const known = shifts.get(key);
  if (known !== undefined) return known;
  const critical = tQuantile(level, dof);
  let [low, high] = [0, 1];
  while (powerOf(high, dof, critical) < power) high *= 2;
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (powerOf(middle, dof, critical) < power) low = middle;
    else high = middle;
  }
  shifts.set(key, high);
  return high;
}

/** Smallest true difference that a paired t-test over n seeds finds, where differences have the standard deviation `sd`; in its unit. NaN for n < 2. */
export const detectableDifference = ({ sd, n, level = coverage, power = usualPower }: Demands & { readonly sd: number; readonly n: number }): number =>
  (n < 2 ? NaN : (shiftFor(n - 1, level, power) * sd) / Math.sqrt(n));

/** The same of a comparison that was made: what it would have found, with its seeds, images and spread. */
export const detectableByThis = (estimate: Hierarchical, { level = coverage, power = usualPower }: Demands = {}): number =>
  between(estimate, (dof) => shiftFor(dof, level, power)) * standardError(estimate);

/**
 * Smallest true difference of two shares of right images that a paired test on the same images finds (McNemar's, without correction), where the two
 * disagree on a share `discordant` of them: the normal approximation of Connor 1987. null where images are so few that not even
 * a difference of all of `discordant` is found.
 */
export function detectableShare({ images, discordant, level = coverage, power = usualPower }: Demands & { readonly images: number; readonly discordant: number }): number | null {
  const alpha = jstat.normal.inv(1 - (1 - level) / 2, 0, 1);
  const beta = jstat.normal.inv(power, 0, 1);
  const inner = images + beta ** 2 - alpha ** 2;
  if (inner < 0) return null;
  const share = (Math.sqrt(discordant) * (Math.sqrt(images) * alpha + beta * Math.sqrt(inner))) / (images + beta ** 2);
  return share > discordant ? null : share;
}
