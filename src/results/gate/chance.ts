import { mean } from '../intervals.js';

/** What changed of one cell or average, seed by seed. */
export interface Change {
  /** now - before, by seed. */
  readonly bySeed: ReadonlyMap<number, number>;
  /** Variance that the finite number of test images gives one of them, at least. */
  readonly imageVariance: number;
  /** Changes of one source (entries that share a job) count once in what they say about chance. */
  readonly source: string;
  /** Every image is judged as before. */
  readonly identical: boolean;
}

/** A column of a table: the change of each entry, by its name. */
export type Column = ReadonlyMap<string, Change>;

/** How much one seed's change varies by chance in a column, and how well that is known. */
export interface ColumnChance { readonly variance: number; readonly df: number }

interface Chance {
  /** In the order of the columns; null: nothing tells (one seed, or nothing changed). */
  readonly columns: readonly (ColumnChance | null)[];
  /** By entry: how many times the others' variance its own is, at least 1. */
  readonly restless: ReadonlyMap<string, number>;
}

const sumOfSquares = (values: readonly number[]): number => {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
};

/** Values [sources][seeds] of a column's changes that say something about chance. `entries`: those of each source. */
interface Spread { readonly entries: readonly (readonly string[])[]; readonly values: readonly (readonly number[])[]; readonly variance: number; readonly common: number }

function spreadOf(column: Column): Spread | null {
  const changed = [...column].filter(([, { identical }]) => !identical);
  const own = [...new Map(changed.map(([, change]) => [change.source, change])).values()];
  const seeds = [...own[0]?.bySeed.keys() ?? []].filter((seed) => own.every(({ bySeed }) => bySeed.has(seed)));
  if (seeds.length < 2) return null;
  const values = own.map(({ bySeed }) => seeds.map((seed) => bySeed.get(seed)!));
  const within = values.reduce((sum, row) => sum + sumOfSquares(row), 0);
  const variance = within / (values.length * (seeds.length - 1));
  const ofSeeds = (values.length * sumOfSquares(seeds.map((_, at) => mean(values.map((row) => row[at]!))))) / (seeds.length - 1);
  // A seed's mean square is (1 + (entries - 1) share) times the variance, where entries have that share of it in common.
  const common = values.length < 2 || variance === 0 ? NaN : (ofSeeds / variance - 1) / (values.length - 1);
  return { entries: own.map(({ source }) => changed.flatMap(([entry, change]) => (change.source === source ? [entry] : []))), values, variance, common };
}

/**
 * Chance in a comparison, from all its columns. Two or three seeds say next to nothing about their own spread, so:
 * - the entries of a column share one variance, within entries over seeds (what is identical to the bit says nothing, and is left out);
 * - an entry that varies more than the others, on the mean over its columns, has so many times that variance;
 * - what a seed does to all entries alike (another order of the data) is no independent evidence: with a share r of the variance in
 *   common, over all columns, e entries of n seeds have e (n - 1) / (1 + (e - 1) r^2) degrees of freedom (Satterthwaite 1946).
 */
export function chanceOf(columns: readonly Column[]): Chance {
  const spreads = columns.map(spreadOf);
  const shares = spreads.flatMap((spread) => (spread === null || Number.isNaN(spread.common) ? [] : [spread.common]));
  const share = shares.length === 0 ? 0 : Math.min(1, Math.max(0, mean(shares)));
  const factors = new Map<string, number[]>();
  for (const spread of spreads) {
    if (spread === null || spread.variance === 0) continue;
    spread.values.forEach((row, at) => {
      const factor = sumOfSquares(row) / (row.length - 1) / spread.variance;
      for (const entry of spread.entries[at]!) factors.set(entry, [...factors.get(entry) ?? [], factor]);
    });
  }
  return {
    columns: spreads.map((spread) => {
      if (spread === null) return null;
      const entries = spread.values.length;
      return { variance: spread.variance, df: (entries * (spread.values[0]!.length - 1)) / (1 + (entries - 1) * share ** 2) };
    }),
    restless: new Map([...factors].map(([entry, all]) => [entry, Math.max(1, mean(all))])),
  };
}
