import { beforeAll, describe, expect, test } from 'vitest';
import { csv } from '../../src/report/csv.js';
import { reportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { costsOf } from '../../src/results/costs.js';
import type { Result, RunRecord } from '../../src/results/types.js';
import { parseCsv } from '../report/csv-text.js';
import { fixture } from '../report/fixture.js';

/**
 * Two entries that go on from `mae` with a clustering that they share, and one that goes on from the first of them; two seeds.
 * What a job takes: images, operations, seconds.
 */
const spent: Readonly<Record<string, readonly [images: number, flops: number, seconds: number]>> = {
  'pretrain/mae/s0': [1000, 5e6, 10], 'pretrain/mae/s1': [1000, 5e6, 12],
  'cluster/mae-split-a/s0': [100, 3e5, 2], 'cluster/mae-split-a/s1': [100, 3e5, 4],
  'pretrain/mae-split-a/s0': [400, 4e6, 7], 'pretrain/mae-split-a/s1': [400, 4e6, 9],
  'pretrain/mae-split-b/s0': [400, 6e6, 8], 'pretrain/mae-split-b/s1': [400, 6e6, 8],
  'pretrain/mae-random/s0': [50, 1e6, 1], 'pretrain/mae-random/s1': [50, 1e6, 1],
  'search/mae-split-a/mammals/s0': [30, 2e5, 5], 'search/mae-split-a/mammals/s1': [30, 2e5, 7],
};
let record: RunRecord;
let plain: RunRecord;
beforeAll(async () => {
  plain = await fixture({ seeds: 2, tasks: 1 });
  const clusters = ['mae-split-a', 'mae-split-b'].flatMap((entry) => [0, 1].map((seed) => ({
    id: `cluster/${entry}/s${seed}`, key: `clusters-${seed}`, kind: 'cluster', inputs: { data: 'prepare/emoji', encoder: `pretrain/mae/s${seed}` }, tags: { entry, seed: String(seed) },
  })));
  const searches = [0, 1].map((seed) => ({
    id: `search/mae-split-a/mammals/s${seed}`, key: `search-${seed}`, kind: 'search',
    inputs: { data: 'prepare/emoji', encoder: `pretrain/mae/s${seed}`, clusters: `cluster/mae-split-a/s${seed}`, trained: `pretrain/mae-split-a/s${seed}` },
    tags: { entry: 'mae-split-a', task: 'emoji/mammals', seed: String(seed) },
  }));
  const inputsOf = (id: string): Readonly<Record<string, string>> => {
    const [, entry, seed] = id.split('/');
    if (entry === 'mae-random') return { start: `pretrain/mae-split-a/${seed}` };
    return entry === 'mae-split-a' || entry === 'mae-split-b' ? { start: `pretrain/mae/${seed}`, clusters: `cluster/${entry}/${seed}` } : {};
  };
  const jobs = [...plain.jobs.map((job) => (job.kind === 'pretrain' ? { ...job, inputs: { ...job.inputs, ...inputsOf(job.id) } } : job)), ...clusters, ...searches];
  const head = plain.results.find(({ kind }) => kind === 'prepare')!;
  // What the page shows of them besides.
  const rest = { layers: [], algorithm: 'sinkhorn', sizes: [3, 2], purity: 0.5, sidePurity: null, meanCosine: 0.9, gallery: { file: 'gallery.png', clusters: [0], columns: 8 } };
  const added = [...clusters, ...searches].filter(({ tags }) => tags.entry === 'mae-split-a').map(({ id, key, kind, tags }) => ({ ...head, id, key, kind, seed: Number(tags.seed), ...rest }) as unknown as Result);
  const results = [...plain.results, ...added].map((result): Result => {
    const own = spent[result.id];
    if (own === undefined) return result;
    const [images, flops, wallSeconds] = own;
    return { ...result, ...(result.kind === 'pretrain' ? { imagesSeen: images } : { images }), flops, wallSeconds } as unknown as Result;
  });
  record = { ...plain, jobs, results };
});
const costOf = (of: RunRecord, entry: string) => costsOf(of).find((cost) => cost.entry === entry)!;

describe('the cost of a pre-training', () => {
  test('is its own, and with all that it rests on, each job once', () => {
    expect(costOf(record, 'mae').pretrain).toMatchObject({ imagesSeen: 1000, flops: 5e6, wallSeconds: 11, withAncestors: { imagesSeen: 1000, flops: 5e6, wallSeconds: 11 } });
    // 400 of its own, 1000 of the start, 100 clustered; the start is both the encoder of the clustering and where training begins.
    expect(costOf(record, 'mae-split-a').pretrain).toMatchObject({ imagesSeen: 400, flops: 4e6, wallSeconds: 8, withAncestors: { imagesSeen: 1500, flops: 9.3e6, wallSeconds: 8 + 11 + 3 } });
    // The clustering has run once for both, and each rests on it.
    expect(costOf(record, 'mae-split-b').pretrain).toMatchObject({ withAncestors: { imagesSeen: 1500, flops: 11.3e6, wallSeconds: 8 + 11 + 3 } });
    expect(costOf(record, 'mae-random').pretrain).toMatchObject({ imagesSeen: 50, withAncestors: { imagesSeen: 1550, flops: 10.3e6, wallSeconds: 1 + 8 + 11 + 3 } });
    expect(costOf(record, 'scratch').pretrain).toMatchObject({ imagesSeen: 0, withAncestors: { imagesSeen: 0, flops: 0 } });
  });

  test('has no time at a seed where a job that it rests on was resumed', () => {
    const resumed = (ids: readonly string[]): RunRecord => ({ ...record, results: record.results.map((result) => (ids.includes(result.id) ? { ...result, resumed: true } : result)) });
    expect(costOf(resumed(['cluster/mae-split-a/s0']), 'mae-split-a').pretrain).toMatchObject({ wallSeconds: 8, withAncestors: { imagesSeen: 1500, wallSeconds: 9 + 12 + 4 } });
    expect(costOf(resumed(['pretrain/mae/s0', 'pretrain/mae/s1']), 'mae-split-a').pretrain).toMatchObject({ wallSeconds: 8, withAncestors: { flops: 9.3e6, wallSeconds: null } });
  });

  test('has no images/s of a seed whose training was resumed: it is that of its last part', () => {
    const at = (rates: Readonly<Record<string, number>>, resumed: string): RunRecord =>
      ({ ...record, results: record.results.map((result) => (result.kind === 'pretrain' && rates[result.id] !== undefined ? { ...result, imagesPerSecond: rates[result.id]!, resumed: result.id === resumed } : result)) });
    const rates = { 'pretrain/mae-split-a/s0': 100, 'pretrain/mae-split-a/s1': 300 };
    expect(costOf(at(rates, ''), 'mae-split-a').pretrain).toMatchObject({ imagesPerSecond: 200 });
    expect(costOf(at(rates, 'pretrain/mae-split-a/s1'), 'mae-split-a').pretrain).toMatchObject({ imagesPerSecond: 100 });
  });

  test('with all that it rests on is not known where one of these is gone', () => {
    const without = { ...record, results: record.results.filter(({ id }) => !id.startsWith('cluster/')) };
    expect(costOf(without, 'mae-split-a').pretrain).toMatchObject({ imagesSeen: 400, withAncestors: null });
  });
});

test('a search belongs to the transfers', () => {
  const before = costOf(plain, 'mae-split-a').transfer!;
  const { imagesSeen, flops, wallSeconds } = costOf(record, 'mae-split-a').transfer!;
  expect(imagesSeen).toBe(before.imagesSeen + 30);
  expect(flops).toBe(before.flops + 2e5);
  expect(wallSeconds).toBeCloseTo(before.wallSeconds! + 6, 9);
});

test('the CSV has both of its row\'s seed, the page both as means', async () => {
  const data = reportData(record);
  const rows = parseCsv(await csv.render(data)).filter(({ method, metric, protocol }) => method === 'mae-split-a' && metric === 'top1' && protocol === 'knn');
  expect(rows.map((row) => ['images', 'flops', 'seconds'].flatMap((what) => [row[`pretrain_${what}`], row[`pretrain_${what}_all`]]))).toEqual([
    ['400', '1500', '4000000', '9300000', '7', '19'], ['400', '1500', '4000000', '9300000', '9', '25'],
  ]);
  const page = await html.render(data);
  const [, row] = /<section id="cost">[\s\S]*?<th scope="row" data-value="mae-split-a">mae-split-a<\/th>(.*?)<\/tr>/.exec(page)!;
  const cells = [...row!.matchAll(/data-value="([^"]*)"/g)].map(([, value]) => value);
  expect(cells.slice(4, 11)).toEqual(['400', '4000000', '8', '1800', '1500', '9300000', '22']);
  const [head] = /<section id="cost">[\s\S]*?<\/thead>/.exec(page)!;
  expect([...head.matchAll(/colspan="(\d+)"/g)].reduce((sum, [, columns]) => sum + Number(columns), 0)).toBe(cells.length);
});

describe('what a method makes of its source images, and a part of its operations', () => {
  const made: Readonly<Record<string, object>> = {
    'pretrain/mae-split-a/s0': { units: [{ name: 'mixed sequences', count: 100 }] }, 'pretrain/mae-split-a/s1': { units: [{ name: 'mixed sequences', count: 102 }] },
    'pretrain/mae-split-b/s0': { units: [{ name: 'views', count: 1600 }], flopsParts: [{ name: 'head', flops: 5e6 }] },
    'pretrain/mae-split-b/s1': { units: [{ name: 'views', count: 1600 }], flopsParts: [{ name: 'head', flops: 4e6 }] },
  };
  const cost = (page: string) => {
    const [section] = /<section id="cost">[\s\S]*?<\/section>/.exec(page)!;
    const heads = [...section.matchAll(/data-sort="number"><span class="label">([^<]*)</g)].map(([, head]) => head!);
    const cells = (entry: string) => [...new RegExp(`data-value="${entry}">${entry}</th>(.*?)</tr>`).exec(section)![1]!.matchAll(/data-value="([^"]*)">([^<]*)</g)].map(([, value, text]) => [value, text]);
    return { heads, cells, own: /colspan="(\d+)" class="group">pre-training/.exec(section)![1] };
  };

  test('have columns of their own beside source images and operations, where some entry has them', async () => {
    const data = reportData({ ...record, results: record.results.map((result) => ({ ...result, ...made[result.id] })) });
    expect(data.costs.find(({ entry }) => entry === 'mae-split-b')!.pretrain).toMatchObject({ imagesSeen: 400, units: [{ name: 'views', count: 1600 }], flops: 6e6, flopsParts: [{ name: 'head', flops: 4.5e6 }] });
    const { heads, cells, own } = cost(await html.render(data));
    expect(own).toBe('11');
    expect(heads.slice(3, 11)).toEqual(['steps', 'images seen', 'mixed sequences', 'views', 'FLOP', 'FLOP, head alone', 'wall time', 'images/s']);
    expect(heads).toHaveLength(17);
    expect(cells('mae-split-a').slice(4, 9)).toEqual([['400', '400'], ['101', '101'], ['', '\u2013'], ['4000000', '4 M'], ['', '\u2013']]);
    expect(cells('mae-split-b').slice(4, 9)).toEqual([['400', '400'], ['', '\u2013'], ['1600', '1,600'], ['6000000', '6 M'], ['4500000', '4.5 M']]);
    const rows = parseCsv(await csv.render(data)).filter(({ metric, protocol }) => metric === 'top1' && protocol === 'knn');
    const columns = (entry: string, seed: string) => rows.filter((row) => row['method'] === entry && row['seed'] === seed).map((row) => [row['pretrain_images'], row['pretrain_mixed_sequences'], row['pretrain_views'], row['pretrain_flops_head']]);
    expect(columns('mae-split-a', '1')).toEqual([['400', '102', '', '']]);
    expect(columns('mae-split-b', '1')).toEqual([['400', '', '1600', '4000000']]);
    expect(columns('mae', '0')).toEqual([['1000', '', '', '']]);
  });

  test('have none where there is nothing of the kind', async () => {
    const { heads, own } = cost(await html.render(reportData(record)));
    expect(own).toBe('8');
    expect(heads.slice(4, 6)).toEqual(['images seen', 'FLOP']);
    expect(Object.keys(parseCsv(await csv.render(reportData(record)))[0]!).at(-1)).toBe('largest_class');
  });
});
