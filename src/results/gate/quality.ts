import type { Baseline } from '../baseline/types.js';
import type { Cell } from '../cells.js';
import { averageSamples, mean, seedsForInterval } from '../intervals.js';
import { chanceOf, type Change } from './chance.js';
import { averageOf, comparePlace, type Compared } from './compared.js';
import { dropTest, power, seedsToPass, type DropTest } from './drop-test.js';
import { placesOf, type Place } from './places.js';
import { alarmRate, type Tested } from './tested.js';
import type { QualityRow, Tolerances, Verdict } from './types.js';

type ColumnPlace = Pick<QualityRow, 'table' | 'measure' | 'task'>;
/** Of one table, a task's or the average's: what became of each entry. */
interface ComparedColumn extends ColumnPlace { readonly decides: boolean; readonly entries: readonly ComparedEntry[] }

/** `protocolHash`: what the baseline's cells of the place were measured by; several where they were not measured alike. */
interface ComparedEntry { readonly entry: string; readonly protocolHash: string; readonly compared: Compared }
type Changed = Extract<Compared, { readonly state: 'changed' }>;

/** All rows of accuracy, mIoU and AP that the baseline has: each entry on each task, and on the average where a table has several; then all that changed. */
export function qualityRows(before: Baseline, now: Baseline, cells: readonly Cell[], tolerances: Tolerances): readonly Tested<QualityRow>[] {
  const columns = columnsOf(before, now, cells);
  const chance = chanceOf(columns.map(({ entries }) => new Map(entries.flatMap(({ entry, compared }) => (compared.state === 'changed' ? [[entry, compared.change]] : [])))));
  const rows = columns.flatMap((column, at) => column.entries.map((place) => {
    const { entry, compared } = place;
    const known = chance.columns[at]!;
    const tested = known === null || compared.state !== 'changed' || compared.change.identical ? null : dropTest(compared.change, known, chance.restless.get(entry) ?? 1, tolerances.tolerance);
    return rowOf(column, place, tested, tolerances);
  }));
  const changed = columns.flatMap(({ decides, entries }) => (decides ? entries.flatMap(({ compared }) => (compared.state === 'changed' && !compared.change.identical ? [compared] : [])) : []));
  return changed.length < 2 ? rows : [...rows, ...wholeRow(changed, tolerances)];
}

/** The mean of the averages that changed, a t-test over its seeds alone: nothing under three in common, with which it would be blind and take half of the alarms from the other rows. */
function wholeRow(changed: readonly Changed[], tolerances: Tolerances): readonly Tested<QualityRow>[] {
  const bySeed = averageSamples(changed.map(({ change }) => change.bySeed));
  if (bySeed.size < seedsForInterval) return [];
  // Their images are partly the same ones: their mean varies at most as they do on the mean.
  const change: Change = { bySeed, imageVariance: mean(changed.map((one) => one.change.imageVariance)), source: 'all', identical: false };
  const [known] = chanceOf([new Map([['all', change]])]).columns;
  const compared: Changed = { state: 'changed', change, before: mean(changed.map(({ before }) => before)), now: mean(changed.map(({ now }) => now)) };
  const row = rowOf({ table: null, measure: null, task: null, decides: false }, { entry: null, protocolHash: null, compared }, known == null ? null : dropTest(change, known, 1, tolerances.tolerance), tolerances);
  return [{ ...row, whole: true }];
}

function columnsOf(before: Baseline, now: Baseline, cells: readonly Cell[]): readonly ComparedColumn[] {
  const [places, current] = [placesOf(before), placesOf(now)];
  const planned = (place: Place): readonly Cell[] => cells.filter(({ entry, task, protocol }) => entry === place.entry && task === place.task && protocol === place.protocol);
  const compared = [...places].map(([key, place]) => ({ ...place, compared: comparePlace(place, current.get(key), planned(place), before.images) }));
  return [...new Set(compared.map(({ table }) => table))].flatMap((table): readonly ComparedColumn[] => {
    const own = compared.filter((place) => place.table === table);
    const { measure } = own[0]!;
    const hashOf = (some: typeof own): string => [...new Set(some.flatMap(({ cells: held }) => [...held.values()].map(({ protocolHash }) => protocolHash)))].join(' and ');
    const tasks = [...new Set(own.map(({ task }) => task))];
    const single = tasks.map((task) => ({ table, measure, task, decides: tasks.length === 1, entries: own.filter((place) => place.task === task).map((place) => ({ entry: place.entry, protocolHash: hashOf([place]), compared: place.compared })) }));
    if (tasks.length === 1) return single;
    const entries = [...new Set(own.map(({ entry }) => entry))];
    const averages = entries.map((entry) => {
      const mine = own.filter((place) => place.entry === entry);
      return { entry, protocolHash: hashOf(mine), compared: averageOf(mine.map((place) => place.compared)) };
    });
    return [...single, { table, measure, task: null, decides: true, entries: averages }];
  });
}

function rowOf({ table, measure, task, decides }: Omit<ComparedColumn, 'entries'>, { entry, protocolHash, compared }: Pick<QualityRow, 'entry' | 'protocolHash'> & Pick<ComparedEntry, 'compared'>, test: DropTest | null, { tolerance }: Tolerances): Tested<QualityRow> {
  const place = { kind: 'quality', table, measure, protocolHash, entry, task } as const;
  if (compared.state === 'decided') {
    return { p: null, decides, whole: false, finish: () => ({ ...place, seeds: 0, before: null, now: null, change: null, identical: false, p: null, adjusted: null, verdict: compared.verdict }) };
  }
  const { change: { identical, bySeed }, before, now } = compared;
  const interval = identical ? { low: 0, high: 0 } : test === null ? null : { low: test.low, high: test.high };
  const p = test?.p ?? null;
  return {
    p,
    decides,
    whole: false,
    ...(identical ? {} : { seedsToPass: (wanted: number) => (test === null ? null : seedsToPass(test, tolerance, wanted)) }),
    finish: (adjusted) => ({
      ...place, seeds: bySeed.size, before, now, change: { mean: mean([...bySeed.values()]), interval }, identical, p, adjusted,
      verdict: identical ? { verdict: 'pass' } : verdictOf(test, adjusted, tolerance, bySeed.size),
    }),
  };
}

function verdictOf(test: DropTest | null, adjusted: number | null, tolerance: number, seeds: number): Verdict {
  const few = (detectable: number | null, settles: number | null): Verdict => ({ verdict: 'cannot-tell', reason: { why: 'too-few-seeds', seeds, detectable, settles } });
  if (test === null || adjusted === null) return few(null, null);
  if (adjusted <= alarmRate) return { verdict: 'regressed', because: 'worse' };
  if (test.high < -tolerance) return { verdict: 'cannot-tell', reason: { why: 'one-of-many', adjusted } };
  const needed = seedsToPass(test, tolerance, power);
  return test.low >= -tolerance ? { verdict: 'pass' } : few(test.detectable, needed !== null && needed > seeds ? needed : null);
}
