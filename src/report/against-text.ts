import type { Interval } from '../metrics/stats/index.js';
import { significance } from '../results/intervals.js';
import type { CellDifference, RunDifference, TableDifference } from '../results/run-difference/index.js';
import { count, listed, percent, plural, points } from './numbers.js';

/** A cell of two runs as people read it. */
export interface AgainstCell {
  /** Difference in percentage points, `identical`, or a dash. */
  readonly main: string;
  /** Its 95 % interval; empty where there is none. */
  readonly interval: string;
  /** The other's value and this one's, of identical cells one. */
  readonly values: string;
  /** By the paired test, corrected for all changed cells. */
  readonly differs: boolean;
  /** Of a cell that does not: what would be found; empty where nothing tells. */
  readonly seen: string;
  readonly flags: readonly string[];
}

const within = (interval: Interval, of: string): string => `[${points(interval.low)}, ${points(interval.high)}]${of}`;

export function againstCell({ state, here, there }: CellDifference): AgainstCell {
  const values = here === null || there === null ? '' : `${percent(there)} \u2192 ${percent(here)}`;
  switch (state.kind) {
    case 'identical': return { main: 'identical', interval: '', values: here === null ? '' : percent(here), differs: false, seen: '', flags: [] };
    case 'not-compared': return { main: '\u2013', interval: '', values, differs: false, seen: '', flags: [state.why] };
    case 'changed': {
      const { mean, overall, overSeeds, overImages, doubt, imagesNote, detectable } = state.difference;
      const differs = state.adjusted !== null && state.adjusted <= significance;
      const interval = overall !== null ? within(overall, '') : overSeeds !== null ? within(overSeeds, ' over seeds') : overImages !== null ? within(overImages, ' over images') : '';
      return {
        main: points(mean),
        interval,
        values,
        differs,
        seen: differs || detectable === null ? '' : `${percent(detectable)} would be found`,
        flags: [...(imagesNote === null ? [] : ['other test images']), ...(doubt === null ? [] : [doubt])],
      };
    }
  }
}

/** One sentence: what was changed, and what of the results. */
export function againstSentence({ name, version, createdAt, suite, origin, tables }: RunDifference): string {
  const cells = tables.flatMap((table) => table.cells.filter(({ task }) => task !== null));
  const averages = tables.flatMap((table) => table.cells.filter(({ task }) => task === null));
  const of = (kind: CellDifference['state']['kind']): number => cells.filter(({ state }) => state.kind === kind).length;
  const told = [
    `${count(of('identical'))} identical`,
    changedText(cells),
    ...(of('not-compared') === 0 ? [] : [`${count(of('not-compared'))} not to be compared`]),
  ].join('; ');
  return `Against ${name} (maskbench ${version}, results of ${createdAt}): ${suite.length === 0 ? 'the suite is the same' : `${plural(suite.length, 'value')} of the suite ${suite.length === 1 ? 'differs' : 'differ'}`}; ${origin.length === 0 ? 'code, machine and runtime are the same' : `what made the results differs in ${listed(origin.map(({ place }) => place))}`}. Of ${plural(cells.length, 'entry and task', 'entries and tasks')} that both have: ${told}.${averages.length === 0 ? '' : ` Of ${plural(averages.length, 'average')}, ${changedText(averages)}.`}`;
}

/** How many have changed, how many of those can be tested, and how many of these differ. */
function changedText(cells: readonly CellDifference[]): string {
  const states = cells.flatMap((cell) => (cell.state.kind === 'changed' ? [{ tested: cell.state.adjusted !== null, differs: againstCell(cell).differs }] : []));
  const [tested, differ] = [states.filter((one) => one.tested).length, states.filter((one) => one.differs).length];
  const changed = `${count(states.length)} changed`;
  if (states.length === 0) return changed;
  if (tested === 0) return `${changed}, of which none can be tested`;
  return `${changed}, of which ${tested === states.length ? '' : `${count(tested)} can be tested and `}${count(differ)} ${differ === 1 ? 'differs' : 'differ'} beyond chance`;
}

/** Tables of which nothing has changed: their names in a sentence; empty where there are none. */
export function identicalSentence({ tables }: RunDifference): string {
  const own = tables.filter(isIdentical);
  return own.length === 0 ? '' : `Identical in every cell: ${listed(own.map(({ title }) => title))}.`;
}

export const isIdentical = ({ cells }: TableDifference): boolean => cells.every(({ state }) => state.kind === 'identical');

/** What the numbers are. */
export const againstMeans = 'This run less the other, in percentage points, paired at each seed and on each test image that both have, with the 95 % interval over seeds and images together where nothing else is said; then the other’s value and this one’s at these seeds. “Differs”: by the paired test at 5 %, by Holm’s correction over all changed cells. Where it does not, the true difference that would be found in 4 of 5 such runs, before correction. Identical: every test image is judged as before.';

export const changeSide = (value: string | null): string => (value === null ? 'not there' : value);
