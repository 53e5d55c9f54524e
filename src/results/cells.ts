import type { ResolvedSuite, ResolvedTask } from '../suite/resolved.js';
import type { Failure, MetricValue, PretrainBody, Result, RunRecord, TransferBody } from './types.js';

/**
 * A cell is one (entry, task, protocol, seed). Which one a job belongs to stands in its tags; two entries that come to the
 * same job share its result and have a cell each.
 */
interface CellPlace {
  readonly job: string;
  readonly key: string;
  readonly entry: string;
  readonly task: string;
  readonly protocol: string;
  readonly seed: number;
}

export type Cell =
  | (CellPlace & { readonly state: 'done'; readonly result: Result<TransferBody> })
  /** The job failed itself: diverged, for example. */
  | (CellPlace & { readonly state: 'failed'; readonly message: string; readonly log: string })
  /** A job that it needs failed. */
  | (CellPlace & { readonly state: 'skipped'; readonly because: Failure })
  | (CellPlace & { readonly state: 'pending' });

export type DoneCell = Extract<Cell, { readonly state: 'done' }>;

/** Those that have finished. */
export const doneCells = (cells: readonly Cell[]): readonly DoneCell[] => cells.filter((cell) => cell.state === 'done');

/** The suite with the entries that are compared: without the oracle's choices. */
export function suiteOf(record: RunRecord): ResolvedSuite {
  const suite = record.suite as unknown as ResolvedSuite;
  return { ...suite, entries: suite.entries.filter((entry) => entry.oracle_of === undefined) };
}

/** The jobs of these entries, and those that belong to none. */
export function comparedJobs(record: RunRecord): RunRecord['jobs'] {
  const apart = new Set((record.suite as unknown as ResolvedSuite).entries.flatMap(({ name, oracle_of: owner }) => (owner === undefined ? [] : [name])));
  return apart.size === 0 ? record.jobs : record.jobs.filter(({ tags }) => tags['entry'] === undefined || !apart.has(tags['entry']));
}

export const resultsByKey = (record: RunRecord): ReadonlyMap<string, Result> =>
  new Map(record.results.map((result) => [result.key, result]));

/** Finished pre-trainings by entry and seed, in the order of the plan. Entries that share a job have one each. */
export function pretrainings(record: RunRecord, jobs = record.jobs): readonly { readonly entry: string; readonly seed: number; readonly result: Result<PretrainBody> }[] {
  const results = resultsByKey(record);
  return jobs.flatMap(({ kind, key, tags: { entry, seed } }) => {
    const result = kind === 'pretrain' ? results.get(key) : undefined;
    return result?.kind === 'pretrain' && entry !== undefined ? [{ entry, seed: Number(seed), result }] : [];
  });
}

const isTransfer = (result: Result | undefined): result is Result<TransferBody> => result?.kind === 'transfer';

/** Failures that stand behind a job: its own or that of something it needs. */
function failureBehind(record: RunRecord): (id: string) => Failure | null {
  const jobs = new Map(record.jobs.map((job) => [job.id, job]));
  const failures = new Map(record.failures.map((failure) => [failure.key, failure]));
  const known = new Map<string, Failure | null>();
  const find = (id: string): Failure | null => {
    const seen = known.get(id);
    if (seen !== undefined) return seen;
    known.set(id, null);
    const job = jobs.get(id);
    const own = job === undefined ? null : (failures.get(job.key) ?? null);
    const found = own ?? Object.values(job?.inputs ?? {}).map(find).find((failure) => failure !== null) ?? null;
    known.set(id, found);
    return found;
  };
  return find;
}

/** Every planned cell of the entries that are compared, in the suite's order: entries, tasks, protocols, seeds. Those of snapshots are none (results/snapshots). */
export const cellsOf = (record: RunRecord): readonly Cell[] => plannedCells(record, comparedJobs(record));

export function plannedCells(record: RunRecord, jobs = record.jobs): readonly Cell[] {
  const suite = suiteOf(record);
  const results = resultsByKey(record);
  const behind = failureBehind(record);
  const failures = new Map(record.failures.map((failure) => [failure.key, failure]));
  const order = (names: readonly string[]): ReadonlyMap<string, number> => new Map(names.map((name, index) => [name, index]));
  const entries = order(suite.entries.map(({ name }) => name));
  const tasks = order(suite.tasks.map(({ name }) => name));
  const protocols = order(suite.protocols.map(({ name }) => name));
  const rank = (cell: CellPlace): readonly number[] => [
    entries.get(cell.entry) ?? entries.size, tasks.get(cell.task) ?? tasks.size, protocols.get(cell.protocol) ?? protocols.size, cell.seed,
  ];

  const cells = jobs.flatMap((job): readonly Cell[] => {
    const { entry, task, protocol, seed } = job.tags;
    if (job.kind !== 'transfer' || job.tags['snapshot'] !== undefined || entry === undefined || task === undefined || protocol === undefined) return [];
    const place: CellPlace = { job: job.id, key: job.key, entry, task, protocol, seed: Number(seed) };
    const result = results.get(job.key);
    if (isTransfer(result)) return [{ ...place, state: 'done', result }];
    const own = failures.get(job.key);
    if (own !== undefined) return [{ ...place, state: 'failed', message: own.message, log: own.log }];
    const because = behind(job.id);
    return [because === null ? { ...place, state: 'pending' } : { ...place, state: 'skipped', because }];
  });
  return cells.toSorted((a, b) => {
    const [ranksA, ranksB] = [rank(a), rank(b)];
    const different = ranksA.findIndex((value, index) => value !== ranksB[index]);
    return different === -1 ? 0 : ranksA[different]! - ranksB[different]!;
  });
}

/** The metric that a task reports first. validateResult has made sure that it is there. */
export const primaryMetric = (result: TransferBody): MetricValue =>
  result.metrics.find(({ metric }) => metric === result.primary) ?? { metric: result.primary, value: NaN, unit: 'fraction' };

/** Tasks that a protocol judges, which are of one kind: those that cells are planned of. */
export function tasksOf(record: RunRecord): (protocol: string) => readonly ResolvedTask[] {
  const { tasks } = suiteOf(record);
  const planned = new Set(record.jobs.flatMap(({ kind, tags }) => (kind === 'transfer' ? [JSON.stringify([tags['protocol'], tags['task']])] : [])));
  return (protocol) => tasks.filter(({ name }) => planned.has(JSON.stringify([protocol, name])));
}
