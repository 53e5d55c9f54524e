/**
 * Holm's step-down correction (Holm 1979): p-values of several tests, adjusted so that rejecting those at or under alpha makes one
 * wrong rejection or more with probability alpha at most. In the order given.
 */
export function holm(p: readonly number[]): readonly number[] {
  const order = p.map((_, index) => index).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[index]!));
    adjusted[index] = largest;
  });
  return adjusted;
}
