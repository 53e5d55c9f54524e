import { canonicalJson, type JsonObject } from '../files.js';
import { mean } from './intervals.js';
import type { TransferBody } from './types.js';

/** The configuration that is best by the mean of its validation accuracies over an entry's cells (tasks and seeds). */
export interface BestOnAverage {
  readonly options: JsonObject;
  /** Mean over the cells, 0..1. */
  readonly validation: number;
  readonly cells: number;
  /** Options whose value lies at an end of what was tried. */
  readonly atEdge: readonly string[];
}

/**
 * A single cell chooses by few images, so that on a flat surface many choices lie at an end of their list by chance; the mean
 * over cells says whether the list is too short. A trial that diverged counts as 0. Only configurations that every cell
 * tried are compared; of equal ones the first wins. Null where nothing was searched.
 */
export function bestOnAverage(results: readonly Pick<TransferBody, 'trials' | 'chosen' | 'atEdge'>[]): BestOnAverage | null {
  const searches = results.filter(({ trials }) => trials.length > 1);
  const tried = new Map<string, { readonly options: JsonObject; readonly validations: number[] }>();
  for (const { options, validation } of searches.flatMap(({ trials }) => trials)) {
    const key = canonicalJson(options);
    const known = tried.get(key) ?? { options, validations: [] };
    known.validations.push(validation);
    tried.set(key, known);
  }
  const everywhere = [...tried.values()].filter(({ validations }) => validations.length === searches.length);
  const ranked = everywhere.map(({ options, validations }) => ({ options, validation: mean(validations) })).sort((a, b) => b.validation - a.validation);
  const [best] = ranked;
  if (best === undefined) return null;
  // The cell that chose it knows where an option ends by its meaning (no layer decay); else the ends of what was tried count.
  const chooser = searches.find(({ chosen }) => canonicalJson(chosen) === canonicalJson(best.options));
  return { ...best, cells: searches.length, atEdge: chooser?.atEdge ?? endsOf(best.options, everywhere.map(({ options }) => options)) };
}

const endsOf = (options: JsonObject, all: readonly JsonObject[]): readonly string[] =>
  Object.keys(options).filter((name) => {
    const values = all.map((one) => Number(one[name]));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low < high && [low, high].includes(Number(options[name]));
  });
