import type { Restatement, RunRecord } from '../results/types.js';
import { listed } from './numbers.js';

const restatementsOf = ({ restatements = {} }: RunRecord): readonly (readonly [string, Restatement])[] => Object.entries(restatements);

/** One sentence for all of a run, none where there is none. */
export function restatementSentences(record: RunRecord): readonly string[] {
  const all = restatementsOf(record);
  if (all.length === 0) return [];
  const names = all.map(([method, { name }]) => `${method} is ${name}`).join(', ');
  const [a, paper] = all.length === 1 ? ['a re-statement', 'paper'] : ['re-statements', 'papers'];
  return [`${names}: ${a} of ${listed(all.map(([, { of }]) => of))}, whose ${paper} could not be read whole; the report lists what is recalled or our choice.`];
}

interface RestatementView extends Pick<Restatement, 'name' | 'of' | 'sources'> {
  readonly method: string;
  readonly parts: readonly { readonly from: string; readonly items: readonly string[] }[];
}

export const restatementViews = (record: RunRecord): readonly RestatementView[] =>
  restatementsOf(record).map(([method, { name, of, sources, found, recalled, ours }]) => ({
    method, name, of, sources,
    parts: [{ from: 'Found', items: found }, { from: 'Recalled, not checked', items: recalled }, { from: 'Our choice, or not found', items: ours }],
  }));
