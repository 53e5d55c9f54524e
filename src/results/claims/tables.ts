import { collapsedEntries } from '../collapsed.js';
import { cellsOf, comparedJobs, doneCells, resultsByKey, suiteOf } from '../cells.js';
import { maskTableId, type Comparison } from '../comparison.js';
import { doubtOf, missingSeeds, replicate, replicatedColumn, seriesOf, type Evaluation, type Series } from '../effects/index.js';
import { mostFrequent } from '../mixed.js';
import type { OverlapTable } from '../../suite/resolved.js';
import { overlapHash } from '../overlaps.js';
import type { RunRecord } from '../types.js';
import { weightedMean } from './weighted-mean.js';

/** Numbers of entries on tasks that claims are decided by. */
export interface ClaimTable {
  readonly id: string;
  readonly title: string;
  /** Of the protocol, or of how else is measured; null while nothing is. */
  readonly hash: string | null;
  /** `side`: null while no result tells. */
  readonly tasks: readonly { readonly name: string; readonly side: 'A' | 'B' | 'mixed' | null }[];
  cell(task: string, entry: string): ClaimCell;
}

/** An entry on a task, at its seeds. `doubt`: why nothing is concluded from it; null: nothing stands against it. */
interface ClaimCell { readonly series: Series; readonly doubt: string | null }

const once = <T>(make: (name: string) => T): ((name: string) => T) => {
  const known = new Map<string, T>();
  return (name) => {
    if (!known.has(name)) known.set(name, make(name));
    return known.get(name)!;
  };
};

/** A protocol's table. Test images are drawn for the entries of `wanted` alone. */
export function protocolTable(comparison: Comparison, wanted: readonly string[]): ClaimTable {
  const { id, title, protocol, tasks, rows, seeds } = comparison;
  const at = (task: string): number => tasks.findIndex((column) => column.task.name === task);
  const column = once((task) => replicatedColumn(comparison, at(task), wanted));
  return {
    id,
    title,
    hash: protocol.hash,
    tasks: tasks.map(({ task, facts }) => ({ name: task.name, side: facts?.side ?? null })),
    cell(task, entry) {
      const group = rows.find((row) => row.entry.name === entry)!.groups[at(task)]!;
      return { series: seriesOf(column(task).get(entry) ?? []), doubt: doubtOf(entry, group) ?? missingSeeds(entry, task, group.sample.size, seeds) };
    },
  };
}

/**
 * With a table of masks for each protocol of which it is not known yet whether it judges any: the tasks of which no cell has finished. A
 * claim on it waits for them.
 */
export function withPendingMasks(comparisons: readonly Comparison[]): readonly Comparison[] {
  const known = new Set(comparisons.map(({ id }) => id));
  return comparisons.flatMap((comparison) => {
    const { measure, tasks, rows } = comparison;
    const pending = tasks.flatMap((_, at) => (rows.every(({ groups }) => groups[at]!.sample.size === 0) ? [at] : []));
    const masks = maskTableId(comparison.protocol);
    if (known.has(masks) || pending.length === 0 || !(measure === 'box_ap' || pending.length === tasks.length)) return [comparison];
    return [comparison, { ...comparison, id: masks, title: `${comparison.title}, masks`, tasks: pending.map((at) => tasks[at]!), rows: rows.map((row) => ({ ...row, groups: pending.map((at) => row.groups[at]!) })) }];
  });
}

/** What a claim on attention is decided by, of each image that shows an object: its best head, and that less a disc in the middle as large, which overlaps the more the larger it is. */
const overlapMeasures: Readonly<Record<OverlapTable, { readonly title: string; of(best: number, disc: number): number }>> = {
  overlap: { title: 'overlap of attention and objects', of: (best) => best },
  'overlap-above-disc': { title: 'overlap of attention and objects above that of a disc as large', of: (best, disc) => best - disc },
};

export const isOverlapTable = (id: string): boolean => Object.hasOwn(overlapMeasures, id);

/** The overlap of attention and objects: where tasks tell objects from a background. Empty where none does. */
export function overlapClaimTables(record: RunRecord): readonly ClaimTable[] {
  const { tasks, seeds } = suiteOf(record);
  const jobs = comparedJobs(record).filter(({ kind }) => kind === 'overlap');
  const judged = tasks.filter(({ name }) => jobs.some(({ tags }) => tags['task'] === name));
  if (judged.length === 0) return [];
  const results = resultsByKey(record);
  const cells = cellsOf(record);
  // An overlap tells no side; the task's transfers do.
  const sides = new Map(doneCells(cells).map(({ task, result }) => [task, result.side]));
  const collapsed = collapsedEntries(record, cells);
  const shared = new Map(record.sharedEncoders.map(({ entry, reason }) => [entry, reason]));
  const all = jobs.flatMap(({ key, tags }) => {
    const result = results.get(key);
    return result?.kind === 'overlap' ? [{ task: tags['task']!, entry: tags['entry']!, seed: Number(tags['seed']), perImage: result.perImage, hash: overlapHash(result) }] : [];
  });
  // Entries with another one are in doubt.
  const hash = mostFrequent(all.map((one) => one.hash)) ?? null;
  return Object.entries(overlapMeasures).map(([id, { title, of }]): ClaimTable => {
    const column = once((task) => {
      const own = all.filter((one) => one.task === task);
      const evaluations = own.map(({ seed, perImage: { ids, jaccard, disc } }): Evaluation => {
        const values = jaccard.map((heads, image) => of(Math.max(...heads), disc[image]!));
        return { seed, value: weightedMean(values)(values.map(() => 1)), ids, classes: null, statistic: weightedMean(values), right: null };
      });
      const replicated = replicate(evaluations, evaluations);
      return (entry: string): Series => seriesOf(replicated.filter((_, index) => own[index]!.entry === entry));
    });
    return {
      id,
      title,
      hash,
      tasks: judged.map(({ name }) => ({ name, side: sides.get(name) ?? null })),
      cell(task, entry) {
        const series = column(task)(entry);
        const reason = collapsed.get(entry);
        const whole = shared.get(entry);
        const other = all.find((one) => one.task === task && one.entry === entry && one.hash !== hash);
        return {
          series,
          doubt: other !== undefined ? `${entry} was measured otherwise (protocol ${other.hash})` : reason !== undefined ? `${entry} collapsed in pre-training: ${reason}` : whole !== undefined ? `${entry}: ${whole}`
            : missingSeeds(entry, task, series.length, seeds.length),
        };
      },
    };
  });
}
