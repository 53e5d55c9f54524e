import type { Baseline, BaselineCell } from '../baseline/types.js';
import type { Measure } from '../comparison.js';

/** An entry on a task in a table, with its cells by seed. */
export interface Place {
  readonly table: string;
  readonly measure: Measure;
  readonly task: string;
  readonly entry: string;
  readonly protocol: string;
  readonly cells: ReadonlyMap<number, BaselineCell>;
}

/** As Comparison.id. */
const tableOf = (protocol: string, measure: Measure): string => `${protocol}${measure === 'mask_ap' ? '-masks' : ''}`;

/** By what tells places apart, in the order of the cells. */
export function placesOf({ cells }: Baseline): ReadonlyMap<string, Place> {
  const places = new Map<string, Place & { readonly cells: Map<number, BaselineCell> }>();
  for (const cell of cells) {
    for (const measure of Object.keys(cell.values) as Measure[]) {
      const { entry, task, protocol, seed } = cell;
      const table = tableOf(protocol, measure);
      const key = JSON.stringify([table, measure, task, entry]);
      const place = places.get(key) ?? { table, measure, task, entry, protocol, cells: new Map<number, BaselineCell>() };
      place.cells.set(seed, cell);
      places.set(key, place);
    }
  }
  return places;
}
