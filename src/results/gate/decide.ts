import { baselineOf } from '../baseline/record.js';
import type { Baseline } from '../baseline/types.js';
import { cellsOf, suiteOf } from '../cells.js';
import type { RunRecord } from '../types.js';
import { power } from './drop-test.js';
import { qualityRows } from './quality.js';
import { speedRows } from './speed.js';
import { adjust, type Tested } from './tested.js';
import { tolerancesOf } from './tolerances.js';
import type { Gate, GateRow, Unclear, Verdict } from './types.js';

/** Rows that are measured now, for this comparison. */
export interface Remeasured { readonly against: string; readonly rows: readonly Tested<GateRow>[] }

/**
 * Holds a run against a baseline. A row regressed where a drop by more than the tolerance is shown, at a rate of 5 % for all rows
 * together (`adjust`); it passes where its 95 % interval leaves such a drop out. Overall: regressed with any row; pass where every average
 * over tasks and every speed passes (single tasks may be too noisy to tell); else it cannot be told.
 *
 * @param baseline null: none is asked for, and only speeds measured again are judged
 */
export function decide(record: RunRecord, baseline: Baseline | null, again: Remeasured | null = null): Gate {
  const tolerances = tolerancesOf(record);
  const now = baselineOf(record, 'now');
  const cells = cellsOf(record);
  const tested: readonly Tested<GateRow>[] = [
    ...(baseline === null ? [] : qualityRows(baseline, now, cells, tolerances)),
    // What is measured again, in turns, is better than what was measured at another time.
    ...(baseline === null || again !== null ? [] : speedRows(baseline, now, record, tolerances)),
    ...(again?.rows ?? []),
  ];
  const adjusted = adjust(tested);
  const rows = tested.map(({ finish }, at) => finish(adjusted[at]!));
  return {
    suite: suiteOf(record).name,
    against: [...(baseline === null ? [] : [`baseline ${baseline.name}`]), ...(again === null ? [] : [again.against])].join(' and '),
    tolerances,
    verdict: overall(rows, tested),
    rows,
    notes: baseline === null ? [] : notesOf(baseline, again === null ? now : { ...now, speeds: [] }, cells.length > 0),
  };
}

/** The gate's answer where there is no baseline to compare with. */
export const withoutBaseline = (record: RunRecord, file: string): Gate =>
  ({ suite: suiteOf(record).name, against: file, tolerances: tolerancesOf(record), verdict: cannotTell({ why: 'baseline-missing', file }), rows: [], notes: [] });

const cannotTell = (reason: Unclear): Verdict => ({ verdict: 'cannot-tell', reason });

const isCompared = (row: GateRow): boolean => (row.kind === 'quality' ? row.change : row.ratio) !== null;

function overall(rows: readonly GateRow[], tested: readonly Tested<GateRow>[]): Verdict {
  const worst = rows.find(({ verdict }) => verdict.verdict === 'regressed');
  if (worst !== undefined) return worst.verdict;
  if (!rows.some(isCompared)) return rows[0]?.verdict ?? cannotTell({ why: 'nothing-compared' });
  const deciding = rows.flatMap((row, at) => (tested[at]!.decides ? [{ row, seedsToPass: tested[at]!.seedsToPass }] : []));
  const open = deciding.flatMap((one) => (one.row.verdict.verdict === 'cannot-tell' ? [{ ...one, reason: one.row.verdict.reason }] : []));
  if (open.length === 0) return { verdict: 'pass' };
  if (deciding.length === 1) return open[0]!.row.verdict;
  // With it each, all of them pass in `power` of the cases, had they nothing in common.
  const varying = deciding.flatMap(({ seedsToPass }) => (seedsToPass === undefined ? [] : [seedsToPass]));
  const each = power ** (1 / varying.length);
  const needs = (row: { readonly seedsToPass: Tested<GateRow>['seedsToPass'] | undefined }): number => row.seedsToPass?.(each) ?? Infinity;
  const mended = open.every(({ reason }) => reason.why === 'too-few-seeds');
  const all = mended ? Math.max(...varying.map((seedsToPass) => seedsToPass(each) ?? Infinity)) : Infinity;
  const had = Math.max(0, ...open.map(({ reason }) => (reason.why === 'too-few-seeds' ? reason.seeds : 0)));
  const [first] = mended ? [...open].sort((a, b) => needs(b) - needs(a)) : open.filter(({ reason }) => reason.why !== 'too-few-seeds');
  return cannotTell({ why: 'rows-open', open: open.length, of: deciding.length, row: first!.row, reason: first!.reason, settles: Number.isFinite(all) && all > had ? all : null });
}

/** Places of the run that the baseline lacks. */
function countOfNew<T>(before: readonly T[], now: readonly T[], place: (one: T) => readonly string[]): number {
  const known = new Set(before.map((one) => JSON.stringify(place(one))));
  return new Set(now.map((one) => JSON.stringify(place(one))).filter((one) => !known.has(one))).size;
}

function notesOf(before: Baseline, now: Baseline, judges: boolean): readonly string[] {
  const fresh = countOfNew(before.cells, now.cells, ({ entry, task, protocol }) => [entry, task, protocol]);
  const freshSpeeds = countOfNew(before.speeds, now.speeds, ({ model, entry }) => [model, entry]);
  const seedsOf = ({ cells }: Baseline): ReadonlySet<number> => new Set(cells.map(({ seed }) => seed));
  const [wanted, had] = [seedsOf(before), seedsOf(now)];
  const common = [...wanted].filter((seed) => had.has(seed)).length;
  return [
    ...(before.suite === now.suite ? [] : [`The baseline is of the suite ${before.suite}, the run of ${now.suite}.`]),
    ...(before.setup === now.setup ? [] : ['Entries, model, data or tasks of the suite have changed since the baseline was recorded.']),
    ...(judges && now.cells.length > 0 && before.environments.join() !== now.environments.join() ? ['The baseline was made on another machine or runtime: bits may differ without any change of the code.'] : []),
    ...(fresh === 0 ? [] : [`${fresh} of the run's places (entry, task, protocol) are not in the baseline and are not compared.`]),
    ...(freshSpeeds === 0 ? [] : [`${freshSpeeds} of the run's speeds (model, entry) are not in the baseline and are not compared.`]),
    ...(judges && common < wanted.size ? [`The run has ${common} of the baseline's ${wanted.size} seeds.`] : []),
  ];
}
