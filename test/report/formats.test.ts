import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { suiteOf } from '../../src/results/cells.js';
import { validateRunRecord } from '../../src/results/schema.js';
import type { Result, RunRecord, TransferBody } from '../../src/results/types.js';
import { formats, writeReports } from '../../src/report/index.js';
import { csvColumns } from '../../src/report/csv.js';
import { reportData } from '../../src/report/format.js';
import { parseCsv } from './csv-text.js';
import { fixture } from './fixture.js';
import { unescape } from './table-rows.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskbench-report-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const render = async (name: string, record: RunRecord): Promise<string> => formats.find((format) => format.name === name)!.render(reportData(record));
const transfers = (record: RunRecord): readonly Result<TransferBody>[] =>
  record.results.flatMap((result) => (result.kind === 'transfer' ? [result as Result<TransferBody>] : []));

/** Body cells of the comparison tables: [entry][column] = { value, main }. */
const comparisonCells = (html: string): readonly (readonly { readonly entry: string; readonly value: string; readonly main: string }[])[] =>
  [...html.matchAll(/<table class="comparison sortable">[\s\S]*?<tbody>([\s\S]*?)<\/tbody>/g)].map(([, body]) =>
    [...body!.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].flatMap(([, row]) => {
      const entry = unescape(/<th scope="row" data-value="([^"]*)"/.exec(row!)![1]!);
      return [...row!.matchAll(/<td [^>]*data-value="([^"]*)"><span class="main">(?:<a [^>]*>)?([^<]*)</g)].map(([, value, main]) => ({ entry, value: value!, main: unescape(main!) }));
    }));

describe('writeReports', () => {
  test('leaves a file for each format and nothing else, and gives the same bytes again', async () => {
    const record = await fixture({ seeds: 2, tasks: 2 });
    const files = await writeReports(record, folder);
    expect((await readdir(folder)).sort()).toEqual(formats.map(({ file }) => file).sort());
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['index.html', 'results.csv', 'results.json', 'results.tex', 'summary.md']));
    const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    await writeReports(record, folder);
    expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(before);
  });

  test('results.json is the record, and the same report comes out of it', async () => {
    const record = await fixture({ seeds: 3, tasks: 2, preview: Uint8Array.of(1) });
    const again = validateRunRecord(JSON.parse(await render('json', record)));
    expect(again).toEqual(record);
    expect(await render('html', again)).toBe(await render('html', record));
  });
});

describe('CSV', () => {
  test('one row a finished cell and metric, unrounded', async () => {
    const record = await fixture({ seeds: 3, tasks: 3, failed: { 'transfer/mae/food/knn/s1': 'x' } });
    const text = await render('csv', record);
    expect(text.split('\n')[0]).toBe(csvColumns.join(','));
    expect(text.startsWith('suite,method,task,kind,protocol,protocol_hash,metric,seed,value,unit,n_test,job,')).toBe(true);
    const rows = parseCsv(text);
    expect(rows).toHaveLength(transfers(record).length * 2);
    for (const result of transfers(record)) {
      const own = rows.filter((row) => row['job'] === result.id);
      expect(own.map((row) => [row['metric'], Number(row['value']), row['unit'], row['n_test'], row['job_key'], row['protocol_hash']])).toEqual(
        result.metrics.map(({ metric, value, unit }) => [metric, value, unit, String(result.nTest), result.key, result.protocolHash]));
    }
    expect(rows.some(({ job }) => job === 'transfer/mae/food/knn/s1')).toBe(false);
  });

  test('quotes, commas and line ends in names come back as they were', async () => {
    const name = 'a "quoted", name\nwith = and ünïcode 猫';
    const rows = parseCsv(await render('csv', await fixture({ seeds: 1, tasks: 1, rename: { mae: name } })));
    expect(rows.filter(({ method }) => method === name)).toHaveLength(6);
  });
});

describe('HTML', () => {
  test('its numbers are those of the CSV', async () => {
    const record = await fixture({ seeds: 4, tasks: 3 });
    const rows = parseCsv(await render('csv', record)).filter((row) => row['primary'] === 'true');
    const tables = comparisonCells(await render('html', record));
    const suite = reportData(record).suite;
    expect(tables).toHaveLength(3);
    tables.forEach((cells, table) => {
      const protocol = suite.protocols[table]!.name;
      const expected = suite.entries.flatMap((entry) => {
        const means = suite.tasks.map((task) => {
          const values = rows.filter((row) => row['method'] === entry.name && row['task'] === task.name && row['protocol'] === protocol).map((row) => Number(row['value']));
          expect(values).toHaveLength(4);
          return values.reduce((total, value) => total + value, 0) / values.length;
        });
        return [...means, means.reduce((total, value) => total + value, 0) / means.length].map((value) => ({ entry: entry.name, value }));
      });
      expect(cells.map(({ entry, value }) => ({ entry, value: Number(value).toFixed(12) }))).toEqual(expected.map(({ entry, value }) => ({ entry, value: value.toFixed(12) })));
      expect(cells.map(({ main }) => main)).toEqual(cells.map(({ value }) => (Number(value) * 100).toFixed(1)));
    });
  });

  test('two seeds: the values are there, no interval, no best', async () => {
    const html = await render('html', await fixture({ seeds: 2, tasks: 2 }));
    const table = /<table class="comparison[\s\S]*?<\/table>/.exec(html)![0];
    expect(table).not.toMatch(/±|class="mark"/);
    expect(table).toMatch(/<span class="sub">\d+\.\d \/ \d+\.\d<\/span>/);
    expect(html).toContain('no entry is called best');
  });

  test('failed cells and failed entries stay visible with their reason', async () => {
    const unlearned = [0, 1, 2].map((seed) => `transfer/scratch/mammals/linear/s${seed}`);
    const html = await render('html', await fixture({
      seeds: 3, tasks: 2, unlearned, failed: { 'pretrain/mae-random/s1': 'Loss became NaN at step 120 (lr 0.001)' },
      unreadable: [{ id: 'train/rose/0012.jpg', reason: 'premature end of file' }],
    }));
    expect(html).toContain('This run is not complete: 1 job failed and 6 jobs have not run.');
    expect(html).toContain('Loss became NaN at step 120 (lr 0.001)');
    expect(html).toMatch(/<code>logs\/[0-9a-f]{12}\.log<\/code>/);
    expect(html).toContain('1 of 3 seeds failed');
    expect(html).toContain('0 of 2 tasks complete');
    expect(html).toContain('<span class="flag">failed to learn</span>');
    expect(html).toContain('train/rose/0012.jpg');
  });

  test('annotations that were passed over are counted', async () => {
    const record = await fixture({ seeds: 1, tasks: 1 });
    const results = record.results.map((result) => (result.kind === 'prepare' ? { ...result, leftOut: 3 } : result));
    expect(await render('html', { ...record, results })).toContain('Of emoji, 3 objects or pictures are passed over (a training object whose box has no area, a picture without a label map); the log of the job that prepared it names them.');
    expect(await render('html', record)).not.toContain('passed over');
  });

  test('annotations that were taken though something is wrong are counted', async () => {
    const record = await fixture({ seeds: 1, tasks: 1 });
    const withDoubts = (asIs: number): RunRecord => ({ ...record, results: record.results.map((result) => (result.kind === 'prepare' ? { ...result, asIs } : result)) });
    expect(await render('html', withDoubts(1))).toContain('In emoji, 1 object is taken as pycocotools takes them, though something is wrong (an outline that crosses itself, a mask without a pixel, a box to find without an area);');
    expect(await render('html', withDoubts(36))).toContain('In emoji, 36 objects are taken');
    expect(await render('html', record)).not.toContain('crosses itself');
  });

  test('test images that are trained on too are counted and named', async () => {
    const record = await fixture({ seeds: 1, tasks: 1 });
    const withCopies = (n: number): RunRecord => {
      const copies = Array.from({ length: n }, (_, i) => ({ test: `test/${i}.png`, train: `train/${i}.png` }));
      return { ...record, results: record.results.map((result) => (result.kind === 'prepare' ? { ...result, copies } : result)) };
    };
    for (const format of ['html', 'markdown'] as const) {
      expect(await render(format, withCopies(1))).toContain('1 test image of emoji is among its training images too, pixel for pixel at 32 × 32: test/0.png is train/0.png. On such an image');
      expect(await render(format, withCopies(5))).toContain('5 test images of emoji are among its training images too, pixel for pixel at 32 × 32: test/0.png is train/0.png, test/1.png is train/1.png, test/2.png is train/2.png, and 2 more in results.json.');
      expect(await render(format, record)).not.toContain('pixel for pixel');
    }
  });

  test('of an entry\'s own protocol options only those that differ from the suite\'s are named', async () => {
    const record = await fixture({ seeds: 1, tasks: 1 });
    const suite = reportData(record).suite;
    const own = { ...suite.protocols[0]!.options, layer_decay: 1 };
    const entries = suite.entries.map((entry) => (entry.method === 'scratch' ? { ...entry, protocols: { 'fine-tune': own } } : entry));
    const html = await render('html', { ...record, suite: JSON.parse(JSON.stringify({ ...suite, entries })) as RunRecord['suite'] });
    expect(/<h4>scratch uses<\/h4><dl>(.*?)<\/dl>/s.exec(html)?.[1]).toBe('<div><dt>layer_decay</dt><dd>1</dd></div>');
  });

  test('entries without a rank are named in the headline, and charts say what their marks are', async () => {
    const text = await render('html', await fixture({ seeds: 3, tasks: 2, failed: { 'pretrain/mae-random/s2': 'Loss became NaN' } }));
    expect(text).toContain('Not ranked, because a seed is missing or failed to learn: mae-random.');
    expect(text).toContain('Dots: means over 3 seeds; lines: 95 % t-intervals over seeds.');
  });

  test('an entry\'s title stands beside its name', async () => {
    const record = await fixture({ seeds: 1, tasks: 1 });
    const suite = suiteOf(record);
    const entries = suite.entries.map((entry) => (entry.name === 'mae' ? { ...entry, title: 'MAE, all of it' } : entry));
    const text = await render('html', { ...record, suite: { ...suite, entries } as unknown as RunRecord['suite'] });
    expect(text).toContain('mae<span class="about">MAE, all of it (mae, full set, 40 epochs)</span>');
    expect(text).toContain('scratch<span class="about">no pre-training</span>');
  });

  test('nothing run yet: a page that says so', async () => {
    const whole = await fixture({ seeds: 1, tasks: 1 });
    const html = await render('html', { ...whole, complete: false, results: [], pending: whole.jobs.map(({ id }) => id) });
    expect(html).toContain('No entry has finished emoji/mammals');
    expect(html).toContain('no result yet');
    expect(html).not.toContain('NaN');
  });

  test('every text is escaped', async () => {
    const evil = '<img src=x onerror=alert(1)>"\'&{{title}}';
    const html = await render('html', await fixture({
      seeds: 1, tasks: 1, rename: { mae: evil, 'mae-split-a': '</script><b>' }, title: evil, note: evil, failed: { 'pretrain/scratch/s0': evil }, unreadable: [{ id: evil, reason: evil }],
    }));
    expect(html).not.toContain('<img src=x');
    expect(html).not.toContain('<b>');
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(html).toContain('&lt;img src&#x3D;x onerror&#x3D;alert(1)&gt;');
  });

  test('one file: nothing is loaded from elsewhere', async () => {
    const html = await render('html', await fixture({ seeds: 3, tasks: 2, preview: Uint8Array.of(1, 2) }));
    const addresses = [...html.matchAll(/(?:src|href|url|action)\s*[=(]\s*["']?([^"'\s)>]+)/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(5);
    expect(addresses.filter((address) => !address.startsWith('#') && !address.startsWith('data:image/png;base64,'))).toEqual([]);
    expect(html).not.toMatch(/@import|<link|<iframe/);
  });

  test('ids are unique and every table has a caption and scopes', async () => {
    const html = await render('html', await fixture({ seeds: 3, tasks: 2 }));
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    expect(html.match(/<caption>/g)).toHaveLength(html.match(/<table/g)!.length);
    expect(html).not.toMatch(/<th(?![^>]*scope=)[\s>]/);
  });
});

describe('Markdown', () => {
  test('headline, tables with units, n and protocol', async () => {
    const record = await fixture({ seeds: 3, tasks: 2 });
    const text = await render('markdown', record);
    expect(text).toContain(`### fine-tune \`${transfers(record)[0]!.protocolHash}\``);
    expect(text).toContain('Test accuracy (top-1) in %, mean ± half-width of the 95 % t-interval over 3 seeds (seeds only); n: test images.');
    expect(text).toMatch(/\| mae \| \d+\.\d ± \d+\.\d.* \|/);
    expect(text).toContain('| mammals (n 192–200) |');
    expect(await render('markdown', await fixture({ seeds: 1, tasks: 7 }))).toMatch(/\| household \(mean per class, n \d+\) \|/);
  });

  test('the best configuration on average, its mean, and whether it lies at an edge, by entry and protocol that searched', async () => {
    const whole = await fixture({ seeds: 1, tasks: 1 });
    // One cell an entry: its own trials are the means. The lists of the fixture have three rates.
    const results = whole.results.map((result) => (result.kind === 'transfer' && result.trials.length > 0
      ? { ...result, trials: result.trials.map(({ options }, at) => ({ options, validation: [0.25, 0.5, 0.125][at]!, diverged: false })), chosen: result.trials[1]!.options, atEdge: result.id.includes('/mae/') ? ['lr'] : [] }
      : result));
    const lines = /### Best options on average[^#]*/.exec(await render('markdown', { ...whole, results }))![0].split('\n').filter((line) => line.startsWith('| '));
    const rate = (protocol: string): string => String(Number(transfers(whole).find((result) => result.protocol === protocol)!.trials[1]!.options['lr']));
    // Six entries by each of two protocols; k-NN searched nothing.
    expect(lines).toHaveLength(2 + 2 * 6);
    expect(lines.filter((line) => /\| (scratch|mae) \|/.test(line))).toEqual(['fine-tune', 'linear'].flatMap((protocol) => [
      `| ${protocol} | scratch | lr ${rate(protocol)} | 50.0 |  |`, `| ${protocol} | mae | lr ${rate(protocol)} | 50.0 | lr |`,
    ]));
  });

  test('a pipe in a name does not break the table, a fence in a message does not end the block', async () => {
    const text = await render('markdown', await fixture({ seeds: 1, tasks: 1, rename: { mae: 'a|b @c' }, failed: { 'pretrain/scratch/s0': 'see ```x``` above' } }));
    expect(text).toContain('| a\\|b \\@c |');
    expect(text).toContain('````\npretrain/scratch/s0: see ```x``` above');
  });
});
