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

/** Power of the two-sided t-test of this critical value where the truth is `shift` standard errors from the null (noncentral t). */
const powerOf = (shift: number, dof: number, critical: number): number =>
  1 - jstat.noncentralt.cdf(critical, dof, shift) + jstat.noncentralt.cdf(-critical, dof, shift);

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
