import { doneCells, type Cell } from './cells.js';

/**
 * What of a cell of a table was not measured as the table: under another protocol hash than `hash`, which stands beside it, or
 * by another version of the metrics than most of the table's `cells`. In words.
 */
export function mixOf(cells: readonly Cell[], hash: string): (one: Cell) => readonly string[] {
  const version = mostFrequent(doneCells(cells).map(({ result }) => result.metricVersion));
  return (one) => (one.state !== 'done' ? [] : [
    ...(one.result.protocolHash === hash ? [] : [`protocol ${one.result.protocolHash}`]),
    ...(one.result.metricVersion === version ? [] : [`metric version ${one.result.metricVersion}`]),
  ]);
}

/** The same of some cells together, with their seeds. */
export function mixesOf(cells: readonly Cell[], hash: string): (some: readonly Cell[]) => readonly string[] {
  const mixIn = mixOf(cells, hash);
  return (some) => {
    const seedsOf = new Map<string, number[]>();
    for (const cell of some) {
      for (const what of mixIn(cell)) seedsOf.set(what, [...seedsOf.get(what) ?? [], cell.seed]);
    }
    return [...seedsOf].map(([what, seeds]) => `${what} at seed ${seeds.join(', ')}`);
  };
}

/** Of equally frequent ones the first. */
export function mostFrequent<T>(values: readonly T[]): T | undefined {
  const countOf = (value: T): number => values.filter((one) => one === value).length;
  return [...new Set(values)].reduce<T | undefined>((most, value) => (most === undefined || countOf(value) > countOf(most) ? value : most), undefined);
}
