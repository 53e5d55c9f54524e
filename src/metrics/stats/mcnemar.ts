/**
 * Exact two-sided p of McNemar's test: two classifiers on the same images, of which `onlyFirst` are right by the first alone and
 * `onlySecond` by the second alone. Under the null these fall like a fair coin: twice the smaller tail of Binomial(n, 1/2), at most 1
 * (McNemar 1947; Dietterich 1998). Images on which both agree say nothing. RangeError for what is no count.
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  for (const count of [onlyFirst, onlySecond]) if (!Number.isInteger(count) || count < 0) throw new RangeError(`images are counted in whole numbers from 0 on, got ${count}`);
  const n = onlyFirst + onlySecond;
  let logTerm = -n * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= Math.min(onlyFirst, onlySecond); k++) {
    logTerm += Math.log((n - k + 1) / k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
