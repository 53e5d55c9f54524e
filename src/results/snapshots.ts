import { restsOn } from './ancestors.js';
import { cellsOf, primaryMetric, resultsByKey, suiteOf, tasksOf, type Cell } from './cells.js';
import { collapsedEntries } from './collapsed.js';
import { environmentIdentity } from './environment.js';
import { mean, seedsForInterval } from './intervals.js';
import { mostFrequent } from './mixed.js';
import { geometricMean } from './ratios.js';
import { ratioAtEqualAccuracy, reached } from './reach.js';
import { standsFor } from './stands-for.js';
import type { PretrainBody, Result, RunRecord, SnapshotPoint, Snapshots, TimeRatio } from './types.js';

/** What an entry had taken at a share of its schedule at a seed, with all that it rests on. */
interface Taken extends Pick<SnapshotPoint, 'share' | 'steps' | 'images' | 'flops' | 'seconds'> { readonly cpuSeconds: number | null }

/**
 * How much of one processor a training had, with all that it rests on: under 1 other work took turns with it, above it loader threads ran in its process. `unknown` in older results;
 * null where it tells nothing: on a GPU, with several threads.
 */
type Share = number | 'unknown' | null;

/** Why a ratio of times is unresolved though nothing else stands against it. */
export const ratioHoldsOne = 'the interval of the ratio includes 1';

/** Shares of two trainings that differ by more would make of other work a difference in speed, by the clock. */
const alike = 1.1;

/**
 * Accuracy against pre-training time, of entries whose snapshots were judged. Times of two environments are never put together: only the
 * one in which most trainings ran is taken, and what the others hold is counted. Undefined where the suite asks for no snapshots.
 */
export function snapshotsOf(record: RunRecord, cells: readonly Cell[] = cellsOf(record)): Snapshots | undefined {
  const { snapshots, entries, seeds, reference } = suiteOf(record);
  if (snapshots === undefined) return undefined;
  const training = trainingsOf(record);
  const trainings = entries.filter(({ pretrain }) => pretrain !== null).flatMap(({ name }) => seeds.flatMap((seed) => training(name, seed) ?? []));
  const environment = mostFrequent(trainings.flatMap(({ environments }) => (environments.length === 1 ? environments : [])));
  const here = trainings.filter(({ environments }) => environments.length === 1 && environments[0] === environment);
  const time = here.length > 0 && here.every(({ processor }) => typeof processor === 'number' && processor <= alike) ? 'processor' : 'wall';
  const accuracy = accuraciesOf(record);
  const points = snapshots.protocols.flatMap((protocol) => here.flatMap(({ entry, seed, taken }): readonly SnapshotPoint[] => {
    const judged = taken.flatMap(({ seconds, cpuSeconds, ...rest }) => {
      const one = { ...rest, seconds: time === 'processor' ? cpuSeconds : seconds };
      const found = accuracy(entry, protocol, seed, one.share);
      return found === null ? [] : [{ entry, protocol, seed, ...one, ...found }];
    });
    // Whole curves alone: a mean over seeds is then of the same seeds at every share.
    return judged.length === taken.length ? judged : [];
  }));
  const collapsed = collapsedEntries(record, cells);
  const trained = entries.flatMap(({ name, pretrain }) => (pretrain === null ? [] : [name]));
  const against = reference === null || !trained.includes(reference) ? [] : trained.filter((name) => name !== reference).map((name) => [name, reference] as const);
  const methods = [...new Set(entries.map(({ method }) => method))].flatMap((method) => {
    const name = standsFor(method, entries)?.name;
    return name === undefined || name === reference || !trained.includes(name) ? [] : [name];
  });
  const pairs = [...against, ...methods.flatMap((name, at) => methods.slice(at + 1).map((later) => [name, later] as const))];
  const shareOf = (name: string, seed: number): Share => here.find((one) => one.entry === name && one.seed === seed)!.processor;
  /** Seeds at which a training of one of the two did not run elsewhere, so that both should be there. */
  const wanted = (names: readonly string[]): number => seeds.filter((seed) => !trainings.some((one) => one.seed === seed && names.includes(one.entry) && !here.includes(one))).length;
  const ratios = snapshots.protocols.flatMap((protocol) => pairs.map(([entry, other]) => compared(entry, other, protocol, points, collapsed, time === 'processor' ? null : shareOf, wanted([entry, other]))));
  const shares = here.flatMap(({ processor }) => (typeof processor === 'number' ? [processor] : []));
  return { points, ratios, time, ...(time === 'processor' ? { processorShares: { least: Math.min(...shares), most: Math.max(...shares) } } : {}), otherEnvironments: trainings.length - here.length };
}

interface Training { readonly entry: string; readonly seed: number; readonly taken: readonly Taken[]; readonly processor: Share; readonly environments: readonly string[] }

/** What a finished training took up to its snapshots, and where it and all that it rests on ran; null where something is not finished. */
function trainingsOf(record: RunRecord): (entry: string, seed: number) => Training | null {
  const results = resultsByKey(record);
  const jobs = new Map(record.jobs.map((job) => [job.id, job]));
  return (entry, seed) => {
    const own = record.jobs.find(({ kind, tags }) => kind === 'pretrain' && tags['entry'] === entry && tags['seed'] === String(seed));
    const result = own === undefined ? undefined : results.get(own.key);
    if (own === undefined || result?.kind !== 'pretrain' || result.snapshots === undefined) return null;
    const behind = restsOn(own, jobs).flatMap(({ key, kind }) => (kind === 'prepare' ? [] : [results.get(key)]));
    if (behind.some((one) => one === undefined)) return null;
    const before = behind.map((one) => wholeOf(one!));
    const total = (pick: (one: Whole) => number): number => before.reduce((sum, one) => sum + pick(one), 0);
    const unknown = before.some(({ seconds }) => seconds === null);
    const untold = before.some(({ cpuSeconds }) => cpuSeconds === null);
    return {
      entry,
      seed,
      taken: result.snapshots.map(({ share, steps, imagesSeen, flops, seconds, cpuSeconds = null }) => ({
        share, steps, images: imagesSeen + total(({ images }) => images), flops: flops + total((one) => one.flops),
        seconds: unknown || seconds === null ? null : seconds + total((one) => one.seconds!),
        cpuSeconds: untold || cpuSeconds === null ? null : cpuSeconds + total((one) => one.cpuSeconds!),
      })),
      processor: processorOf([result, ...behind.map((one) => one!)], [wholeOf(result), ...before]),
      environments: [...new Set([result, ...behind].map((one) => environmentIdentity(one!.environment)))],
    };
  };
}

/** The whole of a start or a clustering. A clustering that was resumed knows the time of its last part alone. */
function wholeOf(result: Result): Whole {
  if (result.kind === 'pretrain') {
    const last = (result as Result<PretrainBody>).snapshots?.at(-1);
    return { images: result.imagesSeen, flops: result.flops, seconds: last?.seconds ?? null, cpuSeconds: last?.cpuSeconds ?? null };
  }
  if (result.kind === 'cluster') return { images: result.images, flops: result.flops, ...(result.resumed ? { seconds: null, cpuSeconds: null } : { seconds: result.wallSeconds, cpuSeconds: result.cpuSeconds }) };
  throw new TypeError(`a pre-training rests on no ${result.kind}`);
}

type Whole = Omit<Taken, 'share' | 'steps'>;

function processorOf(results: readonly Result[], whole: readonly Whole[]): Share {
  if (results.some(({ environment: { engine } }) => engine !== null && (engine.device !== 'cpu' || engine.threads.intraOp * engine.threads.interOp !== 1))) return null;
  const sum = (pick: (one: Whole) => number | null): number => whole.reduce((all, one) => all + (pick(one) ?? NaN), 0);
  const share = sum(({ cpuSeconds }) => cpuSeconds) / sum(({ seconds }) => seconds);
  return Number.isFinite(share) ? share : 'unknown';
}

/** Mean over the protocol's tasks of their primary metric, and whether all of them learned; null while one of them is missing, or where one was measured by another protocol or metric version than the others. */
function accuraciesOf(record: RunRecord): (entry: string, protocol: string, seed: number, share: number) => Pick<SnapshotPoint, 'accuracy' | 'learned'> | null {
  const judged = tasksOf(record);
  const results = resultsByKey(record);
  const hashes = new Map(suiteOf(record).protocols.map(({ name, hash }) => [name, hash]));
  const versions = new Map([...hashes.keys()].map((protocol) => [protocol, mostFrequent(record.jobs.flatMap(({ key, tags }) => {
    const result = tags['protocol'] === protocol ? results.get(key) : undefined;
    return result?.kind === 'transfer' ? [result.metricVersion] : [];
  }))]));
  const place = (parts: readonly (string | undefined)[]): string => JSON.stringify(parts);
  const at = new Map(record.jobs.flatMap(({ kind, key, tags }) =>
    (kind === 'transfer' ? [[place([tags['entry'], tags['protocol'], tags['seed'], tags['snapshot'] ?? '1', tags['task']]), key] as const] : [])));
  return (entry, protocol, seed, share) => {
    const tasks = judged(protocol);
    const done = tasks.flatMap(({ name }) => {
      const result = results.get(at.get(place([entry, protocol, String(seed), String(share), name])) ?? '');
      return result?.kind === 'transfer' && result.protocolHash === hashes.get(protocol) && result.metricVersion === versions.get(protocol) ? [result] : [];
    });
    return done.length < tasks.length || done.length === 0 ? null : { accuracy: mean(done.map((result) => primaryMetric(result).value)), learned: done.every(({ failedToLearn }) => !failedToLearn) };
  };
}

/** An entry against another, the reference, seed by seed: at each, the ratio of times to the highest accuracy that both reach. `shareOf`: of a processor; null where times are of the processor. */
function compared(entry: string, reference: string, protocol: string, points: readonly SnapshotPoint[], collapsed: ReadonlyMap<string, string>, shareOf: ((name: string, seed: number) => Share) | null, wanted: number): TimeRatio {
  const pair = { entry, reference, protocol };
  const unresolved = (reason: string): TimeRatio => ({ ...pair, verdict: 'unresolved', reason, ratio: null, accuracy: null });
  const useless = [entry, reference].find((name) => collapsed.has(name));
  if (useless !== undefined) return unresolved(`${useless} collapsed in pre-training`);
  const of = (name: string) => points.filter((point) => point.entry === name && point.protocol === protocol);
  const unlearned = [entry, reference].find((name) => of(name).some(({ learned }) => !learned));
  if (unlearned !== undefined) return unresolved(`${unlearned} failed to learn on a task`);
  const curve = (name: string, seed: number) => of(name).filter((point) => point.seed === seed).map(({ seconds, accuracy }) => ({ seconds, accuracy }));
  const seeds = [...new Set(of(entry).map(({ seed }) => seed))].filter((seed) => curve(reference, seed).length > 0);
  if (seeds.length === 0) return unresolved('at no seed have both been judged at every snapshot');
  if (seeds.length < wanted) return unresolved(`at ${seeds.length} of ${wanted} seeds alone have both been judged at every snapshot`);
  const timed = seeds.map((seed) => ({ a: timedCurve(curve(entry, seed)), b: timedCurve(curve(reference, seed)) }));
  const untimed = [entry, reference].find((_, side) => timed.some(({ a, b }) => (side === 0 ? a : b) === null));
  if (untimed !== undefined) return unresolved(`how long ${untimed} took is not known`);
  const found = timed.map(({ a, b }) => ratioAtEqualAccuracy(a!, b!));
  const apart = found.filter((at) => at === null).length;
  if (apart > 0) return unresolved(`the curves do not overlap${seeds.length === 1 ? '' : ` at ${apart} of ${seeds.length} seeds`}: ${[entry, reference].map((name) => rangeText(name, seeds.filter((_, at) => found[at] === null).map((seed) => curve(name, seed)))).join(', ')}${apart === 1 ? '' : ' (means over these)'}`);
  const ratio = geometricMean(found.map((at) => at!.ratio));
  const measured = { ...pair, ratio, accuracy: mean(found.map((at) => at!.accuracy)) };
  const busy = shareOf === null ? null : busyText(seeds.map((seed) => [entry, reference].map((name) => ({ name, share: shareOf(name, seed) }))));
  if (busy !== null) return { ...measured, verdict: 'unresolved', reason: busy };
  if (ratio.low === null || ratio.high === null) return { ...measured, verdict: 'unresolved', reason: `an interval needs ${seedsForInterval} seeds` };
  if (ratio.low <= 1 && ratio.high >= 1) return { ...measured, verdict: 'unresolved', reason: ratioHoldsOne };
  return { ...measured, verdict: ratio.high < 1 ? 'faster' : 'slower', reason: null };
}

/** Why times say nothing on the two sides' speed, by their shares of a processor at each seed; null: they do. */
function busyText(seeds: readonly (readonly { readonly name: string; readonly share: Share }[])[]): string | null {
  const older = seeds.flat().find(({ share }) => share === 'unknown');
  if (older !== undefined) return `it is not known whether other work ran beside ${older.name}: loader threads ran in its process, or the result is an older one`;
  for (const sides of seeds) {
    const [less, more] = sides.flatMap(({ name, share }) => (typeof share === 'number' ? [{ name, share: Math.min(1, share) }] : [])).sort((a, b) => a.share - b.share);
    if (less !== undefined && more !== undefined && more.share > alike * less.share) {
      return `other work ran beside them: ${less.name} had ${percentText(less.share)} of a processor's time at a seed, ${more.name} ${percentText(more.share)}`;
    }
  }
  return null;
}
const percentText = (share: number): string => `${Math.round(100 * share)} %`;

const timedCurve = (curve: readonly { readonly seconds: number | null; readonly accuracy: number }[]) =>
  (curve.some(({ seconds }) => seconds === null) ? null : curve.map(({ seconds, accuracy }) => ({ seconds: seconds!, accuracy })));

/** `mae 31.0 to 40.2 %`: from the first snapshot to the highest accuracy, means over the curves. */
function rangeText(name: string, curves: readonly (readonly { readonly accuracy: number }[])[]): string {
  const ranges = curves.map((curve) => reached(curve.map(({ accuracy }) => ({ seconds: 0, accuracy }))));
  const text = (pick: (range: { readonly low: number; readonly high: number }) => number): string => (100 * mean(ranges.map(pick))).toFixed(1);
  return `${name} ${text(({ low }) => low)} to ${text(({ high }) => high)} %`;
}
