import type { Gate, GateRow } from '../results/gate/index.js';
import { changeText, gateSentence, reasonText, rowName, valueTexts } from './gate-text.js';

/** Workflow commands end at a new line; in their properties `:` and `,` have a meaning too. */
const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');

const command = (level: 'error' | 'warning' | 'notice', title: string, text: string): string => `::${level} title=${property(title)}::${data(text)}`;

/** GitHub shows ten of a kind for each step. */
const shown = 9;

function rowText({ tolerances }: Gate, row: GateRow): string {
  const [before, now] = valueTexts(row);
  const values = before === '' ? '' : `: ${before} before, ${now} now, ${changeText(row)}`;
  return `${rowName(row)}${values}; ${reasonText(row.verdict, tolerances, row)}`;
}

/** GitHub's workflow commands, one a line: an error for what regressed, and one for the whole. */
export function gateAnnotations(gate: Gate): readonly string[] {
  const level = { pass: 'notice', regressed: 'error', 'cannot-tell': 'warning' } as const;
  const regressed = gate.rows.filter(({ verdict }) => verdict.verdict === 'regressed');
  return [
    command(level[gate.verdict.verdict], 'maskbench', [gateSentence(gate), ...gate.notes].join(' ')),
    ...regressed.slice(0, shown).map((row) => command('error', `maskbench: ${row.entry ?? 'the whole'} regressed`, rowText(gate, row))),
  ];
}
