import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageRecord, ImageSet } from '../../src/data/image-set.js';
import { openEngine } from '../../src/engine/index.js';
import type { JsonObject } from '../../src/files.js';
import { readClusters, writeClusters } from '../../src/jobs/cluster-file.js';
import { cluster } from '../../src/jobs/cluster.js';
import type { ClusterConfig, SearchConfig } from '../../src/jobs/configs.js';
import { readEncoder, writeEncoder, writeOthers } from '../../src/jobs/encoder-file.js';
import { clusterJobFlops, forwardFlops } from '../../src/jobs/estimates.js';
import { search } from '../../src/jobs/search.js';
import { readSet } from '../../src/jobs/task-inputs.js';
import { row } from '../../src/methods/clustering/rows.js';
import { vitConfig } from '../../src/models/config.js';
import { decoderParams } from '../../src/models/mae-decoder.js';
import { vitParams } from '../../src/models/vit.js';
import { extract } from '../../src/protocols/extract.js';
import { stream } from '../../src/random.js';
import { validateResult } from '../../src/results/schema.js';
import type { ClusterBody, SearchBody } from '../../src/results/types.js';
import type { JobContext, JobFunction } from '../../src/runner/job.js';
import { writeImageSet } from '../data/image-set-files.js';
import { temporaryFolder } from '../temporary-folder.js';
import { plant, smallMae, unplant } from './plant.js';

const model = { name: 'custom', image_size: 8, patch_size: 4, width: 16, depth: 1, heads: 2, mlp_ratio: 2 };
const vit = vitConfig(model);
const colours = [[220, 40, 40], [40, 220, 40], [40, 40, 220]] as const;

/** Pictures of three colours with noise, in turns; two thirds of the colours lie on side A, the last on none. */
function pictures(count: number, changed: (record: ImageRecord) => boolean = () => false): ImageSet {
  const records = Array.from({ length: count }, (_, i): ImageRecord => ({
    id: `p${i}`, label: `colour ${i % 3}`, group: null, domain: null, split: i % 5 === 4 ? 'test' : 'train', side: i % 3 === 2 ? null : i % 3 === 0 ? 'A' : 'B',
  }));
  const pixels = Uint8Array.from(records.flatMap((record, i) => {
    const draws = stream(0, 'pictures', i);
    return Array.from({ length: 8 * 8 * 3 }, (_, at) => (changed(record) ? 7 : Math.max(0, Math.min(255, Math.round(colours[i % 3]![at % 3]! + 10 * draws.normal())))));
  }));
  return { name: 'pictures', size: 8, channels: 3, records, pixels, unreadable: [] };
}

const config: ClusterConfig = {
  clusters: { count: 3, pool: 'mean', centred: true, algorithm: 'k-means', epochs: 10, epsilon: 0.05, iterations: 3, temperature: 0.1, batch_size: 'auto', rate: 0.5, last_iterations: 100 },
  source: 'folder', sourceOptions: {}, subset: 'full', model, seed: 1, precision: 'f32',
};

interface Ran<Body> { readonly body: Body; readonly folder: string; readonly lines: readonly string[]; readonly anew: readonly string[] }

/** Runs a job on folders by role. `killAt`: at this progress event. */
async function run<Body>(job: JobFunction, kind: string, own: JsonObject, inputs: Readonly<Record<string, string>>, { scratch = temporaryFolder(), killAt = null }: { readonly scratch?: string; readonly killAt?: number | null } = {}): Promise<Ran<Body>> {
  const folder = temporaryFolder();
  const lines: string[] = [];
  const anew: string[] = [];
  let events = 0;
  const context: JobContext = {
    job: { id: `${kind}/x/s1`, kind, config: own, inputs, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: 'a'.repeat(64), code: '' },
    folder, scratch, input: (role) => inputs[role]!,
    progress: () => {
      if (++events === killAt) throw new Error('killed');
    },
    startAnew: (reason) => { anew.push(reason); }, log: (line) => { lines.push(line); }, phases: { enter: () => undefined },
  };
  const body = await job(context);
  validateResult({
    schema: 2, key: context.job.key, id: context.job.id, config: own, inputs: {}, code: '', version: '0.0.0', seed: 1, environment: { platform: '', cpu: '', cores: 1, node: '', engine: null },
    startedAt: '', finishedAt: '', wallSeconds: 1, cpuSeconds: 1, peakMemoryBytes: 1, resumed: false, ...body,
  });
  return { body: body as unknown as Body, folder, lines, anew };
}

/** A finished `pretrain`: an encoder at its initial weights, with a decoder. */
async function encoder(seed = 0): Promise<string> {
  const folder = temporaryFolder();
  const weights = (params: ReturnType<typeof vitParams>) => new Map(params.map(({ name, shape, value }) => [name, { shape, data: value }]));
  await writeEncoder(folder, weights(vitParams(vit, seed)));
  await writeOthers(folder, weights(decoderParams(vit, smallMae.decoder, seed)));
  return folder;
}

async function data(set: ImageSet): Promise<string> {
  const folder = join(temporaryFolder(), 'data');
  await writeImageSet(folder, set);
  return folder;
}

/** float32 [n, 2, width], cls token and mean patch token of images, on white. */
const pooledOf = async (trained: string, images: string, indices: readonly number[]): Promise<Float32Array> =>
  extract(await openEngine({ threads: 1 }), vit, await readEncoder(trained), await readSet(images), indices, { enter: () => undefined }, () => undefined, 'white');

const plain = (own: ClusterConfig | SearchConfig): JsonObject => ({ ...own }) as unknown as JsonObject;
const bytes = (folder: string, file: string): Promise<Buffer> => readFile(join(folder, file));

describe('the cluster job', () => {
  it('clusters the pre-training view alone, and says how good the clusters are', async () => {
    const inputs = { data: await data(pictures(60)), encoder: await encoder() };
    const { body, folder } = await run<ClusterBody>(cluster, 'cluster', plain(config), inputs);
    // Every fifth of 60 pictures is a test picture: 48 are left, 16 of each colour, of which the last is on no side.
    expect(body).toMatchObject({ algorithm: 'k-means', images: 48, sizes: [16, 16, 16], purity: 1, unlabelled: 0, sidePurity: 1, sideless: 16 });
    expect(body.flops).toBeGreaterThan(48 * forwardFlops(vit));
    expect((body.flops - 48 * forwardFlops(vit)) % (2 * 48 * 3 * 16)).toBe(0);
    const { centres, assignments, mean } = await readClusters(folder);
    expect([centres.shape, assignments.length, mean.length]).toEqual([[3, 16], 48, 16]);
    const colourOf = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 5 !== 4).map((i) => i % 3);
    expect(new Set(colourOf.map((colour, i) => `${colour} ${assignments[i]!}`)).size).toBe(3);
    for (let k = 0; k < 3; k++) expect(Math.hypot(...row({ data: centres.data, rows: 3, width: 16 }, k))).toBeCloseTo(1, 6);
    expect(body.meanCosine).toBeGreaterThan(0.9);
    expect(body.meanCosine).toBeLessThanOrEqual(1);
  });

  it('clusters what it is asked for: mean patch tokens or cls tokens, less their mean or as they are', async () => {
    const set = pictures(60);
    const [trained, inputs] = [Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 5 !== 4), { data: await data(set), encoder: await encoder() }];
    const pooled = await pooledOf(inputs.encoder, inputs.data, trained);
    const means = new Set<string>();
    for (const pool of ['cls', 'mean'] as const) {
      const at = pool === 'cls' ? 0 : 16;
      const tokens = { data: Float32Array.from({ length: 48 * 16 }, (_, i) => pooled[Math.floor(i / 16) * 32 + at + (i % 16)]!), rows: 48, width: 16 };
      for (const centred of [true, false]) {
        const { folder } = await run<ClusterBody>(cluster, 'cluster', plain({ ...config, clusters: { ...config.clusters, pool, centred } }), inputs);
        const found = await readClusters(folder);
        expect(found.pool).toBe(pool);
        const mean = Array.from({ length: 16 }, (_, j) => (centred ? trained.reduce((sum, _i, r) => sum + tokens.data[r * 16 + j]!, 0) / 48 : 0));
        found.mean.forEach((value, j) => { expect(value).toBeCloseTo(mean[j]!, 6); });
        means.add([...found.mean].join());
        // The centres of k-means are the means of their images' features, made length 1.
        const features = Array.from({ length: 48 }, (_, r) => {
          const moved = Array.from({ length: 16 }, (_v, j) => tokens.data[r * 16 + j]! - mean[j]!);
          return moved.map((value) => value / Math.hypot(...moved));
        });
        for (let k = 0; k < 3; k++) {
          const own = features.filter((_, r) => found.assignments[r] === k);
          const sum = Array.from({ length: 16 }, (_, j) => own.reduce((total, feature) => total + feature[j]!, 0));
          sum.forEach((value, j) => { expect(found.centres.data[k * 16 + j]).toBeCloseTo(value / Math.hypot(...sum), 5); });
        }
      }
    }
    expect(means.size).toBe(3);
  });

  it('shows each cluster\'s nearest images in a row', async () => {
    const inputs = { data: await data(pictures(60)), encoder: await encoder() };
    const { body, folder } = await run<ClusterBody>(cluster, 'cluster', plain(config), inputs);
    expect(body.gallery).toEqual({ file: 'gallery.png', clusters: [0, 1, 2], columns: 8 });
    const { data: pixels, info } = await sharp(await bytes(folder, 'gallery.png')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([8 * 96 + 7 * 4, 3 * 96 + 2 * 4]);
    const { assignments } = await readClusters(folder);
    const shown = [0, 1, 2].map((line) => Array.from({ length: 8 }, (_, column) => {
      const at = ((line * 100 + 48) * info.width + column * 100 + 48) * 4;
      return colours.findIndex((colour) => colour.every((value, channel) => Math.abs(value - pixels[at + channel]!) < 60));
    }));
    const trained = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 5 !== 4);
    shown.forEach((line, k) => { expect(line).toEqual(Array<number>(8).fill(trained[assignments.indexOf(k)]! % 3)); });
  });

  it('sees white behind pictures with transparency: what an image is called decides nothing', async () => {
    const { pixels, records, ...set } = pictures(60);
    const clear = Uint8Array.from({ length: 60 * 8 * 8 * 4 }, (_, at) => (at % 4 === 3 ? 255 * (Math.floor(at / 32) % 2) : pixels[Math.floor(at / 4) * 3 + (at % 4)]!));
    const on = async (name: string): Promise<Ran<ClusterBody>> => {
      const inputs = { data: await data({ ...set, channels: 4, pixels: clear, records: records.map((record) => ({ ...record, id: `${name}${record.id}` })) }), encoder: await encoder() };
      return run<ClusterBody>(cluster, 'cluster', plain(config), inputs);
    };
    const [one, other] = [await on('x'), await on('y')];
    for (const file of ['clusters.safetensors', 'gallery.png']) expect((await bytes(other.folder, file)).equals(await bytes(one.folder, file))).toBe(true);
  });

  it('has no purity where there are no labels', async () => {
    const set = pictures(30);
    const inputs = { data: await data({ ...set, records: set.records.map((record) => ({ ...record, label: '', side: null, split: null })) }), encoder: await encoder() };
    const { body } = await run<ClusterBody>(cluster, 'cluster', plain({ ...config, source: 'unlabelled' }), inputs);
    expect(body).toMatchObject({ images: 30, purity: null, unlabelled: 30, sidePurity: null, sideless: 30 });
  });

  it('makes balanced clusters where it is asked to, other ones at another seed, and the same again', async () => {
    const inputs = { data: await data(pictures(60)), encoder: await encoder() };
    const balanced = (seed: number) => run<ClusterBody>(cluster, 'cluster', plain({ ...config, seed, clusters: { ...config.clusters, algorithm: 'sinkhorn', count: 5 } }), inputs);
    const [one, again, other] = [await balanced(1), await balanced(1), await balanced(2)];
    expect([...one.body.sizes].sort()).toEqual([10, 10, 10, 9, 9].sort());
    // What a plan says, to the last operation: lengths by FLOPs rest on it.
    expect(one.body.flops).toBe(clusterJobFlops({ ...config.clusters, algorithm: 'sinkhorn', count: 5 }, 48, vit));
    for (const file of ['clusters.safetensors', 'gallery.png']) expect((await bytes(again.folder, file)).equals(await bytes(one.folder, file))).toBe(true);
    expect((await bytes(other.folder, 'clusters.safetensors')).equals(await bytes(one.folder, 'clusters.safetensors'))).toBe(false);
  });

  it('refuses more clusters than images', async () => {
    const inputs = { data: await data(pictures(10)), encoder: await encoder() };
    await expect(run(cluster, 'cluster', plain({ ...config, clusters: { ...config.clusters, count: 9 } }), inputs)).rejects.toThrow('8 images (full) cannot fill 9 clusters');
  });

  describe('killed while it takes features', () => {
    let inputs: Readonly<Record<string, string>>;
    let whole: Ran<ClusterBody>;
    beforeAll(async () => {
      // 2 240 images are 18 batches of 128: features are saved after the 8th, the 16th and the last.
      inputs = { data: await data(pictures(2800)), encoder: await encoder() };
      whole = await run<ClusterBody>(cluster, 'cluster', plain(config), inputs);
    });

    it('goes on with what was saved and leaves the same bytes', async () => {
      const scratch = temporaryFolder();
      await expect(run(cluster, 'cluster', plain(config), inputs, { scratch, killAt: 10 })).rejects.toThrow('killed');
      expect(await readdir(scratch)).toEqual(['features-0.safetensors']);
      const { body, folder, anew } = await run<ClusterBody>(cluster, 'cluster', plain(config), inputs, { scratch });
      expect(anew).toEqual([]);
      expect(body).toEqual(whole.body);
      for (const file of ['clusters.safetensors', 'gallery.png']) expect((await bytes(folder, file)).equals(await bytes(whole.folder, file))).toBe(true);
      // What is there is not computed again: with another encoder it would be other features.
      await expect(run(cluster, 'cluster', plain(config), { ...inputs, encoder: await encoder(5) }, { scratch })).resolves.toMatchObject({ body: whole.body });
    });

    it('starts anew where the saved part is damaged or of another engine, and says so once', async () => {
      const scratch = temporaryFolder();
      await expect(run(cluster, 'cluster', plain(config), inputs, { scratch, killAt: 17 })).rejects.toThrow('killed');
      const path = join(scratch, 'features-0.safetensors');
      const saved = (await readFile(path)).toString('latin1');
      await writeFile(path, Buffer.from(saved.replace('\\"intra_op\\":1', '\\"intra_op\\":2'), 'latin1'));
      const { body, anew } = await run<ClusterBody>(cluster, 'cluster', plain(config), inputs, { scratch });
      expect(anew).toHaveLength(1);
      expect(anew[0]).toMatch(/^features were saved with .*"intra_op":2.*, this is .*"intra_op":1/);
      expect(body).toEqual(whole.body);
      await writeFile(path, 'nothing');
      const damaged = await run<ClusterBody>(cluster, 'cluster', plain(config), inputs, { scratch });
      expect(damaged.anew).toEqual([expect.stringContaining('features-0.safetensors cannot be used')]);
      expect(damaged.body).toEqual(whole.body);
    });
  });
});

describe('the search job', () => {
  const task = { source: 'folder', options: { primary: 'top1' }, task: 'all' };
  let start: string;
  let clusters: string;
  afterAll(unplant);
  beforeAll(async () => {
    await plant();
    start = await encoder();
    clusters = (await run<ClusterBody>(cluster, 'cluster', plain(config), { data: await data(pictures(60)), encoder: start })).folder;
  });
  const searched = async (set: ImageSet, own: Partial<SearchConfig> = {}, trained = start): Promise<Ran<SearchBody>> =>
    run<SearchBody>(search, 'search', plain({ task, method: 'planted', options: { ...smallMae, clusters: 3, pick: 1 }, model, seed: 1, precision: 'f32', ...own }), { data: await data(set), encoder: start, clusters, trained });

  it('gives the method the training images with their nearest clusters, and writes the encoder that it finds', async () => {
    const { body, folder } = await searched(pictures(60));
    // 48 pictures of the training split, of which the task's validation takes a fifth of each colour's 16: 3.
    expect(body).toMatchObject({
      kind: 'search', method: 'planted', task: 'all', images: 39, votes: [13, 13, 13], encoder: 'encoder.safetensors',
      layers: [{ block: 0, expert: 1, votes: [13, 13, 13], gate: 0.5, dead: [] }], flops: 39 * (forwardFlops(vit) + 2 * 3 * 16) + 7,
    });
    const [found, before] = [await readEncoder(folder), await readEncoder(start)];
    expect([...found.keys()]).toEqual(vitParams(vit, 0).map(({ name }) => name));
    expect(existsSync(join(folder, 'others.safetensors'))).toBe(false);
    for (const [name, { data: values }] of found) expect([...values], name).toEqual(Array.from(before.get(name)!.data, (value) => (name === 'norm.weight' ? 2 * value : value)));
  });

  it('never looks at a validation or test image', async () => {
    const whole = await searched(pictures(60));
    const ids = whole.lines.find((line) => line.startsWith('searched among'))!.split(' ').slice(2);
    const others = await searched(pictures(60, ({ id }) => !ids.includes(id)));
    expect(others.body).toEqual(whole.body);
    expect(others.lines).toEqual(whole.lines);
    expect((await bytes(others.folder, 'encoder.safetensors')).equals(await bytes(whole.folder, 'encoder.safetensors'))).toBe(true);
    // It does look at the training images.
    const trained = await searched(pictures(60, ({ id }) => ids.slice(0, 20).includes(id)));
    expect(trained.body.votes).not.toEqual(whole.body.votes);
    const test = pictures(60).records.filter(({ split }) => split === 'test').map(({ id }) => id);
    expect(ids.filter((id) => test.includes(id))).toEqual([]);
    expect(ids).toHaveLength(39);
  });

  it('takes away the mean of the pre-training set before it compares', async () => {
    const { centres, assignments, mean, pool } = await readClusters(clusters);
    const moved = temporaryFolder();
    // Less such a mean, every image lies far out in the direction of the first centre.
    await writeClusters(moved, { centres, assignments, pool, mean: mean.map((value, j) => value - 1000 * centres.data[j]!) });
    const far = await run<SearchBody>(search, 'search', plain({ task, method: 'planted', options: { ...smallMae, clusters: 3, pick: 0 }, model, seed: 1, precision: 'f32' }), { data: await data(pictures(60)), encoder: start, clusters: moved, trained: start });
    expect(far.body.votes).toEqual([39, 0, 0]);
  });

  it('compares by the output of the encoder that was clustered', async () => {
    const folder = await data(pictures(60));
    const ids = (await searched(pictures(60))).lines.find((line) => line.startsWith('searched among'))!.split(' ').slice(2);
    const pooled = await pooledOf(start, folder, ids.map((id) => Number(id.slice(1))));
    const cls = Array.from(ids, (_, r) => [...pooled.subarray(r * 32, r * 32 + 16)]);
    const unit = (v: readonly number[]): number[] => v.map((value) => value / Math.hypot(...v));
    const centres = [0, 1, 2].map((r) => unit(cls[r]!));
    const nearest = cls.map((own) => centres.map((centre) => centre.reduce((sum, value, j) => sum + value * own[j]!, 0)).reduce((best, value, k, all) => (value > all[best]! ? k : best), 0));
    const asCls = temporaryFolder();
    await writeClusters(asCls, { centres: { shape: [3, 16], data: Float32Array.from(centres.flat()) }, assignments: Int32Array.from([0, 1, 2]), mean: new Float32Array(16), pool: 'cls' });
    const { body } = await run<SearchBody>(search, 'search', plain({ task, method: 'planted', options: { ...smallMae, clusters: 3, pick: 1 }, model, seed: 1, precision: 'f32' }), { data: folder, encoder: start, clusters: asCls, trained: start });
    expect(body.votes).toEqual([0, 1, 2].map((k) => nearest.filter((one) => one === k).length));
    expect(Math.min(...body.votes)).toBeGreaterThan(0);
  });

  it('refuses a method that searches nothing', async () => {
    await expect(searched(pictures(60), { method: 'mae' })).rejects.toThrow('the method mae searches no encoder');
  });
});
