import type { Difference } from '../effects/index.js';

/** What is not the same in two runs. `here` is the run that is reported. */
export interface RunDifference {
  /** How the other run is called. */
  readonly name: string;
  readonly version: string;
  readonly createdAt: string;
  /** Of the resolved suites. */
  readonly suite: readonly Change[];
  /** Of what made the results: maskbench's version, the code of each kind of job, metric versions, machines and runtimes. */
  readonly origin: readonly Change[];
  readonly tables: readonly TableDifference[];
}

/** `place`: `entries mae options mask_ratio`. null: it is not there. */
export interface Change { readonly place: string; readonly here: string | null; readonly there: string | null }

/** Of a table that both have (Comparison.id), its tasks and entries that both have. */
export interface TableDifference {
  readonly table: string;
  readonly title: string;
  readonly tasks: readonly string[];
  readonly entries: readonly string[];
  readonly cells: readonly CellDifference[];
}

/** An entry on a task, or (null) its average over all tasks that both runs have: here less there, at the seeds of both. Fractions. */
export interface CellDifference {
  readonly entry: string;
  readonly task: string | null;
  readonly state: CellState;
  /** Means over these seeds; null where there are none. */
  readonly here: number | null;
  readonly there: number | null;
}

export type CellState =
  /** Every image is judged as before. */
  | { readonly kind: 'identical'; readonly seeds: number }
  /** `adjusted`: `p` by Holm's correction over all changed cells of all tables; null where `p` is. */
  | { readonly kind: 'changed'; readonly difference: Difference; readonly adjusted: number | null }
  /** In words, why the two are not to be compared. */
  | { readonly kind: 'not-compared'; readonly why: string };
