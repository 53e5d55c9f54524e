import { namesOf } from '../../results/costs.js';
import type { EntryCost } from '../../results/types.js';
import { count, duration, scaledCount } from '../numbers.js';

interface Value { readonly text: string; readonly sort: string }

/** The cost table. Its groups: the entry's own training, the same with all that it rests on, transfers. The units stand in the cells or the columns. */
interface CostView {
  /** Columns of the first group. */
  readonly own: number;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly entry: string; readonly cells: readonly Value[] }[];
}

const cell = (value: number | null | undefined, show: (value: number) => string): Value =>
  value === null || value === undefined ? { text: '\u2013', sort: '' } : { text: show(value), sort: String(value) };

/** What a method makes of its source images, and parts of its operations, have a column where some entry has them. */
export function costView(costs: readonly EntryCost[]): CostView {
  const units = namesOf(costs.flatMap(({ pretrain }) => pretrain?.units ?? []));
  const parts = namesOf(costs.flatMap(({ pretrain }) => pretrain?.flopsParts ?? []));
  const own = ['encoder parameters', 'images', 'classes', 'steps', 'images seen', ...units, 'FLOP', ...parts.map((part) => `FLOP, ${part} alone`), 'wall time', 'images/s'];
  const spent = ['images seen', 'FLOP', 'wall time'];
  return {
    own: own.length,
    columns: [...own, ...spent, ...spent],
    rows: costs.map(({ entry, pretrain, transfer }) => ({
      entry,
      cells: [
        cell(pretrain?.parameters, scaledCount),
        cell(pretrain?.images, count),
        cell(pretrain?.classes, count),
        cell(pretrain?.steps, count),
        cell(pretrain?.imagesSeen, count),
        ...units.map((unit) => cell(pretrain?.units?.find(({ name }) => name === unit)?.count, count)),
        cell(pretrain?.flops, scaledCount),
        ...parts.map((part) => cell(pretrain?.flopsParts?.find(({ name }) => name === part)?.flops, scaledCount)),
        cell(pretrain?.wallSeconds, duration),
        cell(pretrain?.imagesPerSecond, count),
        cell(pretrain?.withAncestors?.imagesSeen, count),
        cell(pretrain?.withAncestors?.flops, scaledCount),
        cell(pretrain?.withAncestors?.wallSeconds, duration),
        cell(transfer?.imagesSeen, count),
        cell(transfer?.flops, scaledCount),
        cell(transfer?.wallSeconds, duration),
      ],
    })),
  };
}
