import { count, percent } from '../numbers.js';
import { classNames, type DenseGroup } from './dense-group.js';

/** What the pixels, or the objects, of each true class are predicted as, of one entry, summed over seeds. */
export interface ConfusionView {
  readonly entry: string;
  readonly flags: readonly string[];
  readonly open: boolean;
  /** Empty where all classes are shown. */
  readonly leftOut: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly count: string; readonly cells: readonly ConfusionCell[] }[];
}

/** `text`: percent of the row; `heat`: the same as a number for the cell's shade. */
interface ConfusionCell { readonly text: string; readonly heat: number; readonly right: boolean }

/** More make no table that can be read. */
const most = 40;

/** The row and the column of detections that are of no object, and of objects that are not detected. */
const nothing = '(nothing)';

/** Counts by class and predicted class, over all seeds; classes are matched by name. `size`: the classes, of detection one more. float64 [size, size]. */
function summed(group: DenseGroup, names: readonly string[], size: number): Float64Array {
  const place = new Map(names.map((name, index) => [name, index]));
  const sums = new Float64Array(size ** 2);
  for (const { classes, confusion = [] } of group.results) {
    // Of detection it has one row and column more than classes, which no class is, whatever it is called.
    const own = [...classes.map((name) => place.get(name)!), size - 1];
    const width = Math.sqrt(confusion.length);
    confusion.forEach((count, at) => { sums[own[Math.floor(at / width)]! * size + own[at % width]!]! += count; });
  }
  return sums;
}

export function confusionView(group: DenseGroup, open: boolean): ConfusionView {
  const detects = group.results[0]?.taskKind === 'detection';
  const classes = classNames([group]);
  const names = [...classes, ...(detects ? [nothing] : [])];
  const sums = summed(group, classes, names.length);
  const total = (row: number): number => sums.subarray(row * names.length, (row + 1) * names.length).reduce((sum, one) => sum + one, 0);
  const totals = names.map((_, row) => total(row));
  const largest = new Set(names.map((_, row) => row).sort((a, b) => totals[b]! - totals[a]!).slice(0, most));
  const shown = names.map((_, row) => row).filter((row) => largest.has(row));
  return {
    entry: group.entry.name,
    flags: group.flags,
    open,
    leftOut: shown.length === names.length ? '' : `Shown are the ${most} classes with the most ${detects ? 'objects' : 'pixels'}; ${names.length - most} more count in the percentages.`,
    columns: shown.map((column) => names[column]!),
    rows: shown.filter((row) => totals[row]! > 0).map((row) => ({
      name: names[row]!,
      count: count(totals[row]!),
      cells: shown.map((column) => {
        const part = sums[row * names.length + column]! / totals[row]!;
        return { text: part === 0 ? '0' : percent(part), heat: Number(part.toFixed(3)), right: row === column && row < classes.length };
      }),
    })),
  };
}
