import { canonicalJson, type JsonObject } from '../files.js';
import { mean } from './intervals.js';
import type { TransferBody } from './types.js';

/** The configuration that is best by the mean of its validation accuracies over an entry's cells (tasks and seeds). */
interface BestOnAverage {
  readonly options: JsonObject;
  /** Mean over the cells, 0..1. */
  readonly validation: number;
  readonly cells: number;
  /** Options whose value lies at an end of what was tried. */
  readonly atEdge: readonly string[];
  /** Every configuration that all cells tried, in the grid's order, with its mean over the cells. */
  readonly tried: readonly { readonly options: JsonObject; readonly validation: number }[];
}

/**
 * A single cell chooses by few images, so that on a flat surface many choices lie at an end of their list by chance; the mean
 * over cells says whether the list is too short. A trial that diverged counts as 0. Only configurations that every cell
 * tried are compared; of equal ones the first in the grid's order wins. Null where nothing was searched.
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
  const means = [...tried.values()].filter(({ validations }) => validations.length === searches.length)
    .map(({ options, validations }) => ({ options, validation: mean(validations) }));
  const [first, ...others] = means;
  if (first === undefined) return null;
  const best = others.reduce((a, b) => (b.validation > a.validation ? b : a), first);
  // A cell that chose the value knows where an option ends by its meaning (no layer decay); else the ends of what was tried count.
  const atEdge = Object.keys(best.options).filter((name) => {
    const chooser = searches.find(({ chosen }) => chosen[name] === best.options[name]);
    return chooser?.atEdge.includes(name) ?? isEnd(Number(best.options[name]), means.map(({ options }) => Number(options[name])));
  });
  return { ...best, cells: searches.length, atEdge, tried: means };
}

function isEnd(value: number, all: readonly number[]): boolean {
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return low < high && (value === low || value === high);
}
