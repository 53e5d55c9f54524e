import type { Comparison } from '../../results/comparison.js';
import type { Statistics } from '../../results/effects/index.js';
import { averagesText, measureName } from '../measure-text.js';
import { plural } from '../numbers.js';
import { ownOptionsOfAll } from '../option-facts.js';
import { columnGroups } from '../significance.js';
import { averageView, type CellView } from './comparison-view.js';

/** The averages of all protocols side by side: what a reader looks for first. */
interface OverviewView {
  readonly caption: string;
  /** `measure` is empty where all columns have one and the same. */
  readonly columns: readonly { readonly name: string; readonly measure: string; readonly hash: string }[];
  readonly rows: readonly { readonly entry: string; readonly cells: readonly CellView[] }[];
}

/** Null with a single protocol: its own table says it all. */
export function overviewView(comparisons: readonly Comparison[], statistics: Statistics): OverviewView | null {
  const [first] = comparisons;
  if (first === undefined || comparisons.length < 2) return null;
  const several = new Set(comparisons.map(({ measure }) => measure)).size > 1;
  return {
    caption: [`${averagesText(comparisons)}, ${plural(first.seeds, 'seed')}. To be compared down a column: protocols judge differently.`, ...ownOptionsOfAll(first.rows.map(({ entry }) => entry), comparisons.map(({ protocol }) => protocol))].join(' '),
    columns: comparisons.map(({ title, measure, protocol }) => ({ name: title, measure: several ? measureName(measure) : '', hash: protocol.hash })),
    rows: first.rows.map(({ entry }, row) => ({
      entry: entry.name,
      cells: comparisons.map(({ id, rows }) => ({ ...averageView(rows[row]!, columnGroups(statistics, id, null)), average: false })),
    })),
  };
}
