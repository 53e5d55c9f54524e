import { compare, type Comparison } from '../comparison.js';
import type { RunRecord } from '../types.js';
import { tableDifferences } from './cells.js';
import { originChanges, suiteChanges } from './changes.js';
import type { RunDifference } from './types.js';

export type { CellDifference, RunDifference, TableDifference } from './types.js';

/** What is not the same in a run and in another one, called `name`. */
export const runDifference = (here: RunRecord, comparisons: readonly Comparison[], name: string, there: RunRecord): RunDifference => ({
  name,
  version: there.version,
  createdAt: there.createdAt,
  suite: suiteChanges(here, there),
  origin: originChanges(here, there),
  tables: tableDifferences(comparisons, compare(there)),
});
