import type { ResolvedData, ResolvedEntry, ResolvedSuite } from '../../suite/resolved.js';
import { difference, type Average, type Comparison, type ComparisonRow, type Group, type Measure } from '../comparison.js';
import type { Summary } from '../intervals.js';
import type { Restatement } from '../types.js';
import { standsFor } from '../stands-for.js';
import type { PublishedFile, PublishedNumber, PublishedSource } from './types.js';

/** A published number beside what the run has measured. They are never ranked: `differences` is never empty. */
export interface PublishedRow {
  readonly entry: string;
  /** As Comparison.id. */
  readonly table: string;
  /** null: the average over the table's tasks, of other data than the number. */
  readonly task: string | null;
  /** Fractions; of a published difference the paired one to the entry `against`. */
  readonly measured: Summary;
  readonly against: string | null;
  readonly published: PublishedNumber;
  readonly source: PublishedSource;
  readonly differences: readonly PublishedDifference[];
}

/** In what the two are not the same. null: not told. */
export interface PublishedDifference {
  readonly of: 'method' | 'test data' | 'pre-training data' | 'model' | 'epochs' | 'protocol' | 'metric';
  readonly here: string | null;
  readonly there: string | null;
}

/** `ap`, of boxes or masks is not told, stands beside the one of boxes, with the other name of the metric as a difference. */
const metrics: Readonly<Record<string, Measure>> = { top1: 'accuracy', 'mean over 11 tasks': 'accuracy', miou: 'miou', ap: 'box_ap', box_ap: 'box_ap', mask_ap: 'mask_ap' };

/** Data sets by the sources that read them. */
const datasets: Readonly<Record<string, string>> = { cifar10: 'CIFAR-10', cifar100: 'CIFAR-100', oxford_pets: 'Oxford-IIIT Pet', stanford_cars: 'Stanford Cars' };
/** A folder's by the name that the suite gives it. */
const datasetOf = (data: ResolvedData | undefined): string | null => (data === undefined ? null : (datasets[data.source] ?? datasets[data.name] ?? data.name));

/** Standard models as papers call them. */
const models: Readonly<Record<string, string>> = { vit_tiny: 'ViT-Ti', vit_small: 'ViT-S', vit_base: 'ViT-B', vit_large: 'ViT-L' };

/** As a paper would write it, where it is one that papers have: of 224 pixels. */
function modelText({ name, width, depth, patch_size: patch, image_size: pixels }: ResolvedSuite['model']): string {
  const named = models[name];
  const text = named === undefined ? `width ${width}, depth ${depth}, patches of ${patch}` : `${named}/${patch}`;
  return pixels === 224 ? text : `${text}, ${pixels} pixels`;
}

/**
 * Published numbers of the methods that a run compares, beside the run's own: one row a number, in the order of the tables, the entries and
 * the files, never by value. A number of a data set that the suite judges stands beside that task, any other beside the average. Ratios of
 * cost and times are left out: they are of whole machines. `restatements`: of the record.
 */
export function besidePublished(suite: ResolvedSuite, comparisons: readonly Comparison[], files: readonly PublishedFile[], restatements: Readonly<Record<string, Restatement>> = {}): readonly PublishedRow[] {
  return comparisons.flatMap((comparison) => suite.entries.flatMap((entry) => files.flatMap(({ source, numbers }) => numbers.flatMap((published): readonly PublishedRow[] => {
    if (published.quantity === 'ratio' || published.method !== entry.method || standsFor(entry.method, suite.entries) !== entry) return [];
    if (metrics[published.metric] !== comparison.measure || !isOf(published, comparison, comparisons)) return [];
    const other = published.against === null ? undefined : standsFor(published.against, suite.entries);
    if (published.against !== null && other === undefined) return [];
    const column = comparison.tasks.findIndex(({ task }) => datasetOf(suite.data.find(({ name }) => name === task.data)) === published.task?.dataset);
    const cell = cellOf(comparison, entry, column);
    const beside = other === undefined ? undefined : cellOf(comparison, other, column);
    if (cell === undefined || (other !== undefined && beside === undefined)) return [];
    const measured = beside === undefined ? cell.summary : difference(cell, beside);
    // What was not measured as its table has no place beside the table's hash.
    if (measured.kind === 'none' || [cell, beside].some((one) => (one?.mixed.length ?? 0) > 0)) return [];
    const task = column === -1 ? null : comparison.tasks[column]!.task.name;
    return [{ entry: entry.name, table: comparison.id, task, measured, against: other?.name ?? null, published, source, differences: [...restated(published, restatements), ...differencesOf(suite, comparison, entry, column, published)] }];
  }))));
}

/** A number without a protocol stands beside the first table of its measure. */
const isOf = ({ protocol, metric }: PublishedNumber, comparison: Comparison, all: readonly Comparison[]): boolean =>
  (protocol.name === null ? all.find(({ measure }) => measure === metrics[metric]) === comparison : protocol.name === comparison.protocol.name);

function cellOf({ rows }: Comparison, entry: ResolvedEntry, column: number): Group | Average | undefined {
  const row: ComparisonRow | undefined = rows.find((one) => one.entry.name === entry.name);
  return column === -1 ? row?.average : row?.groups[column];
}

/** Of a published difference either side may be one. */
const restated = ({ method, against }: PublishedNumber, restatements: Readonly<Record<string, Restatement>>): readonly PublishedDifference[] =>
  [method, ...(against === null ? [] : [against])].flatMap((name) => {
    const restatement = restatements[name];
    return restatement === undefined ? [] : [{ of: 'method', here: `${restatement.name}, a re-statement from ${restatement.sources} (see Pre-training)`, there: "the paper's" } as const];
  });

/** A run's copy of a set may be a part of it, and no paper's number tells of how many images it is. */
function imagesText({ facts }: Comparison['tasks'][number]): string {
  if (facts === null) return '';
  const { low, high } = facts.nTest;
  return `, ${low === high ? low : `${low} to ${high}`} test images`;
}

/** `40`; of an entry that goes on from another `4 after 15 of mae`. */
function epochsText(entries: readonly ResolvedEntry[], { pretrain, start }: ResolvedEntry): string {
  const own = pretrain === null ? 'none' : String(Number(pretrain.schedule.epochs.toPrecision(3)));
  const before = entries.find(({ name }) => name === start);
  return before === undefined ? own : `${own} after ${epochsText(entries, before)} of ${before.name}`;
}

function differencesOf(suite: ResolvedSuite, { tasks, protocol, measure }: Comparison, entry: ResolvedEntry, column: number, published: PublishedNumber): readonly PublishedDifference[] {
  const pretrain = entry.pretrain;
  const dataHere = pretrain === null ? null : datasetOf(suite.data.find(({ name }) => name === pretrain.data));
  const metric = tasks.find((_, at) => column === -1 || at === column)?.facts?.metric ?? measure;
  const all: readonly PublishedDifference[] = [
    { of: 'test data', here: column === -1 ? `the average over ${tasks.map(({ task }) => task.name).join(', ')}` : `${published.task!.dataset}${imagesText(tasks[column]!)}`, there: published.task?.dataset ?? null },
    { of: 'pre-training data', here: dataHere, there: published.pretrainData },
    { of: 'model', here: modelText(suite.model), there: published.model },
    ...(pretrain === null ? [] : [{ of: 'epochs', here: epochsText(suite.entries, entry), there: published.epochs === null ? null : String(published.epochs) } as const]),
    { of: 'metric', here: metric, there: published.metric },
  ];
  // No paper tells all that a protocol's hash holds: the two are never known to be one.
  return [...all.filter(({ here, there }) => here !== there), { of: 'protocol', here: `${protocol.name} ${protocol.hash}`, there: published.protocol.details }];
}
