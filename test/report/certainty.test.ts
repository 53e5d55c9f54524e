import { beforeAll, describe, expect, test } from 'vitest';
import { reportData, type ReportData } from '../../src/report/format.js';
import { certaintyView, type CertaintyRow } from '../../src/report/html/certainty-view.js';
import { html } from '../../src/report/html.js';
import type { Interval } from '../../src/metrics/stats/index.js';
import type { TransferBody } from '../../src/results/types.js';
import { fixture, type FixtureOptions } from './fixture.js';
import { noStatistics } from './no-statistics.js';
import { tableRows } from './table-rows.js';

const dash = '\u2013';
const viewsOf = ({ comparisons, statistics }: ReportData) => comparisons.map((comparison) => certaintyView(comparison, statistics()));
const made = async (options: FixtureOptions): Promise<ReportData> => reportData(await fixture(options));
const rowOf = (data: ReportData, table: number, entry: string, on: string): CertaintyRow => viewsOf(data)[table]!.rows.find((row) => row.entry === entry && row.on === on)!;

const texts = ({ entry, on, mean, flags, sd, seeds, overSeeds, images, overImages, overall }: CertaintyRow): readonly string[] =>
  [entry, on, [mean, ...flags.map((flag) => `[${flag}]`)].join(' '), sd, seeds, overSeeds, images, overImages, overall];
const range = ({ low, high }: Interval): string => `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`;

/** Values of a cell of the fixture in seed order, straight from the results. */
const valuesOf = ({ record }: ReportData, entry: string, task: string, protocol: string): readonly number[] =>
  record.results
    .filter(({ id }) => id.startsWith(`transfer/${entry}/${task}/${protocol}/`))
    .toSorted((a, b) => a.seed! - b.seed!)
    .map((result) => (result as unknown as TransferBody).metrics.find(({ metric }) => metric === 'top1')!.value);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('with three seeds', () => {
  let data: ReportData;
  let page: string;
  beforeAll(async () => {
    data = await made({ seeds: 3, tasks: 2 });
    page = await html.render(data);
  });

  test('there is a row for each entry and task, then the average', () => {
    for (const view of viewsOf(data)) {
      expect(view!.rows.map(({ entry, on }) => [entry, on])).toEqual(data.suite.entries.flatMap(({ name }) => ['mammals', 'birds-and-sea', 'average'].map((on) => [name, on])));
      expect(view!.notes).toEqual([]);
    }
  });

  test('mean, standard deviation and interval over seeds are those of the results', () => {
    const tasks = ['mammals', 'birds-and-sea'].map((on) => ({ on, values: valuesOf(data, 'mae-random', on, 'linear') }));
    for (const { on, values } of [...tasks, { on: 'average', values: [0, 1, 2].map((seed) => mean(tasks.map(({ values: own }) => own[seed]!))) }]) {
      const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / 2);
      // Student's t with 2 degrees of freedom.
      const half = (4.302653 * sd) / Math.sqrt(3);
      expect(rowOf(data, 1, 'mae-random', on)).toMatchObject({
        mean: (100 * mean(values)).toFixed(1), sd: (100 * sd).toFixed(1), seeds: '3', overSeeds: range({ low: mean(values) - half, high: mean(values) + half }),
      });
    }
  });

  test('all of them are those of the statistics, and stand in the page', () => {
    const { levels } = data.statistics();
    const tables = tableRows(page, 'certainty');
    expect(tables).toHaveLength(3);
    data.comparisons.forEach(({ id }, at) => {
      const expected = levels.filter(({ table }) => table === id).map(({ entry, task, mean: value, sd, seeds, images, overSeeds, overImages, overall }) => [
        entry, task === null ? 'average' : task.replace('emoji/', ''), (100 * value).toFixed(1), (100 * sd!).toFixed(1), String(seeds), range(overSeeds!), String(images), range(overImages!), range(overall!),
      ]);
      expect(expected).toHaveLength(18);
      expect(tables[at]).toEqual(expected);
      expect(viewsOf(data)[at]!.rows.map(texts)).toEqual(expected);
    });
    // The three are not one and the same.
    const { overSeeds, overImages, overall } = rowOf(data, 0, 'mae', 'mammals');
    expect(new Set([overSeeds, overImages, overall]).size).toBe(3);
  });

  test('the table says what it is, and which interval is of what', () => {
    const [, caption] = /<table class="certainty">\s*<caption><span>([^<]*)<\/span><\/caption>/.exec(page)!;
    expect(caption).toContain(`Test accuracy in % by fine-tune (protocol ${data.comparisons[0]!.protocol.hash}), 3 seeds`);
    expect(caption).toMatch(/Over seeds: .*t-interval.* Over test images: .*1,000 bootstrap draws.* Over both: /);
  });
});

describe('what is not there', () => {
  test('of one seed: a dash for its spread and its intervals over seeds; images still speak', async () => {
    const data = await made({ seeds: 1, tasks: 2 });
    for (const { mean: value, sd, overSeeds, overImages, overall } of viewsOf(data).flatMap((view) => view!.rows)) {
      expect([sd, overSeeds, overall]).toEqual([dash, dash, dash]);
      expect([value, overImages]).toEqual([expect.stringMatching(/^\d+\.\d$/), expect.stringMatching(/^\d+\.\d to \d+\.\d$/)]);
    }
    expect(viewsOf(data)[0]!.notes).toEqual(['Of fewer than 3 seeds there is no interval over seeds and none over both; of one seed there is no standard deviation either.']);
    expect(JSON.stringify(viewsOf(data))).not.toContain('NaN');
  });

  test('of two seeds: they have a spread, and no interval', async () => {
    const data = await made({ seeds: 2, tasks: 1 });
    expect(rowOf(data, 0, 'mae', 'mammals')).toMatchObject({ sd: expect.stringMatching(/^\d/) as string, overSeeds: dash, overall: dash });
    expect(viewsOf(data)[0]!.notes).toEqual(['Of fewer than 3 seeds there is no interval over seeds and none over both.']);
    // A single task has no average.
    expect(viewsOf(data)[0]!.rows).toHaveLength(6);
  });

  test('of what did not finish: dashes, with what the table of results says', async () => {
    const failed = Object.fromEntries([0, 1, 2].map((seed) => [`transfer/scratch/mammals/fine-tune/s${seed}`, 'x']));
    const data = await made({ seeds: 3, tasks: 2, failed, pending: ['transfer/mae/mammals/fine-tune/s1'], unlearned: ['transfer/mae-random/mammals/fine-tune/s2'] });
    expect(texts(rowOf(data, 0, 'scratch', 'mammals'))).toEqual(['scratch', 'mammals', `${dash} [3 of 3 seeds failed]`, dash, '0', dash, '0', dash, dash]);
    expect(texts(rowOf(data, 0, 'scratch', 'average'))).toEqual(['scratch', 'average', `${dash} [1 of 2 tasks complete]`, dash, '0', dash, '0', dash, dash]);
    expect(rowOf(data, 0, 'mae', 'mammals')).toMatchObject({ flags: ['1 of 3 seeds not run'], seeds: '2', overSeeds: dash });
    expect(rowOf(data, 0, 'mae-random', 'mammals').flags).toEqual(['failed to learn in 1 of 3 seeds']);
    expect(rowOf(data, 0, 'mae-random', 'average').flags).toEqual(['failed to learn on a task']);
    const page = await html.render(data);
    expect(tableRows(page, 'certainty')[0]).toEqual(viewsOf(data)[0]!.rows.map(texts));
    expect(page).toContain(`<li>${viewsOf(data)[0]!.notes[0]!}</li>`);
    expect(page).not.toContain('NaN');
  });

  test('of one encoder: the seeds say nothing, its test images do, and it is said why', async () => {
    const data = await made({ seeds: 3, tasks: 2, oneEncoder: 'mae' });
    for (const on of ['mammals', 'average']) {
      expect(rowOf(data, 0, 'mae', on)).toMatchObject({ overSeeds: dash, overall: dash, overImages: expect.stringMatching(/ to /) as string });
      expect(rowOf(data, 0, 'scratch', on).overall).toMatch(/ to /);
    }
    expect(viewsOf(data)[0]!.notes).toEqual(['mae: one encoder, 3 transfers, so no interval over seeds and none over both.']);
  });

  test('where test images measure nothing: seeds alone, and it is said of whom', async () => {
    const record = await fixture({ seeds: 3, tasks: 1, dense: 'without-pictures' });
    const results = record.results.map((result) => (result.id === 'transfer/mae/segmentation/upernet/s1' && result.kind === 'transfer' && result.taskKind === 'segmentation'
      ? { ...result, perImage: { ...result.perImage, counts: result.perImage.counts.map(() => []) } } : result));
    const data = reportData({ ...record, results });
    const table = data.comparisons.findIndex(({ id }) => id === 'upernet');
    expect(rowOf(data, table, 'mae', 'segmentation')).toMatchObject({ overSeeds: expect.stringMatching(/ to /) as string, overImages: dash, overall: dash });
    expect(rowOf(data, table, 'scratch', 'segmentation').overImages).toMatch(/ to /);
    expect(viewsOf(data)[table]!.notes).toEqual(['No interval over test images and none over both where, at some seed, no draw of the images measures anything, or all of them are judged alike at all seeds: mae on segmentation.']);
    expect(JSON.stringify(viewsOf(data))).not.toContain('NaN');
  });

  test('before the first result there is no table', async () => {
    const { comparisons } = await made({ seeds: 1, tasks: 1 });
    expect(certaintyView(comparisons[0]!, noStatistics)).toBeNull();
  });
});
