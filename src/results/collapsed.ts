import { canonicalJson } from '../files.js';
import type { ResolvedEntry } from '../suite/resolved.js';
import { doneCells, pretrainings, primaryMetric, suiteOf, type Cell } from './cells.js';
import { mean } from './intervals.js';
import type { RunRecord } from './types.js';

/**
 * Entries whose pre-training collapsed, with the reason: they are shown, and no comparison is drawn from them. Looked at where
 * the method watches for it: the training itself says so at one seed at least, or, for a method that it tells of, k-NN with the
 * encoders is, on average over the tasks and seeds that both have, not above k-NN with a scratch entry's, which are these
 * encoders before training. Of several scratch entries it is the first with the entry's own options of k-NN; where none has
 * them (another token is pooled, say), the first of all, and the reason says so.
 */
export function collapsedEntries(record: RunRecord, cells: readonly Cell[]): ReadonlyMap<string, string> {
  const { entries, protocols } = suiteOf(record);
  const knn = protocols.find(({ name }) => name === 'knn');
  const scratches = entries.filter(({ method }) => method === 'scratch');
  const optionsOf = (entry: ResolvedEntry): string => canonicalJson(entry.protocols['knn'] ?? knn?.options ?? {});
  const all = pretrainings(record);
  const reasons = new Map<string, string>();
  for (const entry of entries) {
    const { name } = entry;
    const trainings = all.filter((one) => one.entry === name);
    const watched = trainings.flatMap(({ result: { collapsed } }) => (collapsed === undefined ? [] : [collapsed]));
    const byKnn = trainings.some(({ result: { knnShowsCollapse } }) => knnShowsCollapse === true);
    const found = watched.flatMap((collapsed) => (collapsed === null ? [] : [collapsed.reason]));
    if (found.length > 0) reasons.set(name, `${found[0]!}${watched.length === 1 ? '' : ` (${found.length} of ${watched.length} seeds)`}`);
    else if (byKnn && knn !== undefined) {
      const like = scratches.find((one) => optionsOf(one) === optionsOf(entry));
      const scratch = like ?? scratches[0];
      if (scratch !== undefined && !(gain(cells, name, scratch.name) > 0)) {
        reasons.set(name, `k-NN with its encoder is not above k-NN with ${scratch.name}'s${like === undefined ? ', each with its own options of k-NN' : ''}`);
      }
    }
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

/** Mean difference of the k-NN cells that both entries have; Infinity where there is none, so that nothing is said. */
function gain(cells: readonly Cell[], entry: string, other: string): number {
  const values = (name: string): ReadonlyMap<string, number> =>
    new Map(doneCells(cells).filter((cell) => cell.entry === name && cell.protocol === 'knn').map((cell) => [`${cell.seed} ${cell.task}`, primaryMetric(cell.result).value]));
  const reference = values(other);
  const differences = [...values(entry)].flatMap(([place, value]) => (reference.has(place) ? [value - reference.get(place)!] : []));
  return differences.length === 0 ? Infinity : mean(differences);
}
