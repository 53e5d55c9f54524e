/** What an entry costs and what it is good for: smaller costs and larger values are better. */
interface CostAndValue { readonly cost: number; readonly value: number }

/** Those that no other one beats: none costs at most as much and is at least as good, one of the two strictly. By cost, then in their order. */
export function paretoFront<T extends CostAndValue>(points: readonly T[]): readonly T[] {
  const beaten = ({ cost, value }: T): boolean => points.some((other) => other.cost <= cost && other.value >= value && (other.cost < cost || other.value > value));
  return points.filter((point) => !beaten(point)).toSorted((a, b) => a.cost - b.cost);
}
