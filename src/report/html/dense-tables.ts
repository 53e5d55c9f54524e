import type { ReportData } from '../format.js';
import type { DetectionTransfer } from '../../results/types.js';
import { listed, metricName, plural } from '../numbers.js';
import { classNames, meanPercent, type DenseGroup, type DenseTransfer } from './dense-group.js';

/** Names down, entries across; means over seeds in percent. */
export interface EntriesTable {
  readonly caption: string;
  /** Of the first column. */
  readonly of: string;
  readonly columns: readonly { readonly name: string; readonly flags: readonly string[]; readonly seeds: string }[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly string[] }[];
}

/** `seeds` says how many there are where an entry has not all. */
const entryColumns = (groups: readonly DenseGroup[], { suite }: Pick<ReportData, 'suite'>): EntriesTable['columns'] =>
  groups.map(({ entry, flags, results }) => ({
    name: entry.name, flags, seeds: results.length === suite.seeds.length ? '' : `${results.length} of ${plural(suite.seeds.length, 'seed')}`,
  }));

/** By class, its values at the seeds whose test images have it. */
function byClass<B extends DenseTransfer>({ results }: DenseGroup<B>, pick: (result: B) => readonly (number | null)[] | null): ReadonlyMap<string, readonly number[]> {
  const values = new Map<string, number[]>();
  for (const result of results) {
    const own = pick(result) ?? [];
    result.classes.forEach((name, label) => {
      const value = own[label] ?? null;
      if (value !== null) values.set(name, [...(values.get(name) ?? []), value]);
    });
  }
  return values;
}

/** A measure of every class that some test image has. Null where no result has any. */
export function classTable<B extends DenseTransfer>(groups: readonly DenseGroup<B>[], data: ReportData, measure: string, pick: (result: B) => readonly (number | null)[] | null): EntriesTable | null {
  const values = groups.map((group) => byClass(group, pick));
  const present = classNames(groups).filter((name) => values.some((own) => own.has(name)));
  if (present.length === 0) return null;
  return {
    caption: `${measure} by class in %, ${overSeeds(data)}`,
    of: 'class',
    columns: entryColumns(groups, data),
    rows: present.map((name) => ({ name, cells: values.map((own) => meanPercent(own.get(name) ?? [])) })),
  };
}

/** Which classes have no value, at every seed or at some. Empty where all have one. */
export function absentSentences<B extends DenseTransfer>(groups: readonly DenseGroup<B>[], pick: (result: B) => readonly (number | null)[]): readonly string[] {
  const results = groups.flatMap((group) => group.results);
  const missing = classNames(groups).map((name) => ({
    name,
    at: results.map((result) => (pick(result)[result.classes.indexOf(name)] ?? null) === null),
  }));
  const never = missing.flatMap(({ name, at }) => (at.every(Boolean) ? [name] : []));
  const sometimes = missing.flatMap(({ name, at }) => (at.some(Boolean) && !at.every(Boolean) ? [name] : []));
  return [
    ...(never.length === 0 ? [] : [`Nothing in the test images counts as ${listed(never)}: no value, and no part in a mean.`]),
    ...(sometimes.length === 0 ? [] : [`Not in the test images of every seed, so means over fewer: ${listed(sometimes)}.`]),
  ];
}

/** Why no masks are judged, where some objects have one. */
export function unmaskedSentences(groups: readonly DenseGroup<DetectionTransfer>[]): readonly string[] {
  const [unmasked] = groups.flatMap(({ results }) => results.flatMap((result) => result.unmasked ?? []));
  if (unmasked === undefined) return [];
  const { objects, of } = unmasked;
  return [`Masks are not judged: ${objects === 0 ? 'no object that was trained on has one' : `${objects} of the ${plural(of, 'test object')} ${objects === 1 ? 'has' : 'have'} none`}.`];
}

/** These stand in the tables of results. */
const compared = new Set(['miou', 'box_ap', 'mask_ap']);

/** Every other metric. Null where there is none. */
export function furtherTable(groups: readonly DenseGroup[], data: ReportData): EntriesTable | null {
  const names = [...new Set(groups.flatMap(({ results }) => results.flatMap(({ metrics }) => metrics.flatMap(({ metric, unit }) => (compared.has(metric) || unit !== 'fraction' ? [] : [metric])))))];
  if (names.length === 0) return null;
  return {
    caption: `Further metrics in %, ${overSeeds(data)}`,
    of: 'metric',
    columns: entryColumns(groups, data),
    rows: names.map((name) => ({
      name: metricName(name),
      cells: groups.map(({ results }) => meanPercent(results.flatMap(({ metrics }) => metrics.filter(({ metric }) => metric === name).map(({ value }) => value)))),
    })),
  };
}

export const overSeeds = ({ suite }: Pick<ReportData, 'suite'>): string => (suite.seeds.length === 1 ? 'one seed' : `means over ${plural(suite.seeds.length, 'seed')}`);
