import { primaryMetric, resultsByKey, suiteOf, type Cell } from './cells.js';
import { mean } from './intervals.js';
import type { PretrainBody, RunRecord } from './types.js';

/**
 * Entries whose pre-training collapsed, with the reason: they are shown, and no comparison is drawn from them. Looked at where
 * the method watches for it: the training itself says so at one seed at least, or, for a method that it tells of, k-NN with the
 * encoders is, on average over the tasks and seeds that both have, not above k-NN with the scratch entry's, which are these
 * encoders before training.
 */
export function collapsedEntries(record: RunRecord, cells: readonly Cell[]): ReadonlyMap<string, string> {
  const { entries, protocols } = suiteOf(record);
  const scratch = entries.find(({ method }) => method === 'scratch')?.name;
  const reasons = new Map<string, string>();
  for (const { name } of entries) {
    const trainings = pretrainings(record, name);
    const watched = trainings.flatMap(({ collapsed }) => (collapsed === undefined ? [] : [collapsed]));
    const byKnn = trainings.some(({ knnShowsCollapse }) => knnShowsCollapse === true);
    const found = watched.flatMap((collapsed) => (collapsed === null ? [] : [collapsed.reason]));
    if (found.length > 0) reasons.set(name, `${found[0]!}${watched.length === 1 ? '' : ` (${found.length} of ${watched.length} seeds)`}`);
    else if (byKnn && scratch !== undefined && protocols.some((protocol) => protocol.name === 'knn') && !(gain(cells, name, scratch) > 0)) {
      reasons.set(name, `k-NN with its encoder is not above k-NN with ${scratch}'s`);
    }
  }
  return reasons;
}

/** Finished pre-trainings of an entry. */
function pretrainings(record: RunRecord, entry: string): readonly PretrainBody[] {
  const results = resultsByKey(record);
  return record.jobs.flatMap(({ kind, key, tags }) => {
    const result = kind === 'pretrain' && tags['entry'] === entry ? results.get(key) : undefined;
    return result?.kind === 'pretrain' ? [result] : [];
  });
}

/** Mean difference of the k-NN cells that both entries have; Infinity where there is none, so that nothing is said. */
function gain(cells: readonly Cell[], entry: string, other: string): number {
  const values = (name: string): ReadonlyMap<string, number> =>
    new Map(cells.flatMap((cell) => (cell.state === 'done' && cell.entry === name && cell.protocol === 'knn' ? [[`${cell.seed} ${cell.task}`, primaryMetric(cell.result).value] as const] : [])));
  const reference = values(other);
  const differences = [...values(entry)].flatMap(([place, value]) => (reference.has(place) ? [value - reference.get(place)!] : []));
  return differences.length === 0 ? Infinity : mean(differences);
}
