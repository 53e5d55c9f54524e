import { doneCells, type Cell } from './cells.js';

/**
 * What of some cells of a table was not measured as the table: under another protocol hash than `hash`, which stands beside it, or
 * by another version of the metrics than most of the table's `cells`. In words, with the seeds.
 */
export function mixesOf(cells: readonly Cell[], hash: string): (some: readonly Cell[]) => readonly string[] {
  const version = mostFrequent(doneCells(cells).map(({ result }) => result.metricVersion));
  return (some) => {
    const seedsOf = new Map<string, number[]>();
    for (const { seed, result } of doneCells(some)) {
      const what = [...(result.protocolHash === hash ? [] : [`protocol ${result.protocolHash}`]), ...(result.metricVersion === version ? [] : [`metric version ${result.metricVersion}`])];
      for (const one of what) seedsOf.set(one, [...seedsOf.get(one) ?? [], seed]);
    }
    return [...seedsOf].map(([what, seeds]) => `${what} at seed ${seeds.join(', ')}`);
  };
}

/** Of equally frequent ones the first. */
export function mostFrequent<T>(values: readonly T[]): T | undefined {
  const countOf = (value: T): number => values.filter((one) => one === value).length;
  return [...new Set(values)].reduce<T | undefined>((most, value) => (most === undefined || countOf(value) > countOf(most) ? value : most), undefined);
}
