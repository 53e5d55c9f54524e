/** How much each image counts in one draw: float64 [images]. All 1: the images as they are. */
export type Weights = Float64Array;

/** One number of an evaluation, with its images counted by their weights; NaN where they leave nothing to measure. Scaling all weights changes nothing. */
export type Statistic = (weights: Weights) => number;

/**
 * Strata for `resample`: the indices 0..labels.length - 1 by label. Labels that one image alone has share a stratum, for a stratum of one
 * would never vary; a single such image goes to the first of the others.
 */
export function strataOf(labels: readonly (string | number)[]): readonly (readonly number[])[] {
  const byLabel = new Map<string | number, number[]>();
  labels.forEach((label, index) => {
    const known = byLabel.get(label);
    if (known === undefined) byLabel.set(label, [index]);
    else known.push(index);
  });
  const strata = [...byLabel.values()].filter((own) => own.length > 1);
  const alone = [...byLabel.values()].filter((own) => own.length === 1).flat();
  if (alone.length === 1 && strata[0] !== undefined) strata[0].push(alone[0]!);
  else if (alone.length > 0) strata.push(alone);
  return strata;
}

/**
 * Weights of one bootstrap draw. In a stratum of n images n - 1 are drawn with repetition, and each counts n / (n - 1): a stratum keeps
 * its size, and the variance of its total is exactly the unbiased one, also for a class of two or three images, where drawing n
 * would give (n - 1) / n of it (Rao and Wu 1988; McCarthy and Snowden 1985). An only image keeps the weight 1.
 *
 * @param strata indices into 0..items - 1; what is in none keeps the weight 0
 * @param uniform in [0, 1)
 */
export function resample(strata: readonly (readonly number[])[], items: number, uniform: () => number): Weights {
  const weights = new Float64Array(items);
  for (const stratum of strata) {
    const n = stratum.length;
    if (n === 1) weights[stratum[0]!] = 1;
    for (let draw = 1; draw < n; draw++) weights[stratum[Math.floor(uniform() * n)]!]! += n / (n - 1);
  }
  return weights;
}
