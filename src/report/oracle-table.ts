import type { Comparison } from '../results/comparison.js';
import { mean } from '../results/intervals.js';
import type { ReportData } from './format.js';
import { listed, percent } from './numbers.js';

/** Oracles by one protocol, for every format: apart from the comparison, without intervals and marks. */
interface OracleTable {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly { readonly entry: string; readonly collapsed: boolean; readonly cells: readonly string[] }[];
}

/** Null where no oracle has a value. */
export function oracleTable({ record, collapsed }: Pick<ReportData, 'record' | 'collapsed'>, { measure, protocol, tasks, seeds, title }: Pick<Comparison, 'measure' | 'protocol' | 'tasks' | 'seeds' | 'title'>): OracleTable | null {
  // The best is taken by what a task reports first, of detection its boxes.
  const values = measure === 'mask_ap' ? [] : (record.oracle ?? []).filter((one) => one.protocol === protocol.name);
  const entries = [...new Set(values.map(({ entry }) => entry))];
  if (entries.length === 0) return null;
  const encoders = listed(entries.map((entry) => `${values.find((one) => one.entry === entry)!.of} of ${entry}`));
  return {
    title: `Oracle by ${title}: reads test data`,
    about: `Not part of the comparison. For each task and seed, the best on the task's test images of the encoders with each of the entry's experts in turn (${encoders}), whichever its search took. No method can choose so, and the best of several is high by chance too.`,
    rows: entries.map((entry) => {
      const means = tasks.map(({ task }) => {
        const own = values.filter((one) => one.entry === entry && one.task === task.name).map(({ value }) => value);
        return own.length === seeds ? mean(own) : null;
      });
      const known = means.filter((value) => value !== null);
      const text = (value: number | null): string => (value === null ? '\u2013' : percent(value));
      return { entry: `${entry}, oracle`, collapsed: collapsed.has(entry), cells: [...means.map(text), text(known.length === means.length ? mean(known) : null)] };
    }),
  };
}
