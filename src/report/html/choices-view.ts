import type { Comparison, Group } from '../../results/comparison.js';
import type { TransferBody } from '../../results/types.js';
import { bestChoice, choiceText, doneOf, edgeText, shownOptions, type BestChoice } from '../choice-text.js';
import { count, listed, plural } from '../numbers.js';
import { taskLabels } from '../task-names.js';

/** Which configuration was chosen on validation, by protocol: entries down, tasks across. */
interface ChoicesView {
  readonly name: string;
  readonly hash: string;
  /** The option that all cells chose, where it is one alone: the cells then show its values only. */
  readonly option: string;
  /** How many choices lie at the edge of their list, by option; empty where nothing was searched. */
  readonly edges: string;
  readonly tasks: readonly string[];
  /** Whether an entry searched, so that there are means to show. */
  readonly searched: boolean;
  readonly rows: readonly { readonly entry: string; readonly tried: string; readonly best: BestChoice | null; readonly cells: readonly { readonly values: readonly ChoiceValue[] }[] }[];
}

/** `edge`: which of its options lie at the edge of their list, in words; empty where none does. */
interface ChoiceValue { readonly text: string; readonly seeds: string; readonly edge: string }

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
  const bests = rows.map(({ groups }) => bestChoice(groups.flatMap(doneOf), option));
  return {
    name: title,
    hash: protocol.hash,
    option,
    edges: edgesText(rows.flatMap(({ groups }) => groups.flatMap(doneOf))),
    tasks: [...taskLabels(tasks.map(({ task }) => task.name)).values()],
    searched: bests.some((best) => best !== null),
    rows: rows.map(({ entry, groups }, index) => ({
      entry: entry.name,
      tried: triedText(groups),
      best: bests[index]!,
      cells: groups.map((group) => ({ values: valuesOf(group, option) })),
    })),
  };
}
