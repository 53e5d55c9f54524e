import { mean, sampleSd, tQuantile, coverage, type Interval } from '../stats/index.js';
import { conditionalEntropyBound } from './gaussian-bound.js';

/** `nats` a value, with its 95 % interval over the samples. */
export interface InformationDifference extends Interval { readonly nats: number; readonly samples: number }

/**
 * How much more one input tells of a target than another does, I(X; T) - I(Y; T), estimated in nats a value from the held-out squared
 * errors of a prediction from each: ln(MSE_Y / MSE_X) / 2. What the target itself is drops out.
 *
 * It is a difference of two lower bounds, so it bounds nothing itself: it is too small by what the prediction from X loses against the best
 * one, and too large by what that from Y loses, ln(MSE / best MSE) / 2 each where the rest is Gaussian. Two predictions by one
 * architecture, trained alike, lose alike at best. The interval tells the variation of samples alone (delta method, paired).
 *
 * @param errors mean squared error of each sample's values, predicted from X
 * @param against the same from Y, of the same samples in the same order
 */
export function informationDifference(errors: readonly number[], against: readonly number[]): InformationDifference {
  const samples = errors.length;
  if (samples < 2 || against.length !== samples) throw new RangeError(`needs the errors of two samples or more from both inputs, got ${samples} and ${against.length}`);
  const [own, other] = [mean(errors), mean(against)];
  const nats = conditionalEntropyBound(other) - conditionalEntropyBound(own);
  const influence = errors.map((error, i) => (against[i]! / other - error / own) / 2);
  const half = (tQuantile(coverage, samples - 1) * sampleSd(influence)) / Math.sqrt(samples);
  return { nats, samples, low: nats - half, high: nats + half };
}
