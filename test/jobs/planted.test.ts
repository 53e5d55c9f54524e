import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planSuite, type PlannedSuite } from '../../src/catalog.js';
import { exportEncoder } from '../../src/cli/export.js';
import { storedRecord } from '../../src/cli/stored-record.js';
import { attention } from '../../src/jobs/attention.js';
import { heatOver } from '../../src/jobs/heat.js';
import { writeReports } from '../../src/report/index.js';
import { costsOf } from '../../src/results/costs.js';
import type { AttentionBody, ClusterBody, Result, RunRecord, SearchBody } from '../../src/results/types.js';
import { parseOnly, selectOnly } from '../../src/runner/only.js';
import type { RunEvent } from '../../src/runner/progress/events.js';
import { runPlan, type RunOutcome } from '../../src/runner/run.js';
import { openStore, type Store } from '../../src/runner/store.js';
import { readSafetensors } from '../../src/training/safetensors.js';
import { temporaryFolder } from '../temporary-folder.js';
import { writePictures } from './pictures.js';
import { plant, unplant } from './plant.js';
import { expectMeasurable } from './stand-ins.js';

/** A method that clusters and searches, from suite to report: three entries that rest on one clustering, two of them on one training. */
const suiteText = (data: string): string => `
name: planted
seeds: 1
model: { name: custom, image_size: 8, patch_size: 4, width: 16, depth: 1, heads: 2, mlp_ratio: 2 }
data: { shapes: { source: folder, path: ${data} } }
pretrain: { batch_size: 16, schedule: { epochs: 2 } }
methods:
  mae: { decoder: { width: 16, depth: 1, heads: 2 }, warmup_epochs: 1 }
  planted: { decoder: { width: 16, depth: 1, heads: 2 }, warmup_epochs: 1, clusters: 5 }
entries:
  - { name: mae, method: mae }
  - { name: planted, method: planted, start: mae, controls: [] }
  - { name: other-pick, method: planted, start: mae, pick: 1, controls: [] }
  - { name: longer, method: planted, start: mae, schedule: { epochs: 3 }, controls: [] }
tasks: [shapes/all]
protocols: { fine-tune: { lr: 0.001, steps: 4, batch_size: 8 }, knn: { k: 3 } }
`;

let root: string;
let file: string;
let planned: PlannedSuite;
let store: Store;
afterAll(unplant);
beforeAll(async () => {
  await plant();
  root = temporaryFolder();
  await writePictures(join(root, 'data'));
  file = join(root, 'planted.yaml');
  await writeFile(file, suiteText(join(root, 'data')));
  planned = await planSuite(file);
  store = await openStore(join(root, 'store'));
});

const keyOf = (id: string): string => {
  const job = planned.plan.jobs.find((one) => one.id === id);
  if (job === undefined) throw new Error(`no job ${id} in ${planned.plan.jobs.map((one) => one.id).join(', ')}`);
  return job.key;
};

async function run(onEvent: (event: RunEvent, stop: AbortController) => void = () => undefined): Promise<{ readonly outcome: RunOutcome; readonly events: readonly RunEvent[] }> {
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const outcome = await runPlan({
    plan: planned.plan, store, version: '0.0.0', tensors: {}, signal: stop.signal,
    jobs: new URL('fixture/planted-jobs.mjs', import.meta.url).href, validator: new URL('../../dist/results/schema.js', import.meta.url).href,
    progress: { on: (event) => { events.push(event); onEvent(event, stop); }, close: () => undefined },
    setUp: () => Promise.resolve({ workers: 1, machine: 'here' }),
  });
  return { outcome, events };
}

describe('the plan', () => {
  it('has a clustering a seed, a search a task, and judges what the search has found', () => {
    const inputs = Object.fromEntries(planned.plan.jobs.filter(({ tags }) => tags['entry'] === 'planted').map(({ id, inputs: own }) => [id, own]));
    expect(inputs).toEqual({
      'cluster/planted/s0': { data: 'prepare/shapes', encoder: 'pretrain/mae/s0' },
      'pretrain/planted/s0': { data: 'prepare/shapes', start: 'pretrain/mae/s0', clusters: 'cluster/planted/s0' },
      'search/planted/shapes/all/s0': { data: 'prepare/shapes', encoder: 'pretrain/mae/s0', clusters: 'cluster/planted/s0', trained: 'pretrain/planted/s0' },
      'attention/planted/shapes/all/s0': { data: 'prepare/shapes', encoder: 'search/planted/shapes/all/s0' },
      'features/planted/shapes/all/s0': { data: 'prepare/shapes', encoder: 'search/planted/shapes/all/s0' },
      'transfer/planted/shapes/all/fine-tune/s0': { data: 'prepare/shapes', encoder: 'search/planted/shapes/all/s0' },
      'transfer/planted/shapes/all/knn/s0': { data: 'prepare/shapes', features: 'features/planted/shapes/all/s0' },
    });
  });

  it('shares what is the same: the clustering of all, the training of those that differ in what only a search reads', () => {
    expect(keyOf('cluster/other-pick/s0')).toBe(keyOf('cluster/planted/s0'));
    expect(keyOf('cluster/longer/s0')).toBe(keyOf('cluster/planted/s0'));
    expect(keyOf('pretrain/other-pick/s0')).toBe(keyOf('pretrain/planted/s0'));
    expect(keyOf('pretrain/longer/s0')).not.toBe(keyOf('pretrain/planted/s0'));
    expect(keyOf('search/other-pick/shapes/all/s0')).not.toBe(keyOf('search/planted/shapes/all/s0'));
    expect(keyOf('search/longer/shapes/all/s0')).not.toBe(keyOf('search/planted/shapes/all/s0'));
  });

  it('with --only one of the entries has its start and its clustering', () => {
    const { jobs } = selectOnly(planned.plan, parseOnly('entry=longer,protocol=knn'));
    expect(jobs.map(({ id }) => id).sort()).toEqual([
      'cluster/longer/s0', 'features/longer/shapes/all/s0', 'prepare/shapes', 'pretrain/longer/s0', 'pretrain/mae/s0', 'search/longer/shapes/all/s0', 'transfer/longer/shapes/all/knn/s0',
    ]);
  });

  it.each(['cluster/planted/s0', 'pretrain/planted/s0', 'search/planted/shapes/all/s0', 'attention/planted/shapes/all/s0', 'features/planted/shapes/all/s0'])('can measure how long %s takes, on stand-ins', async (id) => {
    await expectMeasurable(planned.plan, id);
  });

  it('refuses more clusters than images, before anything runs', async () => {
    const other = join(root, 'many.yaml');
    await writeFile(other, suiteText(join(root, 'data')).replace('clusters: 5', 'clusters: 81'));
    await expect(planSuite(other)).rejects.toThrow('the entry planted asks for 81 clusters of 80 images');
  });
});

describe('a run', () => {
  let record: RunRecord;
  let events: readonly RunEvent[];
  const resultOf = <Body>(id: string): Result & Body => record.results.find(({ key }) => key === keyOf(id)) as unknown as Result & Body;

  beforeAll(async () => {
    // Stopped as soon as the clustering begins, then run to its end.
    const stopped = await run((event, stop) => {
      if (event.event === 'start' && event.kind === 'cluster') stop.abort();
    });
    expect(stopped.outcome.interrupted).toBe(true);
    expect(await store.has(keyOf('cluster/planted/s0'))).toBe(false);
    const whole = await run();
    expect(whole.outcome.counts).toMatchObject({ failed: 0, skipped: 0, pending: 0, cached: 2 });
    events = whole.events;
    record = await storedRecord(planned, store);
  }, 120_000);

  it('runs a clustering once for all entries, and everything that is finished is cached the next time', async () => {
    const started = events.flatMap((event) => (event.event === 'start' ? [event.kind] : []));
    const count = (kind: string): number => started.filter((one) => one === kind).length;
    expect([count('cluster'), count('pretrain'), count('search'), count('features'), count('transfer')]).toEqual([1, 2, 3, 4, 8]);
    const again = await run();
    expect(again.outcome.counts).toMatchObject({ done: 0, cached: planned.plan.jobs.length });
  });

  it('clusters all images that are trained on, and hands the encoder of each search on', async () => {
    expect(resultOf<ClusterBody>('cluster/planted/s0')).toMatchObject({ kind: 'cluster', algorithm: 'sinkhorn', images: 80, sizes: [16, 16, 16, 16, 16], unlabelled: 0, sideless: 40 });
    // 20 a class, of which validation takes a fifth.
    expect(resultOf<SearchBody>('search/other-pick/shapes/all/s0')).toMatchObject({ kind: 'search', images: 64, layers: [{ expert: 1, gate: 0.5 }] });
    const norm = async (id: string): Promise<readonly number[]> => [...(await readSafetensors(join(store.folder(keyOf(id)), 'encoder.safetensors'))).get('norm.weight')!.data];
    const [trained, found, doubled] = [await norm('pretrain/planted/s0'), await norm('search/planted/shapes/all/s0'), await norm('search/other-pick/shapes/all/s0')];
    expect(found).toEqual(trained);
    expect(doubled).toEqual(trained.map((value) => 2 * value));
    const features = async (id: string) => readFile(join(store.folder(keyOf(id)), 'test.bin'));
    expect((await features('features/planted/shapes/all/s0')).equals(await features('features/other-pick/shapes/all/s0'))).toBe(false);
  });

  it('draws what the class token looks at, for the same training images of every entry', async () => {
    const bodies = ['mae', 'planted', 'longer'].map((entry) => resultOf<AttentionBody>(`attention/${entry}/shapes/all/s0`));
    const ids = bodies[0]!.images.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^train\//);
    for (const { images } of bodies) expect(images.map(({ id }) => id)).toEqual(ids);
    // Those that a suite names, in its order, are drawn as they are among the others.
    const { config } = planned.plan.jobs.find(({ id }) => id === 'attention/mae/shapes/all/s0')!;
    const named = await attention({
      job: { id: 'named', kind: 'attention', config: { ...config, images: [ids[2]!, ids[0]!] }, inputs: {}, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: '', code: '' },
      folder: temporaryFolder(), scratch: temporaryFolder(), input: (role) => store.folder(keyOf(role === 'data' ? 'prepare/shapes' : 'pretrain/mae/s0')),
      progress: () => undefined, startAnew: () => undefined, log: () => undefined, phases: { enter: () => undefined },
    }) as unknown as AttentionBody;
    expect(named.images.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
    named.images.forEach(({ largest }, at) => { largest.forEach((value, head) => { expect(value).toBeCloseTo(bodies[0]!.images[at === 0 ? 2 : 0]!.largest[head]!, 6); }); });

    const folder = store.folder(keyOf('attention/planted/shapes/all/s0'));
    const weights = (await readSafetensors(join(folder, 'attention.safetensors'))).get('weights')!;
    expect(weights.shape).toEqual([4, 2, 4]);
    expect([...weights.data]).not.toEqual([...(await readSafetensors(join(store.folder(keyOf('attention/mae/shapes/all/s0')), 'attention.safetensors'))).get('weights')!.data]);
    const map = (image: number, head: number): Float32Array => weights.data.slice((image * 2 + head) * 4, (image * 2 + head + 1) * 4);
    bodies[1]!.images.forEach(({ largest }, image) => { expect(largest).toEqual([0, 1].map((head) => Math.max(...map(image, head)))); });

    // Tiles of 96 pixels with gaps of 4, each pixel 12 times as large: the image and two heads across, four images down.
    const { data, info } = await sharp(join(folder, 'attention.png')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([3 * 96 + 2 * 4, 4 * 96 + 3 * 4]);
    const tile = (row: number, column: number): Uint8Array => Uint8Array.from({ length: 8 * 8 * 3 }, (_, at) => {
      const pixel = Math.floor(at / 3);
      return data[((row * 100 + 12 * Math.floor(pixel / 8)) * info.width + column * 100 + 12 * (pixel % 8)) * info.channels + (at % 3)]!;
    });
    for (const image of [0, 3]) for (const head of [0, 1]) expect([...tile(image, 1 + head)]).toEqual([...heatOver(tile(image, 0), map(image, head), 8)]);
  });

  it('counts what entries rest on once, and searches with the transfers', () => {
    const cost = (entry: string) => costsOf(record).find((one) => one.entry === entry)!;
    const [mae, clustering] = [cost('mae').pretrain!, resultOf<ClusterBody>('cluster/planted/s0')];
    for (const entry of ['planted', 'other-pick', 'longer']) {
      const { imagesSeen, flops, withAncestors } = cost(entry).pretrain!;
      expect(withAncestors).toMatchObject({ imagesSeen: imagesSeen + mae.imagesSeen + 80, flops: flops + mae.flops + clustering.flops });
    }
    expect(cost('planted').transfer!.imagesSeen - cost('mae').transfer!.imagesSeen).toBe(64);
    expect(record.costs).toEqual(costsOf(record));
  });

  it('gives a report, with the gallery of the clusters in its record', async () => {
    expect(record.complete).toBe(true);
    expect(Buffer.from(record.previews![keyOf('cluster/planted/s0')]!, 'base64').subarray(1, 4).toString()).toBe('PNG');
    const files = await writeReports(record, join(root, 'report'));
    const html = (await readFile(files.find((path) => path.endsWith('.html'))!, 'utf8')).replaceAll('<wbr>', '');
    for (const id of ['cluster/planted/s0', 'search/longer/shapes/all/s0']) expect(html).toContain(id);
    const [section] = /<section id="clusters">[\s\S]*?<\/section>/.exec(html)!;
    const rows = [...section.matchAll(/<tr><th scope="row">([\s\S]*?)<\/tr>/g)].map(([, row]) => row!.split(/<[^>]*>/).map((text) => text.trim()).filter((text) => text !== ''));
    const { purity, sidePurity, meanCosine } = resultOf<ClusterBody>('cluster/planted/s0');
    expect(rows[0]).toEqual(['planted, other-pick and longer', 'sinkhorn', '5', '80', '16', `${(100 * purity!).toFixed(1)} %`, `${(100 * sidePurity!).toFixed(1)} %`, meanCosine.toFixed(2)]);
    const { votes } = resultOf<SearchBody>('search/other-pick/shapes/all/s0');
    expect(rows.slice(1).map(([entry]) => entry)).toEqual(['planted', 'other-pick', 'longer']);
    const behind = Math.max(...votes.filter((_, one) => one !== 1));
    const next = votes.findIndex((own, one) => one !== 1 && own === behind);
    expect(rows[2]).toEqual(['other-pick', 'shapes/all, 64 images', 'seed 0', `block 0: expert 1 with ${(votes[1]! / 0.64).toFixed(1)} % of the votes, times 0.50 (next: expert ${next}, ${(behind / 0.64).toFixed(1)} %)`]);
    expect(section).toContain(`src="data:image/png;base64,${record.previews![keyOf('cluster/planted/s0')]!}"`);

    const [maps] = /<section id="attention">[\s\S]*?<\/section>/.exec(html)!;
    const figures = [...maps.matchAll(/<figcaption>(\S+) [\s\S]*?src="data:image\/png;base64,([^"]*)" alt="([^"]*)"[\s\S]*?Largest weights: ([^<]*)</g)];
    expect(figures.map(([, entry]) => entry)).toEqual(['mae', 'planted', 'other-pick', 'longer']);
    const { images } = resultOf<AttentionBody>('attention/planted/shapes/all/s0');
    // In weights of an even spread over four patches and the class token.
    expect(figures[1]!.slice(2)).toEqual([
      record.previews![keyOf('attention/planted/shapes/all/s0')],
      `Attention of the class token in the last block of planted on 4 training images of shapes/all (${images.slice(0, 3).map(({ id }) => id).join(', ')} and ${images[3]!.id}): the image, then 2 heads as colour over it.`,
      images.map(({ largest }) => largest.map((weight) => (5 * weight).toFixed(1)).join(', ')).join('; '),
    ]);
  });

  it('exports the encoder of a task, and asks for the task', async () => {
    const out = join(root, 'out.safetensors');
    const given = { suite: file, store: join(root, 'store'), out };
    const written = await exportEncoder('other-pick', { ...given, task: 'shapes/all' });
    expect(written.job).toBe('search/other-pick/shapes/all/s0');
    expect((await readFile(out)).equals(await readFile(join(store.folder(keyOf(written.job)), 'encoder.safetensors')))).toBe(true);
    await expect(exportEncoder('planted', given)).rejects.toMatchObject({ message: 'the entry planted has an encoder for each task', fix: 'Name one with --task: shapes/all.' });
    await expect(exportEncoder('planted', { ...given, task: 'shapes/al' })).rejects.toMatchObject({ message: 'the suite has no task shapes/al (did you mean "shapes/all"?)' });
    await expect(exportEncoder('mae', { ...given, task: 'shapes/all' })).rejects.toMatchObject({ message: 'the entry mae has one encoder for all tasks' });
  });
});
