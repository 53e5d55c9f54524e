import type { JsonObject } from '../../files.js';
import { bestOnAverage } from '../../results/best-on-average.js';
import type { Comparison, Group } from '../../results/comparison.js';
import type { TransferBody } from '../../results/types.js';
import { count, listed, percent, plural } from '../numbers.js';
import { taskLabels } from '../task-names.js';

/** Which configuration was chosen on validation, by protocol: entries down, tasks across. */
export interface ChoicesView {
  readonly name: string;
  readonly hash: string;
  /** The option that all cells chose, where it is one alone: the cells then show its values only. */
  readonly option: string;
  /** How many choices lie at the edge of their list, by option; empty where nothing was searched. */
  readonly edges: string;
  readonly tasks: readonly string[];
  readonly rows: readonly { readonly entry: string; readonly tried: string; readonly best: BestChoice | null; readonly cells: readonly { readonly values: readonly ChoiceValue[] }[] }[];
}

/** The configuration that is best by the mean over the entry's cells; `validation` in percent. */
export interface BestChoice { readonly text: string; readonly validation: string; readonly edge: string }

/** `edge`: which of its options lie at the edge of their list, in words; empty where none does. */
export interface ChoiceValue { readonly text: string; readonly seeds: string; readonly edge: string }

const show = (value: unknown): string => (typeof value === 'number' ? String(value) : JSON.stringify(value));

/** Options that differ between the trials; with a single trial nothing was chosen. */
function searched(trials: TransferBody['trials'], chosen: JsonObject): readonly string[] {
  return Object.keys(chosen).filter((name) => new Set(trials.map(({ options }) => show(options[name]))).size > 1);
}

/** Names to show: searched options, or without a search the lr that was given (and where there is none, everything). */
function shownOptions({ trials, chosen }: TransferBody): readonly string[] {
  const names = searched(trials, chosen);
  return names.length > 0 ? names : 'lr' in chosen ? ['lr'] : Object.keys(chosen);
}

const choiceText = (result: TransferBody, option: string): string =>
  shownOptions(result).map((name) => (name === option ? show(result.chosen[name]) : `${name} ${show(result.chosen[name])}`)).join(', ');

const doneOf = (group: Group): readonly TransferBody[] => group.cells.flatMap((cell) => (cell.state === 'done' ? [cell.result] : []));

function valuesOf(group: Group, option: string): readonly ChoiceValue[] {
  const results = doneOf(group);
  const texts = [...new Set(results.map((result) => choiceText(result, option)))];
  return texts
    .map((text) => ({ text, own: results.filter((result) => choiceText(result, option) === text) }))
    .sort((a, b) => b.own.length - a.own.length)
    .map(({ text, own }) => {
      const atEdge = [...new Set(own.flatMap((result) => result.atEdge))];
      return {
        text: text === '' ? 'nothing to choose' : text,
        seeds: texts.length === 1 ? '' : `\u00d7${own.length}`,
        edge: edgeText(atEdge, option),
      };
    });
}

const edgeText = (atEdge: readonly string[], option: string): string => (atEdge.length === 0 ? '' : option === '' ? `edge of ${listed(atEdge)}` : 'edge');

function bestChoice(results: readonly TransferBody[], option: string): BestChoice | null {
  const best = bestOnAverage(results);
  const like = results.find(({ trials }) => trials.length > 1);
  if (best === null || like === undefined) return null;
  return { text: choiceText({ ...like, chosen: best.options }, option), validation: percent(best.validation), edge: edgeText(best.atEdge, option) };
}

/** A grid whose ends are chosen often is one to widen: how often, option by option. */
function edgesText(results: readonly TransferBody[]): string {
  const searches = results.filter(({ trials }) => trials.length > 1);
  if (searches.length === 0) return '';
  const counts = new Map<string, number>();
  for (const name of searches.flatMap(({ atEdge }) => atEdge)) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 0) return `None of ${plural(searches.length, 'choice')} lies at the edge of its list.`;
  return `At the edge of its list: ${listed([...counts].map(([name, times]) => `${name} in ${count(times)}`))} of ${plural(searches.length, 'choice')}.`;
}

const triedText = (groups: readonly Group[]): string => {
  const counts = groups.flatMap((group) => doneOf(group).map(({ trials }) => trials.length));
  if (counts.length === 0) return '';
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  if (high === 0) return 'no search';
  return low === high ? String(low) : `${low}\u2013${high}`;
};

export function choicesView({ protocol, title, tasks, rows }: Comparison): ChoicesView {
  const options = new Set(rows.flatMap(({ groups }) => groups.flatMap((group) => doneOf(group).flatMap(shownOptions))));
  const option = options.size === 1 ? [...options][0]! : '';
  return {
    name: title,
    hash: protocol.hash,
    option,
    edges: edgesText(rows.flatMap(({ groups }) => groups.flatMap(doneOf))),
    tasks: [...taskLabels(tasks.map(({ task }) => task.name)).values()],
    rows: rows.map(({ entry, groups }) => ({
      entry: entry.name,
      tried: triedText(groups),
      best: bestChoice(groups.flatMap(doneOf), option),
      cells: groups.map((group) => ({ values: valuesOf(group, option) })),
    })),
  };
}
