import { canonicalJson, type JsonObject } from '../../files.js';
import type { Cell } from '../../results/cells.js';
import { resultsByKey } from '../../results/cells.js';
import { protocolTitle } from '../../results/comparison.js';
import { environmentIdentity } from '../../results/environment.js';
import type { Environment, PrepareBody, Result, RunRecord } from '../../results/types.js';
import type { ResolvedProtocol, ResolvedSuite } from '../../suite/resolved.js';
import { count, duration } from '../numbers.js';
import { optionFacts, ownOptions, type Fact } from '../option-facts.js';

interface EnvironmentView { readonly jobs: string; readonly facts: readonly Fact[] }

const withoutPeak = (engine: NonNullable<Environment['engine']>): JsonObject => Object.fromEntries(Object.entries(engine).filter(([name]) => name !== 'peakDeviceMemory'));
const peakOf = ({ engine }: Environment): number => engine?.peakDeviceMemory?.bytes ?? 0;

/** One machine, whatever ran on it. */
const isSameMachine = (a: Environment, b: Environment): boolean => canonicalJson({ ...a, engine: null }) === canonicalJson({ ...b, engine: null });

/** Distinct machines and runtimes behind the results: more than one is worth knowing. */
export function environments(record: RunRecord): readonly EnvironmentView[] {
  const groups = new Map<string, { environment: Environment; jobs: number; peak: number }>();
  const all = record.results.map(({ environment }) => environment);
  for (const own of all) {
    // A job without tensors carries no engine: it is told with the machine's other jobs, where there are any.
    const environment = own.engine === null ? all.find((other) => other.engine !== null && isSameMachine(own, other)) ?? own : own;
    const key = environmentIdentity(environment);
    const known = groups.get(key);
    groups.set(key, { environment, jobs: (known?.jobs ?? 0) + 1, peak: Math.max(known?.peak ?? 0, peakOf(own)) });
  }
  return [...groups.values()].sort((a, b) => b.jobs - a.jobs).map(({ environment, jobs, peak }) => ({
    jobs: `${count(jobs)} ${jobs === 1 ? 'job' : 'jobs'}`,
    facts: [
      { name: 'platform', value: environment.platform },
      { name: 'processor', value: `${environment.cpu}, ${environment.cores} cores` },
      { name: 'Node.js', value: environment.node },
      ...(environment.engine === null ? [{ name: 'engine', value: 'none (no tensors)' }] : optionFacts({ engine: withoutPeak(environment.engine) })),
      ...(peak === 0 ? [] : [{ name: 'highest GPU memory', value: `${(peak / 2 ** 30).toFixed(1)} GiB` }]),
    ],
  }));
}

interface JobGroupView { readonly kind: string; readonly done: string; readonly failed: string; readonly pending: string; readonly wall: string; readonly cpu: string }
interface JobView { readonly id: string; readonly kind: string; readonly state: string; readonly wall: string; readonly key: string; readonly resumed: boolean }

export function jobViews(record: RunRecord): { readonly groups: readonly JobGroupView[]; readonly jobs: readonly JobView[]; readonly shared: number } {
  const results = resultsByKey(record);
  const failed = new Set(record.failures.map(({ key }) => key));
  const unique = [...new Map(record.jobs.map((job) => [job.key, job])).values()];
  const kinds = [...new Set(unique.map(({ kind }) => kind))];
  const groups = kinds.map((kind): JobGroupView => {
    const jobs = unique.filter((job) => job.kind === kind);
    const done = jobs.flatMap(({ key }) => results.get(key) ?? []);
    const failures = jobs.filter(({ key }) => failed.has(key)).length;
    return {
      kind,
      done: count(done.length),
      failed: count(failures),
      pending: count(jobs.length - done.length - failures),
      wall: duration(done.reduce((total, { wallSeconds }) => total + wallSeconds, 0)),
      cpu: duration(done.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0)),
    };
  });
  const jobs = record.jobs.map(({ id, key, kind }): JobView => {
    const result = results.get(key);
    return {
      id,
      kind,
      state: result !== undefined ? 'done' : failed.has(key) ? 'failed' : 'not run',
      wall: result === undefined ? '' : duration(result.wallSeconds),
      key: key.slice(0, 12),
      resumed: result?.resumed ?? false,
    };
  });
  return { groups, jobs, shared: record.jobs.length - unique.length };
}

interface ProtocolView {
  readonly name: string;
  readonly hash: string;
  readonly description: string;
  readonly options: readonly Fact[];
  readonly overrides: readonly { readonly entry: string; readonly options: readonly Fact[] }[];
}

export const protocolView = (record: RunRecord, suite: ResolvedSuite, { name, hash, options }: ResolvedProtocol): ProtocolView => ({
  name: protocolTitle({ name }, suite),
  hash,
  description: record.descriptions?.[`protocol/${name}`] ?? '',
  options: optionFacts(options),
  overrides: ownOptions(suite.entries, { name, hash, options }),
});

interface SourceView {
  readonly name: string;
  readonly size: string;
  readonly images: string;
  readonly classes: string;
  readonly unreadableCount: string;
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
  readonly more: number;
  /** What is said of its annotations. */
  readonly notes: readonly string[];
}

const shownUnreadable = 200;
const prepared = (record: RunRecord): readonly Result<PrepareBody>[] =>
  record.results.flatMap((result) => (result.kind === 'prepare' ? [result as Result<PrepareBody>] : []));

export const sourceViews = (record: RunRecord): readonly SourceView[] =>
  prepared(record).map(({ source, size, crops, images, classes, unreadable, leftOut = 0, asIs = 0 }) => ({
    name: source,
    size: `${size} × ${size} px${crops === undefined ? '' : `, crops from ${crops} × ${crops}`}`,
    images: count(images),
    classes: count(classes),
    unreadableCount: count(unreadable.length),
    unreadable: unreadable.slice(0, shownUnreadable),
    more: Math.max(0, unreadable.length - shownUnreadable),
    notes: [
      ...(leftOut === 0 ? [] : [`Of ${source}, ${leftOut} ${leftOut === 1 ? 'object or picture is' : 'objects or pictures are'} passed over (a training object whose box has no area, a picture without a label map); the log of the job that prepared it names them.`]),
      ...(asIs === 0 ? [] : [`In ${source}, ${asIs} ${asIs === 1 ? 'object is' : 'objects are'} taken as pycocotools takes them, though something is wrong (an outline that crosses itself, a mask without a pixel, a box to find without an area); the log of the job that prepared it names them.`]),
    ],
  }));

export const credits = (record: RunRecord): readonly string[] => [...new Set(prepared(record).flatMap((body) => body.credits))];

interface FailureView { readonly id: string; readonly message: string; readonly logFile: string; readonly cells: number }

/** Jobs that failed, with the number of cells that are missing for it. */
export const failureViews = (record: RunRecord, cells: readonly Cell[]): readonly FailureView[] =>
  record.failures.map(({ id, key, message, log }) => ({
    id,
    message,
    logFile: log,
    cells: cells.filter((cell) => (cell.state === 'failed' && cell.key === key) || (cell.state === 'skipped' && cell.because.key === key)).length,
  }));
