import { canonicalJson } from '../../files.js';
import { holm } from '../../metrics/stats/index.js';
import { doneCells } from '../cells.js';
import { measureValue, type Comparison, type ComparisonRow, type Group } from '../comparison.js';
import { differenceOf, doubtOf, evaluationOf, replicate, type Sides } from '../effects/index.js';
import { mean } from '../intervals.js';
import { truthOf } from '../truth.js';
import type { Result, TransferBody } from '../types.js';
import type { CellDifference, CellState, TableDifference } from './types.js';

/** What two runs have of a place, before any test. */
interface Pair { readonly pairs: readonly { readonly here: Result<TransferBody>; readonly there: Result<TransferBody> }[]; readonly why: string | null; readonly identical: boolean; readonly doubt: string | null }

/** The tables that both runs have. Takes seconds where much has changed. */
export function tableDifferences(here: readonly Comparison[], there: readonly Comparison[]): readonly TableDifference[] {
  const tables = here.flatMap((own) => {
    const other = there.find(({ id }) => id === own.id);
    return other === undefined ? [] : [tableDifference(own, other)];
  });
  const p = tables.flatMap(({ cells }) => cells.flatMap(({ state }) => (state.kind === 'changed' && state.difference.p !== null ? [state.difference.p] : [])));
  const adjusted = holm(p);
  let at = 0;
  return tables.map((table) => ({
    ...table,
    cells: table.cells.map((cell) => (cell.state.kind === 'changed' && cell.state.difference.p !== null ? { ...cell, state: { ...cell.state, adjusted: adjusted[at++]! } } : cell)),
  }));
}

function tableDifference(here: Comparison, there: Comparison): TableDifference {
  const tasks = here.tasks.map(({ task }) => task.name).filter((name) => there.tasks.some(({ task }) => task.name === name));
  const rows = here.rows.flatMap((row) => {
    const other = there.rows.find(({ entry }) => entry.name === row.entry.name);
    return other === undefined ? [] : [[row, other] as const];
  });
  const groupOf = ({ groups }: ComparisonRow, task: string): Group => groups.find((group) => group.task === task)!;
  return {
    table: here.id,
    title: here.title,
    tasks,
    entries: rows.map(([{ entry }]) => entry.name),
    cells: rows.flatMap(([row, other]): readonly CellDifference[] => {
      const { name: entry } = row.entry;
      const pairs = tasks.map((task) => pairOf(entry, groupOf(row, task), groupOf(other, task)));
      const sides = pairs.map((pair): Sides | null => (pair.why === null && !pair.identical ? sidesOf(pair, here) : null));
      const single = pairs.map((pair, at) => ({ entry, task: tasks[at]!, ...meansOf([pair], here), state: stateOf([pair], sides[at] === null ? [] : [sides[at]!]) }));
      if (tasks.length < 2) return single;
      // Of tasks that are identical the average needs the draws too.
      const changed = pairs.some(({ identical }) => !identical) && pairs.every(({ why }) => why === null);
      const all = changed ? pairs.map((pair, at) => sides[at] ?? sidesOf(pair, here)) : [];
      return [...single, { entry, task: null, ...meansOf(pairs, here), state: stateOf(pairs, all) }];
    }),
  };
}

function pairOf(entry: string, here: Group, there: Group): Pair {
  const done = ({ cells }: Group): ReadonlyMap<number, Result<TransferBody>> => new Map(doneCells(cells).map(({ seed, result }) => [seed, result]));
  const others = done(there);
  const pairs = [...done(here)].flatMap(([seed, result]) => {
    const other = others.get(seed);
    return other === undefined ? [] : [{ here: result, there: other }];
  });
  const lost = lostSeeds(here, there);
  const alike = pairs.length > 0 && pairs.every(({ here: a, there: b }) => judgedAlike(a, b));
  return { pairs, why: whyNot(pairs) ?? (alike ? lost : null), identical: alike && lost === null, doubt: doubtOf(entry, here) ?? doubtOf(entry, there) ?? lost };
}

/** Seeds that both runs plan and one has not finished: those that are left are a selection. Null: none. */
function lostSeeds(here: Group, there: Group): string | null {
  const planned = here.cells.filter(({ seed }) => there.cells.some((other) => other.seed === seed)).map(({ seed }) => seed);
  const doneIn = ({ cells }: Group): ReadonlySet<number> => new Set(doneCells(cells).map(({ seed }) => seed));
  const [own, others] = [doneIn(here), doneIn(there)];
  const [gone, come] = [planned.filter((seed) => others.has(seed) && !own.has(seed)), planned.filter((seed) => own.has(seed) && !others.has(seed))];
  const text = (seeds: readonly number[], where: string): readonly string[] => (seeds.length === 0 ? [] : [`${seeds.length} of ${planned.length} seeds ${seeds.length === 1 ? 'has' : 'have'} no result ${where}`]);
  const lost = [...text(gone, 'here'), ...text(come, 'there')];
  return lost.length === 0 ? null : lost.join(', ');
}

function whyNot(pairs: Pair['pairs']): string | null {
  if (pairs.length === 0) return 'no seed in common';
  for (const { here, there } of pairs) {
    if (here.protocolHash !== there.protocolHash) return `protocol ${here.protocolHash} here, ${there.protocolHash} there`;
    if (canonicalJson(here.config['options'] ?? null) !== canonicalJson(there.config['options'] ?? null)) return 'the entry has other options of its own for this protocol';
    if (here.metricVersion !== there.metricVersion) return `metric version ${here.metricVersion} here, ${there.metricVersion} there`;
    if (here.primary !== there.primary) return `${here.primary} here, ${there.primary} there`;
    if (canonicalJson([...here.classes]) !== canonicalJson([...there.classes])) return 'other classes';
    if (otherTruth(here, there)) return `other ${here.taskKind === 'classification' ? 'labels' : 'annotations'} of the same test images`;
  }
  return null;
}

function otherTruth(here: TransferBody, there: TransferBody): boolean {
  const truth = truthOf(there);
  const known = new Map(there.perImage.ids.map((id, at) => [id, canonicalJson(truth[at])]));
  const own = truthOf(here);
  return here.perImage.ids.some((id, at) => known.has(id) && known.get(id) !== canonicalJson(own[at]));
}

/** Not by the jobs' keys: those of two machines are equal, and their last bits need not be. */
const judgedAlike = (a: Result<TransferBody>, b: Result<TransferBody>): boolean =>
  whyNot([{ here: a, there: b }]) === null && judgedText(a) === judgedText(b);

const judgedText = ({ metrics, perImage }: Result<TransferBody>): string => canonicalJson({ metrics, perImage });

function sidesOf({ pairs }: Pair, { measure }: Comparison): Sides {
  const [entry, against] = [pairs.map(({ here }) => evaluationOf(here, measure)), pairs.map(({ there }) => evaluationOf(there, measure))];
  const all = replicate([...entry, ...against], [...entry, ...against]);
  return { entry: all.slice(0, entry.length), against: all.slice(entry.length) };
}

function meansOf(tasks: readonly Pair[], { measure }: Comparison): { readonly here: number | null; readonly there: number | null } {
  if (tasks.some(({ pairs }) => pairs.length === 0)) return { here: null, there: null };
  const over = (side: 'here' | 'there'): number => mean(tasks.map(({ pairs }) => mean(pairs.map((pair) => measureValue(pair[side], measure)))));
  return { here: over('here'), there: over('there') };
}

function stateOf(tasks: readonly Pair[], sides: readonly Sides[]): CellState {
  const why = tasks.find((task) => task.why !== null)?.why ?? null;
  if (why !== null) return { kind: 'not-compared', why: tasks.length === 1 ? why : `not on all tasks: ${why}` };
  if (tasks.every(({ identical }) => identical)) return { kind: 'identical', seeds: Math.min(...tasks.map(({ pairs }) => pairs.length)) };
  const difference = differenceOf(sides, tasks.find(({ doubt }) => doubt !== null)?.doubt ?? null);
  return difference === null ? { kind: 'not-compared', why: 'no seed in common' } : { kind: 'changed', difference, adjusted: null };
}
