import { detectableByThis, hierarchicalInterval } from '../../metrics/stats/index.js';
import type { ClaimBound, ClaimExpression } from '../../suite/resolved.js';
import { certaintyOf } from '../effects/index.js';
import { significance } from '../intervals.js';
import type { ClaimPart } from '../types.js';
import { counted, missingParts, partOf, tooFew, undecided } from './part.js';
import { pairedOn, placed, type Placed } from './places.js';
import { seedsNeeded } from './settles.js';
import type { ClaimTable } from './tables.js';
import { verdictOf } from './verdict.js';

/** A task: whether its entry is above all others, as far as that is known, and with how many seeds it would be; `detectable`: differences to all others that would decide it. */
interface TaskStanding { readonly task: string; readonly state: 'best' | 'beaten' | 'open'; readonly isTop: boolean; readonly seedsNeeded: number | null; readonly detectable: number | null; readonly doubt: string | null; readonly tooFew: string | null }

/** The share of the tasks on which an entry is above all others, table by table; a text: why it is not asked. */
export function bestOnParts({ entry, against, ...place }: Extract<ClaimExpression, { readonly best_on: unknown }>['best_on'], bound: ClaimBound, tables: readonly ClaimTable[]): readonly ClaimPart[] | string {
  const places = placed(place, tables);
  return typeof places === 'string' ? places : [...places.found.map((one) => partOnTable(one, entry, against, bound)), ...missingParts(places.missing, bound)];
}

function partOnTable(place: Placed, entry: string, against: readonly string[], bound: ClaimBound): ClaimPart {
  const { table, tasks } = place;
  const at = { on: `${table.title}, ${counted(tasks.length, 'task')}`, protocolHashes: table.hash === null ? [] : [table.hash] };
  if (place.pending !== null) return partOf(undecided(at, place.pending), bound);
  // Any wrong one of all these comparisons would be one too many (Bonferroni).
  const level = 1 - significance / (tasks.length * against.length);
  const standings = tasks.map((task) => standing({ ...place, tasks: [task] }, entry, against, level));
  const open = standings.filter(({ state }) => state === 'open');
  const interval = shareOf(standings);
  // A task that an entry in doubt leaves open matters where the others do not decide without it.
  const doubts = verdictOf(interval, bound) === 'unresolved' ? [...new Set(open.flatMap(({ doubt }) => doubt ?? []))] : [];
  return partOf({
    ...at,
    effect: doubts.length > 0 ? null : standings.filter(({ isTop }) => isTop).length / tasks.length,
    interval,
    over: `${counted(tasks.length - open.length, 'task')} decided of ${tasks.length}`,
    settledBy: doubts.length > 0 ? [] : seedsToDecide(standings, bound),
    detectable: doubts.length > 0 ? null : largest(open.map(({ detectable }) => detectable)),
    open: doubts.length > 0 ? doubts.join('; ') : open[0]?.tooFew ?? `open on ${open.map(({ task }) => task).join(', ')}`,
  }, bound);
}

/** Of a task, with intervals of this level of the differences to each other entry. */
function standing(place: Placed, entry: string, against: readonly string[], level: number): TaskStanding {
  const others = against.map((other) => {
    const { series, doubt } = pairedOn(place, entry, other);
    const certainty = certaintyOf(series, doubt);
    // Images judged alike on both sides do not tell how far apart they may be.
    const alike = certainty?.overall != null && certainty.overall.low === certainty.overall.high;
    const estimate = alike ? null : certainty?.estimate ?? null;
    return { tooFew: certainty === null ? null : tooFew(certainty.seeds, 'seeds'), doubt: doubt ?? (certainty === null ? 'no seed has finished' : null), mean: certainty?.mean ?? NaN, estimate, interval: estimate === null ? null : hierarchicalInterval(estimate, level), detectable: estimate === null ? null : detectableByThis(estimate, { level }) };
  });
  const isTop = others.every(({ mean }) => mean > 0);
  const state = others.some(({ interval }) => interval !== null && interval.high < 0) ? 'beaten' : others.every(({ interval }) => interval !== null && interval.low > 0) ? 'best' : 'open';
  const needed = others.filter(({ mean }) => isTop || mean < 0).map(({ estimate }) => (estimate === null ? null : seedsNeeded(estimate, 0, level)));
  const known = needed.filter((seeds) => seeds !== null);
  const all = isTop && known.length < needed.length;
  return {
    task: place.tasks[0]!,
    state,
    isTop,
    seedsNeeded: known.length === 0 || all ? null : isTop ? Math.max(...known) : Math.min(...known),
    detectable: largest(others.map(({ detectable }) => detectable)),
    doubt: others.find(({ doubt }) => doubt !== null)?.doubt ?? null,
    tooFew: others[0]?.tooFew ?? null,
  };
}

/** null where one is not known, or there is none. */
const largest = (values: readonly (number | null)[]): number | null => {
  const known = values.flatMap((value) => value ?? []);
  return known.length < values.length || known.length === 0 ? null : Math.max(...known);
};

/** Tasks on which the entry is best, without and with the open ones. */
function shareOf(standings: readonly Pick<TaskStanding, 'state'>[]): { readonly low: number; readonly high: number } {
  const share = (states: readonly TaskStanding['state'][]): number => standings.filter(({ state }) => states.includes(state)).length / standings.length;
  return { low: share(['best']), high: share(['best', 'open']) };
}

/** Seeds with which enough of the open tasks would be decided, each as its means are. */
function seedsToDecide(standings: readonly TaskStanding[], bound: ClaimBound): ClaimPart['settledBy'] {
  const decidedBy = (seeds: number) => standings.map((one) =>
    (one.state === 'open' && one.seedsNeeded !== null && one.seedsNeeded <= seeds ? { state: one.isTop ? 'best' as const : 'beaten' as const } : one));
  const numbers = [...new Set(standings.flatMap(({ seedsNeeded: seeds }) => seeds ?? []))].sort((a, b) => a - b);
  const count = numbers.find((seeds) => verdictOf(shareOf(decidedBy(seeds)), bound) !== 'unresolved');
  return count === undefined ? [] : [{ what: 'seeds', count }];
}

