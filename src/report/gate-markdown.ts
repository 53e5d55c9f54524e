import type { Gate, GateRow } from '../results/gate/index.js';
import type { GateFormat } from './gate-format.js';
import { changeText, gateSentence, identityText, reasonText, rowName, valueTexts, verdictWord } from './gate-text.js';
import { escape } from './markdown-escape.js';
import { percent } from './numbers.js';

const table = ({ tolerances }: Gate, rows: readonly GateRow[]): string => [
  '| | measure | before | now | change | verdict |',
  '| --- | --- | ---: | ---: | ---: | --- |',
  ...rows.map((row) => {
    const reason = reasonText(row.verdict, tolerances, row.kind);
    return `| ${[rowName(row), identityText(row), ...valueTexts(row), changeText(row)].map(escape).join(' | ')} | **${verdictWord[row.verdict.verdict]}**${reason === '' ? '' : `: ${escape(reason)}`} |`;
  }),
].join('\n');

/** For a pull-request comment: what regressed first, what passes folded away. */
export const gateMarkdown: GateFormat = {
  file: 'gate.md',
  render(gate) {
    const of = (verdict: GateRow['verdict']['verdict']): readonly GateRow[] => gate.rows.filter((row) => row.verdict.verdict === verdict);
    const folded = (title: string, rows: readonly GateRow[]): readonly string[] => (rows.length === 0 ? [] : [`<details><summary>${rows.length} ${title}</summary>\n\n${table(gate, rows)}\n\n</details>`]);
    const { tolerance, slower } = gate.tolerances;
    const regressed = of('regressed');
    return `${[
      `## maskbench: ${verdictWord[gate.verdict.verdict]}`,
      escape(gateSentence(gate)),
      ...(regressed.length === 0 ? [] : [table(gate, regressed)]),
      ...folded('cannot tell', of('cannot-tell')),
      ...folded('pass', of('pass')),
      ...gate.notes.map((note) => `> ${escape(note)}`),
      ...(gate.rows.length === 0 ? [] : [`Tolerated: ${percent(tolerance)} points, ${percent(slower, 0)} % of the throughput. Changes with 95 % intervals, of quality over seeds; a regression is called at a rate of 5 % for all rows together.`]),
    ].join('\n\n')}\n`;
  },
};
