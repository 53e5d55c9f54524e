import { parseXml } from '@rgrove/parse-xml';
import { beforeAll, describe, expect, it } from 'vitest';
import { gateTable } from '../../src/cli/gate-table.js';
import { gateAnnotations } from '../../src/report/gate-annotations.js';
import { gateBenchmark } from '../../src/report/gate-benchmark.js';
import { gateFormats, writeGate } from '../../src/report/gate-formats.js';
import { gateJunit } from '../../src/report/gate-junit.js';
import { gateMarkdown } from '../../src/report/gate-markdown.js';
import { gateSentence, unclearText } from '../../src/report/gate-text.js';
import type { Gate, QualityRow, SpeedGateRow } from '../../src/results/gate/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const quality = (more: Partial<QualityRow>): QualityRow => ({
  kind: 'quality', table: 'fine-tune', measure: 'accuracy', protocolHash: 'feed12345678', entry: 'mae', task: 'emoji/plants', seeds: 3, before: 0.5, now: 0.45, change: { mean: -0.05, interval: { low: -0.08, high: -0.02 } },
  identical: false, p: 0.001, adjusted: 0.01, verdict: { verdict: 'regressed', because: 'worse' }, ...more,
});
const speed: SpeedGateRow = {
  kind: 'speed', how: 'recorded', model: 'vit_tiny', entry: 'mae', quantity: 'images_per_second', measurement: '1c93c2f1a7de', before: 800, now: 776, ratio: { n: 10, value: 0.97, low: 0.96, high: 0.98 }, p: 1, adjusted: 1, verdict: { verdict: 'pass' },
};
const few = { why: 'too-few-seeds', seeds: 2, detectable: 0.031, settles: 9 } as const;
let gate: Gate;
beforeAll(() => {
  gate = {
    suite: 'quick', against: 'baseline main', tolerances: { tolerance: 0.01, slower: 0.1 }, verdict: { verdict: 'regressed', because: 'worse' }, notes: ['Made on <another> machine.'],
    rows: [
      quality({}),
      quality({ entry: 'a|b "c" <d>', task: null, verdict: { verdict: 'cannot-tell', reason: few } }),
      quality({ entry: 'moce', before: null, now: null, change: null, p: null, adjusted: null, verdict: { verdict: 'regressed', because: 'failed', message: 'the loss became NaN\nat step 3' } }),
      quality({ entry: 'scratch', now: 0.5, change: { mean: 0, interval: { low: 0, high: 0 } }, identical: true, verdict: { verdict: 'pass' } }),
      speed,
    ],
  };
});

it('one sentence says it all', () => {
  expect(gateSentence(gate)).toBe('quick against baseline main: regressed (worse by more than is tolerated); of 5 rows 2 regressed, 1 cannot tell, 2 pass.');
  expect(unclearText(few)).toBe('too few seeds (2): a drop of 3.1 points would be seen were it the only row; about 9 seeds would settle this row');
  expect(unclearText({ why: 'one-of-many', adjusted: 0.12345 })).toBe('alone it would be a regression, but chance makes some like it among so many rows (p 0.12 for all together)');
  const row = { kind: 'speed', how: 'recorded', model: 'vit_tiny', entry: 'mae', quantity: 'images_per_second', measurement: '1c93c2f1a7de', before: null, now: null, ratio: null, p: null, adjusted: null, verdict: { verdict: 'cannot-tell', reason: few } } as const;
  expect(unclearText({ why: 'rows-open', open: 3, of: 33, row, reason: few, settles: 40 })).toBe('3 of 33 averages or speeds leave it open, such as mae, steps, vit_tiny: too few seeds (2): a drop of 3.1 points would be seen were it the only row; about 9 seeds would settle this row; with about 40 seeds all of them would pass 4 times in 5, had nothing changed');
  expect(unclearText({ why: 'cells-missing', of: { why: 'too-few-seeds', seeds: 1, detectable: null, settles: null } })).toBe('not all of its tasks: too few seeds (1): nothing tells what chance does');
});

it('Markdown has what regressed first, the rest folded, and nothing that a name could break', () => {
  const text = gateMarkdown.render(gate);
  expect(text).toMatch(/^## maskbench: regressed\n/);
  expect(text).toContain('| mae, emoji/plants, fine-tune | accuracy, protocol feed12345678 | 50.0 | 45.0 | −5.0 \\[−8.0, −2.0\\] points | **regressed**: worse by more than 1.0 points, one-sided p 0.010 |');
  expect(text).toContain('**regressed**: it had a value and fails now: the loss became NaN |');
  expect(text).toContain('<details><summary>1 cannot tell</summary>\n\n| | measure');
  expect(text).toContain('a\\|b "c" \\<d\\>, average over tasks');
  expect(text).toContain('0.970 \\[0.960, 0.980\\] times | **pass** |');
  expect(text).toContain('> Made on \\<another\\> machine.');
  expect(text.indexOf('the loss became NaN')).toBeLessThan(text.indexOf('<details>'));
});

it('Markdown fits into a comment, whatever the number of rows: what does not is counted', () => {
  const [lost, ...others] = gate.rows;
  const text = gateMarkdown.render({ ...gate, rows: [lost!, ...Array.from({ length: 700 }, (_, i) => quality({ entry: `entry-${i}`, verdict: { verdict: 'cannot-tell', reason: few } })), ...others] });
  // GitHub's limit.
  expect(text.length).toBeLessThan(65_536);
  expect(text.length).toBeGreaterThan(55_000);
  expect(text).toContain('worse by more than 1.0 points, one-sided p 0.010 |');
  const shown = text.match(/\| entry-\d+, /g)!.length;
  expect(text).toContain(`<details><summary>701 cannot tell</summary>`);
  expect(text).toContain(`${701 - shown} more rows do not fit in here; gate.xml has them all.`);
  expect(text).toContain('Tolerated: 1.0 points');
  expect(gateMarkdown.render(gate)).not.toContain('fit in here');
});

it('the mean of all that changed has a name in every form', () => {
  const all: Gate = { ...gate, rows: [quality({ table: null, measure: null, protocolHash: null, entry: null, task: null })] };
  // What it is over is another thing at each commit, so it is no series.
  expect(JSON.parse(gateBenchmark.render(all))).toEqual([]);
  expect(gateMarkdown.render(all)).toContain('| mean of all averages that changed | quality |');
  expect(gateJunit.render(all)).toContain('classname="quick.all" name="mean of all averages that changed"');
  expect(gateAnnotations(all)[1]).toMatch(/^::error title=maskbench%3A the whole regressed::/);
});

it('JUnit is XML that counts itself', () => {
  const text = gateJunit.render(gate);
  const { root } = parseXml(text);
  expect(root!.attributes).toMatchObject({ tests: '6', failures: '3', errors: '0', skipped: '1' });
  const found = (name: string): number => [...text.matchAll(new RegExp(`<${name} `, 'g'))].length;
  expect({ cases: found('testcase'), failures: found('failure'), skipped: found('skipped'), errors: found('error') }).toEqual({ cases: 6, failures: 3, skipped: 1, errors: 0 });
  expect(text).toContain('classname="quick.fine-tune feed12345678" name="a|b &#34;c&#34; &#60;d&#62;, average over tasks, fine-tune"');
  expect(text).toContain('<failure type="regressed" message="worse by more than 1.0 points, one-sided p 0.010; 50.0 before, 45.0 now; −5.0 [−8.0, −2.0] points"/>');
  const unclear = gateJunit.render({ ...gate, rows: [], verdict: { verdict: 'cannot-tell', reason: { why: 'baseline-missing', file: 'x\u0001\ud800.json' } } });
  expect(parseXml(unclear).root!.attributes).toMatchObject({ tests: '1', failures: '0', errors: '1' });
  expect(unclear).toContain('<error type="cannot-tell" message="there is no baseline x.json;');
});

it('github-action-benchmark gets what has a value now', () => {
  expect(JSON.parse(gateBenchmark.render(gate))).toEqual([
    { name: 'mae, emoji/plants, fine-tune (accuracy, protocol feed12345678)', unit: '%', value: 45, range: '± 3.00', extra: 'regressed; change: −5.0 [−8.0, −2.0] points' },
    { name: 'a|b "c" <d>, average over tasks, fine-tune (accuracy, protocol feed12345678)', unit: '%', value: 45, range: '± 3.00', extra: 'cannot-tell; change: −5.0 [−8.0, −2.0] points' },
    { name: 'scratch, emoji/plants, fine-tune (accuracy, protocol feed12345678)', unit: '%', value: 50, range: '± 0.00', extra: 'pass; change: identical' },
    { name: 'mae, steps, vit_tiny (throughput, settings 1c93c2f1a7de)', unit: 'images/s', value: 776, extra: 'pass; change: 0.970 [0.960, 0.980] times' },
  ]);
});

it('annotations are one command a line', () => {
  const lines = gateAnnotations(gate);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^::error title=maskbench::quick against baseline main: regressed/);
  expect(lines[1]).toBe('::error title=maskbench%3A mae regressed::mae, emoji/plants, fine-tune: 50.0 before, 45.0 now, −5.0 [−8.0, −2.0] points; worse by more than 1.0 points, one-sided p 0.010');
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
  expect(gateAnnotations({ ...gate, rows: [], verdict: { verdict: 'cannot-tell', reason: { why: 'other-images' } } })[0]).toMatch(/^::warning title=maskbench::/);
  expect(gateAnnotations({ ...gate, rows: [], verdict: { verdict: 'pass' } })[0]).toMatch(/^::notice /);
  expect(gateAnnotations({ ...gate, rows: Array.from({ length: 30 }, () => gate.rows[0]!) })).toHaveLength(10);
});

it('annotations hide what GitHub would read as its own: per cent signs, a carriage return, and colons and commas of a title', () => {
  const [, line] = gateAnnotations({ ...gate, rows: [quality({ entry: 'a:b,c 50%', before: null, now: null, change: null, p: null, adjusted: null, verdict: { verdict: 'regressed', because: 'failed', message: 'disk 100% full:\r0%0A, stop' } })] });
  expect(line).toBe('::error title=maskbench%3A a%3Ab%2Cc 50%25 regressed::a:b,c 50%25, emoji/plants, fine-tune; it had a value and fails now: disk 100%25 full:%0D0%250A, stop');
});

describe('on the terminal', () => {
  it('the worst stands first and the verdict last', () => {
    const lines = gateTable(gate).split('\n');
    expect(lines[1]).toMatch(/^mae, emoji\/plants, fine-tune .*regressed: worse by more than 1\.0 points, one-sided p 0\.010$/);
    expect(lines.at(-1)).toBe(gateSentence(gate));
    expect(lines.at(-2)).toBe('Made on <another> machine.');
  });
});

it('all forms are written; a folder that cannot be is the user\'s to change', async () => {
  const folder = temporaryFolder();
  expect((await writeGate(gate, folder)).map((file) => file.slice(folder.length + 1))).toEqual(gateFormats.map(({ file }) => file));
  await expect(writeGate(gate, '/proc/none')).rejects.toMatchObject({ kind: 'usage', exitCode: 2 });
});
