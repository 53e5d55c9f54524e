/**
 * Upper bound of the conditional differential entropy h(T | X) of a target given an input, in nats a value, from the mean squared error of
 * any prediction of T from X: ln(2 pi e MSE) / 2, the cross-entropy of a Gaussian decoder with the variance that fits it best. So
 * I(X; T) is at least h(T) less this (Barber and Agakov 2003). It is reached where what is left of T is Gaussian and alike in all
 * values, and the prediction the best there is. RangeError for an error that is not positive.
 *
 * @param meanSquaredError on samples that the prediction was not fitted to: on those it was, it is too small, and nothing is bounded
 */
export function conditionalEntropyBound(meanSquaredError: number): number {
  if (!(meanSquaredError > 0 && Number.isFinite(meanSquaredError))) throw new RangeError(`a mean squared error is positive, got ${meanSquaredError}`);
  return Math.log(2 * Math.PI * Math.E * meanSquaredError) / 2;
}
