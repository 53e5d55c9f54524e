import type { Comparison } from '../../results/comparison.js';
import { averagesText } from '../measure-text.js';
import { plural } from '../numbers.js';
import { averageView, type CellView } from './comparison-view.js';

/** The averages of all protocols side by side: what a reader looks for first. */
export interface OverviewView {
  readonly caption: string;
  readonly columns: readonly { readonly name: string; readonly hash: string }[];
  readonly rows: readonly { readonly entry: string; readonly cells: readonly CellView[] }[];
}

/** Null with a single protocol: its own table says it all. */
export function overviewView(comparisons: readonly Comparison[]): OverviewView | null {
  const [first] = comparisons;
  if (first === undefined || comparisons.length < 2) return null;
  return {
    caption: `${averagesText(comparisons)}, ${plural(first.seeds, 'seed')}. To be compared down a column: protocols judge differently.`,
    columns: comparisons.map(({ title, protocol }) => ({ name: title, hash: protocol.hash })),
    rows: first.rows.map(({ entry }, row) => ({
      entry: entry.name,
      cells: comparisons.map(({ rows }) => ({ ...averageView(rows[row]!), average: false })),
    })),
  };
}
