import type { JsonObject } from '../../files.js';
import type { Comparison, Group } from '../../results/comparison.js';
import type { TransferBody } from '../../results/types.js';
import { taskLabels } from '../task-names.js';

/** Which configuration was chosen on validation, by protocol: entries down, tasks across. */
export interface ChoicesView {
  readonly name: string;
  readonly hash: string;
  /** The option that all cells chose, where it is one alone: the cells then show its values only. */
  readonly option: string;
  readonly tasks: readonly string[];
  readonly rows: readonly { readonly entry: string; readonly tried: string; readonly cells: readonly { readonly values: readonly ChoiceValue[] }[] }[];
}

export interface ChoiceValue { readonly text: string; readonly seeds: string; readonly edge: boolean }

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
    .map(({ text, own }) => ({
      text: text === '' ? 'nothing to choose' : text,
      seeds: texts.length === 1 ? '' : `\u00d7${own.length}`,
      edge: own.some(({ atEdge }) => atEdge.length > 0),
    }));
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
    tasks: [...taskLabels(tasks.map(({ task }) => task.name)).values()],
    rows: rows.map(({ entry, groups }) => ({
      entry: entry.name,
      tried: triedText(groups),
      cells: groups.map((group) => ({ values: valuesOf(group, option) })),
    })),
  };
}
