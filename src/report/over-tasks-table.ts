import { hasAverage, type Comparison } from '../results/comparison.js';
import { doubtOf, type OverTasks, type Statistics } from '../results/effects/index.js';
import { percent, percentOrDash } from './numbers.js';

/** What the entries are over all tasks of a protocol, beside the average, for every format. Strings are ready to print. */
interface OverTasksTable {
  /** Whom improvement is over; null where the table has no such entry. */
  readonly reference: string | null;
  /** In the order of the table's rows. */
  readonly rows: readonly OverTasksRow[];
  /** Why an improvement is not there. */
  readonly notes: readonly string[];
}

/** A dash for what is not there. */
export interface OverTasksRow {
  readonly entry: string;
  /** In %, with the half-width of its interval where it has one. */
  readonly interquartileMean: string;
  /** Probability, 0 to 1. */
  readonly improvement: string;
}

/**
 * Null with a single task, and while no entry has finished every task. An improvement is a statement on two entries, so there is none where
 * something stands against one of the two, as there are no marks and no tests.
 */
export function overTasksTable(comparison: Comparison, reference: string | null, { overTasks }: Statistics): OverTasksTable | null {
  const { id, rows } = comparison;
  const own = new Map(overTasks.flatMap((one) => (one.table === id ? [[one.entry, one] as const] : [])));
  if (!hasAverage(comparison) || own.size === 0) return null;
  const against = rows.some(({ entry }) => entry.name === reference) ? reference : null;
  const doubts = new Map(rows.flatMap(({ entry: { name }, average }) => {
    const doubt = own.has(name) ? doubtOf(name, average) : null;
    return doubt === null ? [] : [[name, doubt] as const];
  }));
  const improvementOf = (name: string): number | null =>
    (against === null || doubts.has(against) || doubts.has(name) ? null : own.get(name)?.improvement ?? null);
  return {
    reference: against,
    rows: rows.map(({ entry: { name } }) => ({
      entry: name,
      interquartileMean: interquartileText(own.get(name)),
      improvement: improvementOf(name)?.toFixed(2) ?? '\u2013',
    })),
    notes: against === null ? [] : notesOf(against, own.has(against), doubts),
  };
}

const interquartileText = (one: OverTasks | undefined): string =>
  `${percentOrDash(one?.interquartileMean ?? null)}${one === undefined || one.interval === null ? '' : ` \u00b1 ${percent((one.interval.high - one.interval.low) / 2)}`}`;

function notesOf(reference: string, finished: boolean, doubts: ReadonlyMap<string, string>): readonly string[] {
  const none = 'No probability of improvement';
  const own = doubts.get(reference);
  if (!finished) return [`${none}: ${reference} has not finished every task at every seed.`];
  if (own !== undefined) return [`${none}, because something stands against ${reference}: ${own}.`];
  return doubts.size === 0 ? [] : [`${none} of entries with something against them: ${[...doubts.values()].join('; ')}.`];
}

/** What the two are, and what they are not. `reference`: as the table has it. */
export const overTasksMean = (reference: string | null): string => [
  'Interquartile mean: of all values of tasks and seeds the middle half; ± half-width of its 95 % interval over seeds and test images, from three seeds and four tasks on.',
  ...(reference === null ? [] : [`Probability of improvement: that a run of the entry is above a run of ${reference} on a task drawn at random, ties half, runs not paired; it has no interval.`]),
  `Nothing is ranked by ${reference === null ? 'it' : 'them'} (Agarwal et al. 2021).`,
].join(' ');
