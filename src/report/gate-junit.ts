import type { Gate, GateRow } from '../results/gate/index.js';
import type { GateFormat } from './gate-format.js';
import { changeText, reasonText, rowName, valueTexts } from './gate-text.js';

/** Text in XML 1.0: what has a meaning is escaped, what may not stand there is left out. */
const escape = (text: string): string => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
  .replace(/[&<>"'\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);

const group = (row: GateRow): string => (row.kind === 'quality' ? `${row.table ?? 'all'}${row.protocolHash === null ? '' : ` ${row.protocolHash}`}` : `speed ${row.model}`);

function testCase({ suite, tolerances }: Gate, row: GateRow): string {
  const [before, now] = valueTexts(row);
  const { verdict } = row;
  const message = [reasonText(verdict, tolerances, row), ...(before === '' ? [] : [`${before} before, ${now} now`]), changeText(row)].filter((part) => part !== '').join('; ');
  const child = verdict.verdict === 'pass' ? '' : verdict.verdict === 'regressed' ? `<failure type="regressed" message="${escape(message)}"/>` : `<skipped message="${escape(`cannot tell: ${message}`)}"/>`;
  const name = `classname="${escape(`${suite}.${group(row)}`)}" name="${escape(rowName(row))}"`;
  return child === '' ? `    <testcase ${name} time="0"/>` : `    <testcase ${name} time="0">${child}</testcase>`;
}

/**
 * JUnit XML: a test case a row, a failure where it regressed, skipped where it cannot be told. One more, `verdict`, is the whole: JUnit
 * has no word for "cannot tell" that a reader would not take for a pass, so there it is an error.
 */
export const gateJunit: GateFormat = {
  file: 'gate.xml',
  render(gate) {
    const count = (verdict: GateRow['verdict']['verdict']): number => gate.rows.filter((row) => row.verdict.verdict === verdict).length;
    const { verdict, tolerances } = gate;
    const message = escape(reasonText(verdict, tolerances));
    const whole = verdict.verdict === 'pass' ? '' : verdict.verdict === 'regressed' ? `<failure type="regressed" message="${message}"/>` : `<error type="cannot-tell" message="${message}"/>`;
    const regressed = verdict.verdict === 'regressed' ? 1 : 0;
    const errors = verdict.verdict === 'cannot-tell' ? 1 : 0;
    const counts = `tests="${gate.rows.length + 1}" failures="${count('regressed') + regressed}" errors="${errors}" skipped="${count('cannot-tell')}" time="0"`;
    return `${[
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="maskbench compare" ${counts}>`,
      `  <testsuite name="${escape(gate.suite)}" ${counts}>`,
      ...gate.rows.map((row) => testCase(gate, row)),
      `    <testcase classname="${escape(gate.suite)}" name="verdict" time="0">${whole}</testcase>`,
      '  </testsuite>',
      '</testsuites>',
    ].join('\n')}\n`;
  },
};
