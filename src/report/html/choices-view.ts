import type { JsonObject } from '../../files.js';
import type { Comparison, Group } from '../../results/comparison.js';
import type { TransferBody } from '../../results/types.js';

/** Which configuration was chosen on validation, by protocol: entries down, tasks across. */
export interface ChoicesView {
  readonly name: string;
  readonly hash: string;
  /** How many configurations each entry tried a cell. */
  readonly tried: readonly { readonly entry: string; readonly configurations: string }[];
  readonly tasks: readonly string[];
  readonly rows: readonly { readonly entry: string; readonly tried: string; readonly cells: readonly { readonly values: readonly ChoiceValue[] }[] }[];
}

export interface ChoiceValue { readonly text: string; readonly seeds: string; readonly edge: boolean }

const show = (value: unknown): string => (typeof value === 'number' ? String(value) : JSON.stringify(value));

/** Options that differ between the trials; with a single trial nothing was chosen. */
function searched(trials: TransferBody['trials'], chosen: JsonObject): readonly string[] {
  return Object.keys(chosen).filter((name) => new Set(trials.map(({ options }) => show(options[name]))).size > 1);
}

/** What a cell chose: searched options, or without a search the lr that was given (and where there is none, everything). */
function choiceText({ trials, chosen }: TransferBody): string {
  const names = searched(trials, chosen);
  const shown = names.length > 0 ? names : 'lr' in chosen ? ['lr'] : Object.keys(chosen);
  return shown.map((name) => `${name} ${show(chosen[name])}`).join(', ');
}

function valuesOf(group: Group): readonly ChoiceValue[] {
  const results = group.cells.flatMap((cell) => (cell.state === 'done' ? [cell.result] : []));
  const texts = [...new Set(results.map(choiceText))];
  return texts.map((text) => {
    const own = results.filter((result) => choiceText(result) === text);
    return { text: text === '' ? 'nothing to choose' : text, seeds: texts.length === 1 ? '' : `${own.length} of ${results.length} seeds`, edge: own.some(({ atEdge }) => atEdge.length > 0) };
  });
}

const triedText = (groups: readonly Group[]): string => {
  const counts = groups.flatMap(({ cells }) => cells.flatMap((cell) => (cell.state === 'done' ? [cell.result.trials.length] : [])));
  if (counts.length === 0) return '';
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return low === high ? String(low) : `${low}\u2013${high}`;
};

export function choicesView({ protocol, tasks, rows }: Comparison): ChoicesView {
  return {
    name: protocol.name,
    hash: protocol.hash,
    tried: rows.map(({ entry, groups }) => ({ entry: entry.name, configurations: triedText(groups) })),
    tasks: tasks.map(({ task }) => task.name),
    rows: rows.map(({ entry, groups }) => ({
      entry: entry.name,
      tried: triedText(groups),
      cells: groups.map((group) => ({ values: valuesOf(group) })),
    })),
  };
}
