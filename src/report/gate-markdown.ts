import type { Gate, GateRow } from '../results/gate/index.js';
import type { GateFormat } from './gate-format.js';
import { changeText, gateSentence, identityText, reasonText, rowName, valueTexts, verdictWord } from './gate-text.js';
import { escape } from './markdown-escape.js';
import { percent } from './numbers.js';

/** Characters: GitHub takes comments of 65,536. */
const most = 60_000;

const head = ['| | measure | before | now | change | verdict |', '| --- | --- | ---: | ---: | ---: | --- |'];

function line({ tolerances }: Gate, row: GateRow): string {
  const reason = reasonText(row.verdict, tolerances, row);
  return `| ${[rowName(row), identityText(row), ...valueTexts(row), changeText(row)].map(escape).join(' | ')} | **${verdictWord[row.verdict.verdict]}**${reason === '' ? '' : `: ${escape(reason)}`} |`;
}

/** The first of the rows, in so many characters. */
function table(gate: Gate, rows: readonly GateRow[], room: number): string {
  const lines: string[] = [];
  let used = head.join('\n').length;
  for (const row of rows) {
    const next = line(gate, row);
    used += next.length + 1;
    if (used > room) break;
    lines.push(next);
  }
  const left = rows.length - lines.length;
  return [...(lines.length === 0 ? [] : [[...head, ...lines].join('\n')]), ...(left === 0 ? [] : [`${left} more ${left === 1 ? 'row does' : 'rows do'} not fit in here; gate.xml has them all.`])].join('\n\n');
}

/** For a pull-request comment: what regressed first, what passes folded away; what a comment cannot hold is counted. */
export const gateMarkdown: GateFormat = {
  file: 'gate.md',
  render(gate) {
    const { tolerance, slower } = gate.tolerances;
    const first = [`## maskbench: ${verdictWord[gate.verdict.verdict]}`, escape(gateSentence(gate))];
    const last = [
      ...gate.notes.map((note) => `> ${escape(note)}`),
      ...(gate.rows.length === 0 ? [] : [`Tolerated: ${percent(tolerance)} points, ${percent(slower, 0)} % of the throughput. Changes with 95 % intervals, of quality over seeds; a regression is called at a rate of 5 % for all rows together.`]),
    ];
    let room = most - [...first, ...last].join('\n\n').length;
    const take = (verdict: GateRow['verdict']['verdict'], wrap: (text: string, count: number) => string): readonly string[] => {
      const rows = gate.rows.filter((row) => row.verdict.verdict === verdict);
      if (rows.length === 0) return [];
      const text = wrap(table(gate, rows, room), rows.length);
      room -= text.length;
      return [text];
    };
    const folded = (title: string) => (text: string, count: number): string => `<details><summary>${count} ${title}</summary>\n\n${text}\n\n</details>`;
    return `${[
      ...first,
      ...take('regressed', (text) => text),
      ...take('cannot-tell', folded('cannot tell')),
      ...take('pass', folded('pass')),
      ...last,
    ].join('\n\n')}\n`;
  },
};
