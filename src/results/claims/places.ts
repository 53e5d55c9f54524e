import type { ClaimPlace } from '../../suite/resolved.js';
import { differences, averageOver, type Series } from '../effects/index.js';
import { isOverlapTable, type ClaimTable } from './tables.js';

/** Tasks of a table that a claim is about. `pending`: why they are not known yet. */
export interface Placed { readonly table: ClaimTable; readonly tasks: readonly string[]; readonly pending: string | null }

/** Where a claim is decided, and tables of it that the run does not have: it cannot hold there. */
export interface Places { readonly found: readonly Placed[]; readonly missing: readonly MissingTable[] }
export interface MissingTable { readonly table: string; readonly why: string }

/** The places of a claim: each of its tables that judges one of its tasks; a text where there is none: why. */
export function placed(place: ClaimPlace, tables: readonly ClaimTable[]): Places | string {
  const { tasks: named, side } = place;
  const missing: MissingTable[] = [];
  const taskless: string[] = [];
  const found = place.tables.flatMap((id): readonly Placed[] => {
    const table = tables.find((one) => one.id === id);
    if (table === undefined) {
      missing.push({ table: id, why: isOverlapTable(id) ? 'no task of this suite tells objects from a background' : `there is no table ${id}: no task is judged so, or none has finished` });
      return [];
    }
    const own = table.tasks.filter(({ name }) => named?.includes(name) !== false);
    const unknown = side !== undefined && own.some((task) => task.side === null);
    const tasks = own.filter((task) => side === undefined || task.side === side || task.side === null).map(({ name }) => name);
    if (tasks.length === 0) {
      taskless.push(`${table.title} judges none of its tasks${side === undefined ? '' : ` of side ${side}`}`);
      return [];
    }
    return [{ table, tasks, pending: unknown ? `the sides of tasks are told by results, which are missing` : null }];
  });
  return found.length > 0 ? { found, missing } : [...missing.map(({ why }) => why), ...taskless].join('; ');
}

/** A number at each seed, and why nothing is concluded from it. */
export interface Paired { readonly series: Series; readonly doubt: string | null }

/** Entry minus the other, mean over the tasks, at the seeds that both have on all. */
export function pairedOn({ table, tasks, pending }: Placed, entry: string, against: string): Paired {
  const both = tasks.map((task) => [table.cell(task, entry), table.cell(task, against)] as const);
  const doubts = [...new Set(both.flat().flatMap(({ doubt }) => doubt ?? []))];
  return {
    series: averageOver(both.map(([own, other]) => differences(own.series, other.series))),
    doubt: pending ?? (doubts.length === 0 ? null : doubts.join('; ')),
  };
}

/** `fine-tune, emoji/mammals`, `fine-tune, mean of 4 tasks`. */
export const placeText = ({ table, tasks }: Placed): string =>
  `${table.title}, ${tasks.length === 1 ? tasks[0]! : `mean of ${tasks.length} tasks`}`;
