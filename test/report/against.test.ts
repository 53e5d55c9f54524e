import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { reportCommand } from '../../src/cli/report.js';
import { againstCell, againstSentence } from '../../src/report/against-text.js';
import { reportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { percent, points } from '../../src/report/numbers.js';
import type { CellDifference, RunDifference } from '../../src/results/run-difference/index.js';
import type { Result, RunRecord, TransferBody } from '../../src/results/types.js';
import { fixture } from './fixture.js';

let before: RunRecord;
beforeAll(async () => {
  before = await fixture({ seeds: 3, tasks: 2 });
});

type Change = (result: Result<TransferBody>) => object;
/** A run with other results of these jobs, whose id begins so. */
const changed = (changes: Readonly<Record<string, Change>>, suite: object = {}): RunRecord => ({
  ...before,
  suite: { ...(before.suite as object), ...suite },
  results: before.results.map((result) => {
    const [, change] = Object.entries(changes).find(([id]) => result.id.startsWith(id)) ?? [];
    return change === undefined ? result : { ...result, ...change(result as Result<TransferBody>) };
  }),
});
/** All images right, of which there were wrong ones. */
const perfect: Change = (result) => {
  if (result.taskKind !== 'classification') return {};
  return { metrics: result.metrics.map((metric) => ({ ...metric, value: 1 })), perImage: { ...result.perImage, predictions: result.perImage.labels } };
};
const differenceTo = (after: RunRecord, other = before): RunDifference => reportData(after, { name: 'reports/before', record: other }).against!;
const cell = (difference: RunDifference, table: string, entry: string, task: string | null): CellDifference =>
  difference.tables.find((one) => one.table === table)!.cells.find((one) => one.entry === entry && one.task === task)!;

describe('a run against another', () => {
  test('itself: everything is identical, nothing has changed', () => {
    const difference = differenceTo(before);
    expect([difference.suite, difference.origin]).toEqual([[], []]);
    expect(new Set(difference.tables.flatMap(({ cells }) => cells.map(({ state }) => state.kind)))).toEqual(new Set(['identical']));
    expect(againstSentence(difference)).toBe(`Against reports/before (maskbench ${before.version}, results of ${before.createdAt}): the suite is the same; code, machine and runtime are the same. Of 36 entries and tasks that both have: 36 identical; 0 changed. Of 18 averages, 0 changed.`);
  });

  test('a changed cell has its paired difference and interval, and so has the average that it is in', () => {
    const difference = differenceTo(changed({ 'transfer/mae/mammals/linear/': perfect }));
    const values = before.results.flatMap((result) => (result.id.startsWith('transfer/mae/mammals/linear/') ? [(result as Result<TransferBody>).metrics[0]!.value] : []));
    const gain = 1 - values.reduce((sum, value) => sum + value, 0) / 3;
    const own = cell(difference, 'linear', 'mae', 'emoji/mammals');
    if (own.state.kind !== 'changed') throw new Error(own.state.kind);
    expect([own.here, own.there, own.state.difference.mean]).toEqual([1, expect.closeTo(1 - gain, 12), expect.closeTo(gain, 12)]);
    // A seed's difference is at least the smallest, and the interval of such a gain leaves out 0.
    expect([own.state.difference.overall!.low > 0, own.state.difference.overall!.low < gain, own.state.adjusted! < 0.05]).toEqual([true, true, true]);
    const average = cell(difference, 'linear', 'mae', null);
    expect(average.state.kind === 'changed' ? average.state.difference.mean : null).toBeCloseTo(gain / 2, 12);
    expect(cell(difference, 'linear', 'mae', 'emoji/birds-and-sea').state).toEqual({ kind: 'identical', seeds: 3 });
    expect(againstCell(own)).toMatchObject({ main: points(gain), differs: true, seen: '', flags: [] });
    expect(againstCell(own).interval).toMatch(/^\[\+[\d.]+, \+[\d.]+\]$/);
    expect(againstCell(own).values).toBe(`${(100 - 100 * gain).toFixed(1)} \u2192 100.0`);
    expect(againstSentence(difference)).toContain('35 identical; 1 changed, of which 1 differs beyond chance. Of 18 averages, 1 changed, of which 1 differs beyond chance.');
  });

  test('with two seeds nothing can be tested, and that is said', async () => {
    const two = await fixture({ seeds: 2, tasks: 2 });
    const after = { ...two, results: two.results.map((result) => (result.id.startsWith('transfer/mae/mammals/linear/') ? { ...result, ...perfect(result as Result<TransferBody>) } : result)) };
    expect(againstSentence(differenceTo(after, two))).toContain('1 changed, of which none can be tested. Of 18 averages, 1 changed, of which none can be tested.');
  });

  test('a changed cell that does not differ says what would be found', async () => {
    // One image more at one seed of three: the mean is 1 / sqrt 3 of its standard error away, of which 5.65349 are found in four of five (statsmodels); each seed has its own images.
    const more: Change = (result) => {
      if (result.taskKind !== 'classification' || result.seed !== 0) return {};
      const wrong = result.perImage.predictions.findIndex((one, at) => one !== result.perImage.labels[at]);
      return { metrics: result.metrics.map((metric) => ({ ...metric, value: metric.value + 1 / result.nTest })), perImage: { ...result.perImage, predictions: result.perImage.predictions.map((one, at) => (at === wrong ? result.perImage.labels[at]! : one)) } };
    };
    const after = changed({ 'transfer/mae/mammals/linear/': more });
    const own = cell(differenceTo(after), 'linear', 'mae', 'emoji/mammals');
    const { nTest } = before.results.find(({ id }) => id === 'transfer/mae/mammals/linear/s0') as Result<TransferBody>;
    const seen = `${percent((5.6534893 * (1 / nTest / Math.sqrt(3))) / Math.sqrt(3))} would be found`;
    expect(againstCell(own)).toMatchObject({ differs: false, seen });
    const data = reportData(after, { name: 'other', record: before });
    expect(await html.render(data)).toContain(`<span class="sub">${seen}</span>`);
    expect(await markdown.render(data)).toContain(`; ${seen} |`);
  });

  test('other protocols, metrics and images are said and not compared', () => {
    const difference = differenceTo(changed({
      'transfer/mae/mammals/linear/': () => ({ protocolHash: 'ffffffffffff' }),
      'transfer/mae/mammals/knn/s1': () => ({ metricVersion: 2 }),
      'transfer/scratch/mammals/knn/': (result) => (result.taskKind === 'classification' ? { perImage: { ...result.perImage, ids: result.perImage.ids.map((id) => `new ${id}`) } } : {}),
    }));
    const state = (table: string, entry: string) => cell(difference, table, entry, 'emoji/mammals').state;
    const own = differenceTo(changed({ 'transfer/mae/mammals/linear/': ({ config }) => ({ config: { ...config, options: { lr: [9] } } }) }));
    expect(cell(own, 'linear', 'mae', 'emoji/mammals').state).toEqual({ kind: 'not-compared', why: 'the entry has other options of its own for this protocol' });
    const { hash } = (before.suite as unknown as { readonly protocols: readonly { readonly name: string; readonly hash: string }[] }).protocols.find(({ name }) => name === 'linear')!;
    expect(state('linear', 'mae')).toEqual({ kind: 'not-compared', why: `protocol ffffffffffff here, ${hash} there` });
    expect(state('knn', 'mae')).toEqual({ kind: 'not-compared', why: 'metric version 2 here, 1 there' });
    expect(cell(difference, 'knn', 'mae', null).state).toMatchObject({ kind: 'not-compared', why: expect.stringMatching(/^not on all tasks: metric/) as string });
    expect(state('knn', 'scratch')).toMatchObject({ kind: 'changed', adjusted: null, difference: { mean: 0, overall: null, overImages: null, p: null } });
    expect(againstCell(cell(difference, 'knn', 'scratch', 'emoji/mammals')).flags).toEqual(['other test images']);
    expect(difference.origin).toEqual([{ place: 'metric version', here: '1; 2', there: '1' }]);
  });

  test('annotations of the same pictures that changed are not compared, and another fingerprint of the data is named', async () => {
    const run = await fixture({ seeds: 3, tasks: 1, dense: 'without-pictures' });
    const other: RunRecord = { ...run, results: run.results.map((result) => {
      if (result.kind === 'prepare') return { ...result, config: { ...result.config, fingerprint: 'feedfeedfeedfeed' } };
      if (result.kind !== 'transfer' || !result.id.startsWith('transfer/mae/')) return result;
      switch (result.taskKind) {
        case 'classification': return { ...result, perImage: { ...result.perImage, labels: result.perImage.labels.map((label) => 1 - Math.min(label, 1)) } };
        // One pixel more that was missed; an object where there was none.
        case 'segmentation': return { ...result, perImage: { ...result.perImage, counts: result.perImage.counts.map(([category = 0, right = 0, wrong = 0, missed = 0, ...more]) => [category, right, wrong, missed + 1, ...more]) } };
        case 'detection': return { ...result, perImage: { ...result.perImage, box: result.perImage.box.map(() => [{ category: 0, truths: 1 } as (typeof result.perImage.box)[number][number]]) } };
      }
    }) };
    const difference = differenceTo(other, run);
    const why = (table: string, task: string) => cell(difference, table, 'mae', task).state;
    expect(why('linear', 'emoji/mammals')).toEqual({ kind: 'not-compared', why: 'other labels of the same test images' });
    for (const [table, task] of [['upernet', 'scenes/segmentation'], ['mask-rcnn', 'scenes/detection']] as const) expect(why(table, task)).toEqual({ kind: 'not-compared', why: 'other annotations of the same test images' });
    expect(cell(difference, 'upernet', 'scratch', 'scenes/segmentation').state.kind).toBe('identical');
    expect(difference.origin.map(({ place, here }) => [place, here])).toEqual([['data of prepare/emoji', 'feedfeedfeed'], ['data of prepare/scenes', 'feedfeedfeed']]);
    expect(againstSentence(difference)).toContain('what made the results differs in data of prepare/emoji and data of prepare/scenes.');
  });

  test('seeds that one of the two has lost are a selection: nothing is identical, and nothing is tested', async () => {
    const id = (seed: number) => `transfer/mae/mammals/linear/s${seed}`;
    const less = await fixture({ seeds: 3, tasks: 2, failed: { [id(1)]: 'broke', [id(2)]: 'broke' } });
    const lost = cell(differenceTo(less), 'linear', 'mae', 'emoji/mammals');
    expect(lost.state).toEqual({ kind: 'not-compared', why: '2 of 3 seeds have no result here' });
    expect(cell(differenceTo(before, less), 'linear', 'mae', 'emoji/mammals').state).toEqual({ kind: 'not-compared', why: '2 of 3 seeds have no result there' });
    const five = await fixture({ seeds: 5, tasks: 1 });
    const four = await fixture({ seeds: 5, tasks: 1, failed: { [id(1)]: 'broke' } });
    const after = { ...four, results: four.results.map((result) => (result.id.startsWith('transfer/mae/mammals/linear/') ? { ...result, ...perfect(result as Result<TransferBody>) } : result)) };
    const own = cell(differenceTo(after, five), 'linear', 'mae', 'emoji/mammals');
    expect(own.state).toMatchObject({ kind: 'changed', adjusted: null, difference: { seeds: 4, p: null, overall: null, doubt: '1 of 5 seeds has no result here' } });
    expect(againstCell(own)).toMatchObject({ differs: false, flags: ['1 of 5 seeds has no result here'] });
    // A seed that only one of the suites asks for is none that was lost.
    expect(cell(differenceTo(await fixture({ seeds: 2, tasks: 2 }), await fixture({ seeds: 2, tasks: 2 })), 'linear', 'mae', 'emoji/mammals').state).toEqual({ kind: 'identical', seeds: 2 });
  });

  test('other classes, or other labels of the same images, are another question', () => {
    const difference = differenceTo(changed({
      'transfer/mae/mammals/linear/': ({ classes }) => ({ classes: [...classes.slice(1), 'another'] }),
      'transfer/mae/mammals/knn/': (result) => (result.taskKind !== 'classification' ? {} : { perImage: { ...result.perImage, labels: result.perImage.labels.map((label) => (label + 1) % result.classes.length) } }),
    }));
    expect(cell(difference, 'linear', 'mae', 'emoji/mammals').state).toEqual({ kind: 'not-compared', why: 'other classes' });
    expect(cell(difference, 'knn', 'mae', 'emoji/mammals').state).toEqual({ kind: 'not-compared', why: 'other labels of the same test images' });
  });

  test('what the suites say otherwise is placed by names', () => {
    const suite = before.suite as unknown as { readonly entries: readonly { readonly name: string }[]; readonly tasks: readonly unknown[] };
    const entries = suite.entries.map((entry) => (entry.name === 'mae' ? { ...entry, options: { mask_ratio: 0.75 } } : entry)).toReversed();
    const difference = differenceTo(changed({}, { entries, seeds: [0, 1, 2, 3], gate: { tolerance: 0.02 } }));
    expect(difference.suite).toEqual([
      { place: 'seeds', here: '[0,1,2,3]', there: '[0,1,2]' },
      { place: 'entries mae options mask_ratio', here: '0.75', there: '0.6' },
      { place: 'gate tolerance', here: '0.02', there: null },
    ]);
  });

  test('stands in the page and the summary, and nowhere without another run', async () => {
    const data = reportData(changed({ 'transfer/mae/mammals/linear/': perfect }, { title: 'A | b' }), { name: 'reports/<before>', record: before });
    const page = await html.render(data);
    expect(page).toContain('<h2>Against reports/&lt;before&gt;</h2>');
    const linear = /<h3>linear<\/h3>[\s\S]*?<\/table>/.exec(page.slice(page.indexOf('id="against"')))![0];
    expect(linear.match(/<span class="main">identical<\/span>/g)).toHaveLength(5 * 3 + 1);
    expect(linear.match(/<span class="mark">differs<\/span>/g)).toHaveLength(2);
    expect(page).toContain('<p>Identical in every cell: fine-tune and knn.</p>');
    const summary = await markdown.render(data);
    expect(summary).toContain('- title: An invented run for tests there, A \\| b here');
    expect(/\| linear \| [\s\S]*?\n\n/.exec(summary.slice(summary.indexOf('### Against')))![0].match(/\*\*differs\*\*/g)).toHaveLength(2);
    const plain = reportData(before);
    expect(await markdown.render(plain)).not.toContain('### Against');
    expect(await html.render(plain)).not.toContain('id="against"');
  });
});

describe('maskbench report --against', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maskbench-against-'));
    await writeFile(join(folder, 'results.json'), JSON.stringify(await fixture({ seeds: 1, tasks: 1 })));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('reads the other run from the folder of its report', async () => {
    const file = join(folder, 'results.json');
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await reportCommand().parseAsync(['--from', file, '--against', folder, '--out', join(folder, 'out'), '--json'], { from: 'user' });
    write.mockRestore();
    expect(await readFile(join(folder, 'out', 'summary.md'), 'utf8')).toContain('18 identical; 0 changed.');
    await expect(reportCommand().parseAsync(['--from', file, '--against', join(folder, 'none')], { from: 'user' })).rejects.toThrow(/cannot be read/);
  });
});
