import jstat from 'jstat';
import { tQuantile } from '../../metrics/stats/index.js';
import { measurementHash, measurementOf } from '../baseline/measurement.js';
import type { Baseline, BaselineSpeed } from '../baseline/types.js';
import { coverage, mean, sampleSd, seedsForInterval } from '../intervals.js';
import { geometricMean } from '../ratios.js';
import type { RunRecord } from '../types.js';
import { alarmRate, type Tested } from './tested.js';
import type { SpeedGateRow, Tolerances, Unclear, Verdict } from './types.js';

const quantities = [['images_per_second', 'outside'], ['images_per_second_with_loader', 'inside']] as const;

/** Throughput of every entry whose speed the baseline has, against rounds of another time on an equal machine and runtime. */
export function speedRows(before: Baseline, now: Baseline, record: RunRecord, { slower }: Tolerances): readonly Tested<SpeedGateRow>[] {
  return before.speeds.flatMap((old) => {
    const own = now.speeds.find(({ model, entry }) => model === old.model && entry === old.entry);
    const verdict = own === undefined ? missing(record, old.model) : otherPlace(old, own);
    const measurement = own === undefined ? null : measurementHash(own);
    return quantities.map(([quantity, turns]): Tested<SpeedGateRow> => {
      const place = { kind: 'speed', how: 'recorded', model: old.model, entry: old.entry, quantity, measurement } as const;
      if (own === undefined || verdict !== null) return undecided(place, verdict!);
      return same(old[turns], own[turns]) ? notAgain(place, old, old[turns]) : throughputRow(place, old.batchSize, old[turns], own[turns], slower, unpaired);
    });
  });
}

const cannotTell = (reason: Unclear): Verdict => ({ verdict: 'cannot-tell', reason });

function missing({ jobs, failures, results }: RunRecord, model: string): Verdict {
  const planned = jobs.find(({ kind, tags }) => kind === 'speed' && tags['model'] === model);
  const failure = failures.find(({ key }) => key === planned?.key);
  if (failure !== undefined) return { verdict: 'regressed', because: 'failed', message: failure.message };
  // A finished one has no such entry.
  return cannotTell({ why: planned === undefined || results.some(({ key }) => key === planned.key) ? 'absent' : 'not-run' });
}

function otherPlace(before: BaselineSpeed, now: BaselineSpeed): Verdict | null {
  if (before.environment !== now.environment) return cannotTell({ why: 'other-environment', before: before.environment, now: now.environment });
  const [then, here] = [before, now].map(measurementOf) as [string, string];
  return then === here ? null : cannotTell({ why: 'other-measurement', before: then, now: here });
}

type Place = Pick<SpeedGateRow, 'kind' | 'how' | 'model' | 'entry' | 'quantity' | 'measurement'>;

const undecided = (place: Place, verdict: Verdict): Tested<SpeedGateRow> =>
  ({ p: null, decides: true, whole: false, finish: () => ({ ...place, before: null, now: null, ratio: null, p: null, adjusted: null, verdict }) });

const same = (before: readonly number[], now: readonly number[]): boolean => before.length === now.length && before.every((seconds, round) => seconds === now[round]);

/** Times that are equal to the bit are one measurement: the store has it still, as nothing that it is of has changed. */
function notAgain(place: Place, { batchSize }: BaselineSpeed, seconds: readonly number[]): Tested<SpeedGateRow> {
  const throughput = batchSize / geometricMean(seconds).value;
  return { p: null, decides: true, whole: false, finish: () => ({ ...place, before: throughput, now: throughput, ratio: { n: seconds.length, value: 1, low: 1, high: 1 }, p: null, adjusted: null, verdict: { verdict: 'pass' } }) };
}

/** Mean of the logarithm of the ratio now / before of throughput, its standard error, and degrees of freedom. */
interface LogRatio { readonly centre: number; readonly error: number; readonly df: number }

const logs = (seconds: readonly number[]): readonly number[] => seconds.map(Math.log);

/** Of rounds that have nothing in common (Welch 1947). */
function unpaired(before: readonly number[], now: readonly number[]): LogRatio {
  const [a, b] = [logs(before), logs(now)].map((values) => ({ mean: mean(values), n: values.length, share: sampleSd(values) ** 2 / values.length })) as [Part, Part];
  const error = a.share + b.share;
  return { centre: a.mean - b.mean, error: Math.sqrt(error), df: error === 0 ? a.n + b.n - 2 : error ** 2 / (a.share ** 2 / (a.n - 1) + b.share ** 2 / (b.n - 1)) };
}
interface Part { readonly mean: number; readonly n: number; readonly share: number }

/**
 * A row for every entry and quantity of the version before, which both have measured in turns; a visit is one value. Visits of equal index are a pair. An entry that is
 * new has nothing to be held against.
 */
export function remeasuredRows(before: readonly (readonly BaselineSpeed[])[], now: readonly (readonly BaselineSpeed[])[], slower: number): readonly Tested<SpeedGateRow>[] {
  const measured = new Map(before.flat().map((one) => [`${one.model} ${one.entry}`, one]));
  return [...measured.values()].flatMap((old) => quantities.map(([quantity, turns]): Tested<SpeedGateRow> => {
    const { model, entry, batchSize } = old;
    const [there, here] = [before, now].map((visits) => visits.flatMap((speeds) => speeds.filter((one) => one.model === model && one.entry === entry))) as [BaselineSpeed[], BaselineSpeed[]];
    const place = { kind: 'speed', how: 'again', model, entry, quantity, measurement: here[0] === undefined ? null : measurementHash(here[0]) } as const;
    if (there.length < before.length || here.length < now.length) return undecided(place, cannotTell({ why: 'visits-missing', before: there.length, now: here.length, of: now.length }));
    const other = here.find((one) => measurementOf(one) !== measurementOf(old));
    if (other !== undefined) return undecided(place, cannotTell({ why: 'other-measurement', before: measurementOf(old), now: measurementOf(other) }));
    const seconds = (visits: readonly BaselineSpeed[]): readonly number[] => visits.map((one) => geometricMean(one[turns]).value);
    return throughputRow(place, batchSize, seconds(there), seconds(here), slower, paired);
  }));
}

/** Of rounds that were measured in turns. */
function paired(before: readonly number[], now: readonly number[]): LogRatio {
  const ratios = logs(before).map((value, round) => value - Math.log(now[round]!));
  return { centre: mean(ratios), error: sampleSd(ratios) / Math.sqrt(ratios.length), df: ratios.length - 1 };
}

/** `before`, `now`: seconds of a step by round. */
function throughputRow(place: Place, batchSize: number, before: readonly number[], now: readonly number[], slower: number, compare: (before: readonly number[], now: readonly number[]) => LogRatio): Tested<SpeedGateRow> {
  const rounds = Math.min(before.length, now.length);
  if (rounds < seedsForInterval) return undecided(place, cannotTell({ why: 'too-few-rounds', rounds }));
  const { centre, error, df } = compare(before, now);
  const half = tQuantile(coverage, df) * error;
  const least = Math.log(1 - slower);
  const p = error === 0 ? Number(centre >= least) : jstat.studentt.cdf((centre - least) / error, df);
  const throughput = (seconds: readonly number[]): number => batchSize / geometricMean(seconds).value;
  return {
    p,
    decides: true,
    whole: false,
    finish: (adjusted) => ({
      ...place,
      before: throughput(before),
      now: throughput(now),
      ratio: { n: rounds, value: Math.exp(centre), low: Math.exp(centre - half), high: Math.exp(centre + half) },
      p,
      adjusted,
      verdict: adjusted !== null && adjusted <= alarmRate ? { verdict: 'regressed', because: 'worse' }
        : centre + half < least && adjusted !== null ? cannotTell({ why: 'one-of-many', adjusted })
        : centre - half >= least ? { verdict: 'pass' }
          : cannotTell({ why: 'too-few-rounds', rounds }),
    }),
  };
}
