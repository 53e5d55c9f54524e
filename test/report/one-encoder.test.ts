import { expect, it } from 'vitest';
import { csv } from '../../src/report/csv.js';
import { reportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { json } from '../../src/report/json.js';
import { markdown } from '../../src/report/markdown.js';
import { headline } from '../../src/report/sentences.js';
import { summaryText } from '../../src/cli/run-summary.js';
import { parseCsv } from './csv-text.js';
import { fixture } from './fixture.js';

const reason = 'one encoder, 3 transfers';

it('every format says why an entry with one encoder has no interval, and of no other entry', async () => {
  const record = await fixture({ seeds: 3, tasks: 2, oneEncoder: 'mae' });
  const data = reportData(record);
  for (const text of [await html.render(data), await markdown.render(data), summaryText(record)]) {
    expect(text.replaceAll('\\', '')).toContain(`mae: ${reason}`);
    expect(text).not.toContain(`scratch: ${reason}`);
  }
  expect(JSON.parse(await json.render(data))).toMatchObject({ sharedEncoders: [{ entry: 'mae', transfers: 3, reason }] });
  const rows = parseCsv(await csv.render(data));
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row['seed_note']).toBe(row['method'] === 'mae' ? reason : '');
  const table = (await markdown.render(data)).split('\n').filter((line) => line.startsWith('| mae |'));
  expect(table.length).toBeGreaterThan(0);
  for (const line of table) expect(line).not.toMatch(/±|best|tied/);

  const plain = reportData(await fixture({ seeds: 3, tasks: 2 }));
  for (const format of [html, markdown, csv]) expect(await format.render(plain)).not.toContain('one encoder');
});

it('an entry that is not ranked and lies above the highest is named with it, and nothing is said to lie below both', async () => {
  const record = await fixture({ seeds: 3, tasks: 2, oneEncoder: 'mae' });
  const raised: typeof record = { ...record, results: record.results.map((result) => (result.kind === 'transfer' && result.id.startsWith('transfer/mae/')
    ? { ...result, metrics: result.metrics.map((metric) => ({ ...metric, value: metric.value + 0.3 })) } : result)) };
  const [first] = headline(reportData(raised));
  expect(first).toMatch(/(?!mae )[\w-]+ is highest of the ranked entries \([\d.]+ %, 3 seeds\); .*not ranked, and not below it: mae \([\d.]+ %\)\./);
  expect(first).not.toContain('all others');
  const [low] = headline(reportData({ ...record, results: record.results.map((result) => (result.kind === 'transfer' && result.id.startsWith('transfer/mae/')
    ? { ...result, metrics: result.metrics.map((metric) => ({ ...metric, value: metric.value - 0.2 })) } : result)) }));
  expect(low).not.toContain('ranked entries');
});
