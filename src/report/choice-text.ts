import type { JsonObject } from '../files.js';
import { bestOnAverage } from '../results/best-on-average.js';
import { doneCells } from '../results/cells.js';
import { protocolTitle, type Comparison, type Group } from '../results/comparison.js';
import type { TransferBody } from '../results/types.js';
import type { ReportData } from './format.js';
import { listed, percent } from './numbers.js';

/** Configurations in words, for all formats. */

const show = (value: unknown): string => (typeof value === 'number' || typeof value === 'string' ? String(value) : JSON.stringify(value));

/** Finished cells of a group. */
export const doneOf = (group: Group): readonly TransferBody[] => doneCells(group.cells).map(({ result }) => result);

/** Options that differ between the trials; with a single trial nothing was chosen. */
function searched(trials: TransferBody['trials'], chosen: JsonObject): readonly string[] {
  return Object.keys(chosen).filter((name) => new Set(trials.map(({ options }) => show(options[name]))).size > 1);
}

/** Names to show: searched options, or without a search the lr that was given (and where there is none, everything). */
export function shownOptions({ trials, chosen }: TransferBody): readonly string[] {
  const names = searched(trials, chosen);
  return names.length > 0 ? names : 'lr' in chosen ? ['lr'] : Object.keys(chosen);
}

/** `option`: the one that all of a table's configurations have, whose name stands above it; empty where there are more. */
export const choiceText = (result: TransferBody, option: string): string =>
  shownOptions(result).map((name) => (name === option ? show(result.chosen[name]) : `${name} ${show(result.chosen[name])}`)).join(', ');

export const edgeText = (atEdge: readonly string[], option: string): string => (atEdge.length === 0 ? '' : option === '' ? `edge of ${listed(atEdge)}` : 'edge');

/** A configuration and its mean validation score over an entry's cells, in percent. */
interface TriedText { readonly text: string; readonly validation: string; readonly best: boolean }

/** The configuration that is best by the mean over an entry's cells, and all that it was compared with. */
export interface BestChoice { readonly text: string; readonly validation: string; readonly atEdge: readonly string[]; readonly edge: string; readonly tried: readonly TriedText[] }

/** Null where nothing was searched. */
export function bestChoice(results: readonly TransferBody[], option: string): BestChoice | null {
  const best = bestOnAverage(results);
  const like = results.find(({ trials }) => trials.length > 1);
  if (best === null || like === undefined) return null;
  const text = (options: JsonObject): string => choiceText({ ...like, chosen: options }, option);
  return {
    text: text(best.options),
    validation: percent(best.validation),
    atEdge: best.atEdge,
    edge: edgeText(best.atEdge, option),
    tried: best.tried.map(({ options, validation }) => ({ text: text(options), validation: percent(validation), best: options === best.options })),
  };
}

/** One table a protocol, by its own name: what is chosen is not chosen for boxes or for masks. */
export const choiceTables = ({ comparisons, suite }: Pick<ReportData, 'comparisons' | 'suite'>): readonly Comparison[] =>
  comparisons.filter(({ protocol }, index) => comparisons.findIndex((one) => one.protocol === protocol) === index).map((comparison) => ({ ...comparison, title: protocolTitle(comparison.protocol, suite) }));
