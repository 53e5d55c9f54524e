import { doneCells, pretrainings, primaryMetric, suiteOf, type Cell } from './cells.js';
import { mean } from './intervals.js';
import type { RunRecord } from './types.js';

/**
 * Entries whose pre-training collapsed, with the reason: they are shown, and no comparison is drawn from them. Looked at where
 * the method watches for it: the training itself says so at one seed at least, or, for a method that it tells of, k-NN with the
 * encoders is, on average over tasks and seeds, not above k-NN with these encoders before training, by the same options.
 */
export function collapsedEntries(record: RunRecord, cells: readonly Cell[]): ReadonlyMap<string, string> {
  const { entries } = suiteOf(record);
  const all = pretrainings(record);
  const reasons = new Map<string, string>();
  for (const entry of entries) {
    const { name } = entry;
    const trainings = all.filter((one) => one.entry === name);
    const watched = trainings.flatMap(({ result: { collapsed } }) => (collapsed === undefined ? [] : [collapsed]));
    const byKnn = trainings.some(({ result: { knnShowsCollapse } }) => knnShowsCollapse === true);
    const found = watched.flatMap((collapsed) => (collapsed === null ? [] : [collapsed.reason]));
    if (found.length > 0) reasons.set(name, `${found[0]!}${watched.length === 1 ? '' : ` (${found.length} of ${watched.length} seeds)`}`);
    else if (byKnn && !(gain(cells, name) > 0)) reasons.set(name, 'k-NN with its encoder is not above k-NN with the same encoder before training');
  }
  return reasons;
}

/** Entries whose method tells of a collapse by k-NN too, in a suite that has nothing to see it by: no scratch entry, or no k-NN. */
export function unseenByKnn(record: RunRecord): readonly string[] {
  const { entries, protocols } = suiteOf(record);
  if (protocols.some(({ name }) => name === 'knn') && entries.some(({ method }) => method === 'scratch')) return [];
  const told = new Set(pretrainings(record).flatMap(({ entry, result }) => (result.knnShowsCollapse === true ? [entry] : [])));
  return entries.flatMap(({ name }) => (told.has(name) ? [name] : []));
}

/** Mean gain by training of an entry's k-NN cells; Infinity where none tells what it was before, so that nothing is said. */
function gain(cells: readonly Cell[], entry: string): number {
  const differences = doneCells(cells).flatMap(({ entry: own, result }) =>
    (own === entry && result.taskKind === 'classification' && result.untrained !== undefined ? [primaryMetric(result).value - result.untrained] : []));
  return differences.length === 0 ? Infinity : mean(differences);
}
