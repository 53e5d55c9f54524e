import { coverage, detectableDifference, tQuantile } from '../../metrics/stats/index.js';
import type { ClaimBound, ClaimExpression } from '../../suite/resolved.js';
import { seedCosts } from '../costs.js';
import { resultsByKey, suiteOf } from '../cells.js';
import { seedsForInterval } from '../intervals.js';
import { geometricMean } from '../ratios.js';
import { smallest } from '../smallest.js';
import { isWhole, rowsOf, startedEntries } from '../speed-rows.js';
import type { ClaimPart, Estimate, RunRecord } from '../types.js';
import { counted, intervalHolds, partOf, tooFew, undecided, type Evidence } from './part.js';
import { lineOf } from './verdict.js';

type Ratio = Extract<ClaimExpression, { readonly ratio: unknown }>['ratio'];

/** Entry divided by the other: of counted FLOPs, or for each model of the speed jobs. */
export function ratioParts(record: RunRecord, ratio: Ratio, bound: ClaimBound): readonly ClaimPart[] {
  const evidence = ratio.quantity === 'pretrain_flops' ? [flopsEvidence(record, ratio)] : speedEvidence(record, ratio, bound);
  return evidence.map((one) => partOf(one, bound));
}

/** Counting has no error: the interval is from the smallest to the largest ratio of a seed. */
function flopsEvidence(record: RunRecord, { entry, against }: Ratio): Evidence {
  const place = { on: 'FLOPs of pre-training with all that it rests on', protocolHashes: [] };
  const { seeds } = suiteOf(record);
  const costOf = seedCosts(record);
  const flops = (name: string, seed: number): number | null => costOf(name, seed)?.withAncestors?.flops ?? null;
  const ratios = seeds.flatMap((seed) => {
    const [own, other] = [flops(entry, seed), flops(against, seed)];
    return own === null || other === null ? [] : [own / other];
  });
  if (ratios.length < seeds.length) return undecided(place, `both have pre-trained at ${ratios.length} of ${counted(seeds.length, 'seed')}`);
  return { ...place, effect: geometricMean(ratios).value, interval: { low: Math.min(...ratios), high: Math.max(...ratios) }, over: `counted at ${counted(seeds.length, 'seed')}`, settledBy: [], detectable: null, open: 'the bound lies between the ratios of two seeds' };
}

function speedEvidence(record: RunRecord, { entry, against, quantity, models }: Ratio, bound: ClaimBound): readonly Evidence[] {
  const results = resultsByKey(record);
  const started = startedEntries(suiteOf(record));
  const goesOn = [entry, against].find((name) => isWhole(quantity) && started.has(name));
  return record.jobs.filter(({ kind, tags }) => kind === 'speed' && models?.includes(tags['model']!) !== false).map(({ id, key, tags }) => {
    const result = results.get(key);
    if (result?.kind !== 'speed') return undecided({ on: tags['model'] ?? id, protocolHashes: [] }, 'the speed has not been measured');
    const place = { on: result.model, protocolHashes: [] };
    if (goesOn !== undefined) return undecided(place, `${goesOn} goes on from another entry, whose schedule is not in the measurement`);
    const ratio = rowsOf(id, result, against, started).find((row) => row.entry === entry && row.quantity === quantity && row.part === null)?.ratio ?? null;
    if (ratio === null) return undecided(place, `the measurement has no ${quantity} of both`);
    return { ...place, ...measured(ratio, quantity.startsWith('flops'), bound) };
  });
}

function measured(ratio: Estimate, isCount: boolean, bound: ClaimBound): Omit<Evidence, 'on' | 'protocolHashes'> {
  const { value, low, high, n } = ratio;
  if (isCount) return { effect: value, interval: { low: value, high: value }, over: 'counted', settledBy: [], detectable: null, open: intervalHolds };
  if (low === null || high === null) return { effect: value, interval: null, over: counted(n, 'round'), settledBy: [], detectable: null, open: tooFew(n, 'rounds')! };
  return { effect: value, interval: { low, high }, over: counted(n, 'round'), settledBy: roundsNeeded({ value, high, n }, lineOf(bound)), detectable: null, open: intervalHolds };
}

/** Rounds with which the interval would leave out the line in 4 of 5 repetitions, the logarithms' spread as it is. */
function roundsNeeded({ value, high, n }: { readonly value: number; readonly high: number; readonly n: number }, line: number): ClaimPart['settledBy'] {
  if (line <= 0) return [];
  const sd = (Math.log(high / value) * Math.sqrt(n)) / tQuantile(coverage, n - 1);
  const gap = Math.abs(Math.log(value / line));
  const count = smallest(seedsForInterval, (rounds) => detectableDifference({ sd, n: rounds }) <= gap);
  return count === null ? [] : [{ what: 'rounds', count }];
}
