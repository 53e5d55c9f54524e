/** Larger numbers of repeats are no plan any more. */
export const most = 10_000;

/**
 * The smallest number from `from` to `most` for which it is so, where from some number on it stays so; null where it is not so even at the end. Steps from
 * `from` on double until it is so, then halve: small numbers are usual, and asking costs.
 */
export function smallest(from: number, isSo: (n: number) => boolean): number | null {
  let [low, high] = [from, from];
  for (let step = 1; !isSo(high); step *= 2) {
    if (high === most) return null;
    low = high + 1;
    high = Math.min(high + step, most);
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}
