import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/files.js';
import { csv } from '../../src/report/csv.js';
import { reportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { json } from '../../src/report/json.js';
import { markdown } from '../../src/report/markdown.js';
import { oracleTable } from '../../src/report/oracle-table.js';
import { headline } from '../../src/report/sentences.js';
import { oracleValues } from '../../src/results/oracle.js';
import { validateRunRecord } from '../../src/results/schema.js';
import type { RunRecord, TransferBody } from '../../src/results/types.js';
import type { ResolvedSuite } from '../../src/suite/resolved.js';
import { parseCsv } from './csv-text.js';
import { fixture, type FixtureOptions } from './fixture.js';

const choices = ['mae-split-a', 'mae-split-b', 'mae-random'];

/** Three entries of the fixture stand for what the oracle of `mae` chooses from. */
async function withOracle(options: FixtureOptions = {}): Promise<RunRecord> {
  const record = await fixture({ seeds: 3, tasks: 2, ...options });
  const suite = record.suite as unknown as ResolvedSuite;
  const marked = { ...record, suite: { ...suite, entries: suite.entries.map((entry) => (choices.includes(entry.name) ? { ...entry, oracle_of: 'mae' } : entry)) } as unknown as Json };
  return validateRunRecord({ ...marked, oracle: oracleValues(marked) });
}

const valueOf = (record: RunRecord, entry: string, task: string, protocol: string, seed: number): number =>
  (record.results.find(({ id }) => id === `transfer/${entry}/${task}/${protocol}/s${seed}`) as unknown as TransferBody).metrics[0]!.value;

describe('an oracle', () => {
  it('is the best on test, cell by cell, of all that it chooses from', async () => {
    const record = await withOracle();
    expect(record.oracle).toHaveLength(2 * 3 * 3);
    for (const { task, protocol, seed, value, taken, of, entry, job } of record.oracle!) {
      const values = choices.map((name) => valueOf(record, name, task.split('/')[1]!, protocol, seed));
      expect([entry, value, taken, of]).toEqual(['mae', Math.max(...values), choices[values.indexOf(Math.max(...values))], 3]);
      expect(job).toBe(`transfer/${taken}/${task.split('/')[1]!}/${protocol}/s${seed}`);
    }
    expect(new Set(record.oracle!.map(({ taken }) => taken)).size).toBeGreaterThan(1);
  });

  it('has no value where one of them has not finished, and then no mean over seeds', async () => {
    const record = await withOracle({ pending: ['transfer/mae-random/mammals/knn/s1'] });
    expect(record.oracle).toHaveLength(17);
    const knn = reportData(record).comparisons[2]!;
    const mean = [0, 1, 2].reduce((sum, seed) => sum + Math.max(...choices.map((name) => valueOf(record, name, 'birds-and-sea', 'knn', seed))), 0) / 3;
    expect(oracleTable(reportData(record), knn)!.rows).toEqual([{ entry: 'mae, oracle', collapsed: false, cells: ['\u2013', (100 * mean).toFixed(1), '\u2013'] }]);
  });

  it('and what it chooses from are no part of any comparison, average, cost or sentence', async () => {
    const record = await withOracle();
    const data = reportData(record);
    const entries = ['scratch', 'mae', 'mae-equal-steps'];
    for (const { rows } of data.comparisons) expect(rows.map(({ entry }) => entry.name)).toEqual(entries);
    expect([data.suite.entries.map(({ name }) => name), data.costs.map(({ entry }) => entry), [...new Set(data.cells.map(({ entry }) => entry))]]).toEqual([entries, entries, entries]);
    expect(headline(data).join(' ')).not.toMatch(/oracle|split|random/);
  });

  it('stands apart in Markdown, HTML, CSV and JSON, as what reads test data', async () => {
    const record = await withOracle();
    const data = reportData(record);
    const [table] = data.comparisons.map((comparison) => oracleTable(data, comparison)!);
    const row = [table!.rows[0]!.entry, ...table!.rows[0]!.cells];
    const summary = await markdown.render(data);
    expect(summary).toContain(`### Oracle by fine-tune: reads test data\n`);
    expect(summary).toContain(`\n| reads test data | mammals | birds-and-sea | average |\n| --- | ---: | ---: | ---: |\n| ${row.join(' | ')} |`);
    const page = await html.render(data);
    expect(page).toContain('<h4>Oracle by fine-tune: reads test data</h4>');
    expect(page).toContain(`<th scope="row">mae, oracle</th>${row.slice(1).map((cell) => `<td class="number">${cell}</td>`).join('')}`);
    const rows = parseCsv(await csv.render(data));
    const marked = rows.filter(({ reads_test_data: reads }) => reads === 'true');
    expect(marked.map(({ method, metric, primary }) => `${method} ${metric} ${primary}`)).toEqual(new Array<string>(18).fill('mae+oracle top1_best_on_test false'));
    expect(marked.map(({ value }) => Number(value))).toEqual(record.oracle!.map(({ value }) => value));
    for (const { method, metric, reads_test_data: reads } of rows) if (reads !== 'true') expect([choices.includes(method!), metric!.includes('best_on_test'), reads]).toEqual([false, false, '']);
    expect((JSON.parse(await json.render(data)) as RunRecord).oracle!.every(({ readsTestData }) => readsTestData)).toBe(true);
  });

  it('leaves no trace where the suite asks for none', async () => {
    const data = reportData(await fixture({ seeds: 3, tasks: 2 }));
    for (const format of [html, markdown, csv, json]) expect(await format.render(data)).not.toMatch(/Oracle by|reads_test_data|"oracle"/);
  });
});
