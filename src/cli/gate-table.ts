import { changeText, gateSentence, reasonText, rowName, valueTexts, verdictWord } from '../report/gate-text.js';
import type { Gate } from '../results/gate/index.js';
import { textTable } from './output.js';

const order = { regressed: 0, 'cannot-tell': 1, pass: 2 } as const;

/** The rows, the worst first, what to know beside them, and the verdict last, where a terminal shows it. */
export function gateTable(gate: Gate): string {
  const rows = gate.rows.toSorted((a, b) => order[a.verdict.verdict] - order[b.verdict.verdict]).map((row) => {
    const reason = reasonText(row.verdict, gate.tolerances, row);
    return [rowName(row), ...valueTexts(row), changeText(row), `${verdictWord[row.verdict.verdict]}${reason === '' ? '' : `: ${reason}`}`];
  });
  return [...(rows.length === 0 ? [] : [textTable([['', 'before', 'now', 'change', 'verdict'], ...rows]), '']), ...gate.notes, gateSentence(gate)].join('\n');
}
