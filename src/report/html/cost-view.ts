import type { EntryCost } from '../../results/types.js';
import { count, duration, scaled } from '../numbers.js';

export interface CostRow {
  readonly entry: string;
  readonly cells: readonly { readonly text: string; readonly sort: string }[];
}

const cell = (value: number | null | undefined, show: (value: number) => string): { readonly text: string; readonly sort: string } =>
  value === null || value === undefined ? { text: '\u2013', sort: '' } : { text: show(value), sort: String(value) };

/** Columns of the cost table, as its groups have them: the entry's own training, the same with all that it rests on, transfers. The units stand in the cells or here. */
export const costColumns = [
  'parameters', 'images', 'classes', 'steps', 'images seen', 'FLOP', 'wall time', 'images/s', 'images seen', 'FLOP', 'wall time', 'images seen', 'FLOP', 'wall time',
] as const;

export const costRow = ({ entry, pretrain, transfer }: EntryCost): CostRow => ({
  entry,
  cells: [
    cell(pretrain?.parameters, (value) => scaled(value, '').trim()),
    cell(pretrain?.images, count),
    cell(pretrain?.classes, count),
    cell(pretrain?.steps, count),
    cell(pretrain?.imagesSeen, count),
    cell(pretrain?.flops, (value) => scaled(value, '').trim()),
    cell(pretrain?.wallSeconds, duration),
    cell(pretrain?.imagesPerSecond, count),
    cell(pretrain?.withAncestors?.imagesSeen, count),
    cell(pretrain?.withAncestors?.flops, (value) => scaled(value, '').trim()),
    cell(pretrain?.withAncestors?.wallSeconds, duration),
    cell(transfer?.imagesSeen, count),
    cell(transfer?.flops, (value) => scaled(value, '').trim()),
    cell(transfer?.wallSeconds, duration),
  ],
});
