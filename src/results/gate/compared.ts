import { canonicalJson } from '../../files.js';
import type { Baseline, BaselineCell } from '../baseline/types.js';
import type { Cell } from '../cells.js';
import { averageSamples, mean } from '../intervals.js';
import type { Change } from './chance.js';
import { imageVariance } from './image-variance.js';
import type { Place } from './places.js';
import type { Unclear, Verdict } from './types.js';

/** What a row says before any test: its change by seed, or why there is none. */
export type Compared =
  | { readonly state: 'changed'; readonly change: Change; readonly before: number; readonly now: number }
  | { readonly state: 'decided'; readonly verdict: Exclude<Verdict, { readonly verdict: 'pass' }> };

const unclear = (reason: Unclear): Compared => ({ state: 'decided', verdict: { verdict: 'cannot-tell', reason } });

/** `now`: the place in the run, where some cell of it has finished; `planned`: its cells. Seeds that both have are compared. */
export function comparePlace(before: Place, now: Place | undefined, planned: readonly Cell[], images: Baseline['images']): Compared {
  const open = planned.filter(({ seed }) => before.cells.has(seed));
  if (planned.length === 0) return unclear({ why: 'absent' });
  if (open.length === 0) return unclear({ why: 'no-common-seed' });
  const [message] = open.flatMap((cell) => (cell.state === 'failed' ? [cell.message] : cell.state === 'skipped' ? [cell.because.message] : []));
  if (message !== undefined) return { state: 'decided', verdict: { verdict: 'regressed', because: 'failed', message } };
  const pairs = open.flatMap(({ seed }) => {
    const second = now?.cells.get(seed);
    return second === undefined ? [] : [{ seed, first: before.cells.get(seed)!, second }];
  });
  if (open.some(({ state }) => state === 'pending')) return unclear({ why: 'not-run' });
  if (pairs.length < open.length) return unclear({ why: 'not-measured' });
  const other = pairs.map(({ first, second }) => otherMeasure(first, second)).find((reason) => reason !== null);
  if (other !== undefined && other !== null) return unclear(other);

  const value = (cell: BaselineCell): number => cell.values[before.measure]!;
  const identical = pairs.every(({ first, second }) => same(first, second));
  return {
    state: 'changed',
    before: mean(pairs.map(({ first }) => value(first))),
    now: mean(pairs.map(({ second }) => value(second))),
    change: {
      bySeed: new Map(pairs.map(({ seed, first, second }) => [seed, value(second) - value(first)])),
      imageVariance: identical ? 0 : mean(pairs.map(({ first, second }) => imageVariance(before.measure, images[first.images]!, first, second))),
      source: pairs.map(({ second }) => second.key).join(' '),
      identical,
    },
  };
}

function otherMeasure(before: BaselineCell, now: BaselineCell): Unclear | null {
  if (before.protocolHash !== now.protocolHash) return { why: 'other-protocol', before: before.protocolHash, now: now.protocolHash };
  if (before.optionsHash !== now.optionsHash) return { why: 'other-options', before: before.optionsHash, now: now.optionsHash };
  if (before.metricVersion !== now.metricVersion) return { why: 'other-metric-version', before: String(before.metricVersion), now: String(now.metricVersion) };
  if (before.primary !== now.primary) return { why: 'other-measurement', before: before.primary, now: now.primary };
  if (before.images !== now.images) return { why: 'other-images' };
  return before.fingerprint === undefined || now.fingerprint === undefined || before.fingerprint === now.fingerprint ? null : { why: 'other-data', before: before.fingerprint, now: now.fingerprint };
}

const same = (a: BaselineCell, b: BaselineCell): boolean => canonicalJson([a.values, a.perImage]) === canonicalJson([b.values, b.perImage]);

/** The average over a table's tasks, at the seeds that all of them have; their images are other ones. */
export function averageOf(tasks: readonly Compared[]): Compared {
  const parts = tasks.flatMap((task) => (task.state === 'changed' ? [task] : []));
  const missing = tasks.find((task) => task.state === 'decided');
  if (missing?.state === 'decided') return unclear({ why: 'cells-missing', of: missing.verdict.verdict === 'cannot-tell' ? missing.verdict.reason : { why: 'failed' } });
  const bySeed = averageSamples(parts.map(({ change }) => change.bySeed));
  if (bySeed.size === 0) return unclear({ why: 'no-common-seed' });
  return {
    state: 'changed',
    before: mean(parts.map(({ before }) => before)),
    now: mean(parts.map(({ now }) => now)),
    change: {
      bySeed,
      imageVariance: mean(parts.map(({ change }) => change.imageVariance)) / parts.length,
      source: parts.map(({ change }) => change.source).join(' '),
      identical: parts.every(({ change }) => change.identical),
    },
  };
}
