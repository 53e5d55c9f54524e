import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import type { ImageSet } from '../../src/data/image-set.js';
import { type JsonObject, sha256 } from '../../src/files.js';
import { allImages } from '../../src/data/sources/emoji/records.js';
import { openLoader } from '../../src/data/loader/index.js';
import { openEngine } from '../../src/engine/index.js';
import { type StoredClusters, writeClusters } from '../../src/jobs/cluster-file.js';
import type { PretrainConfig } from '../../src/jobs/configs.js';
import { readWeights } from '../../src/jobs/encoder-file.js';
import { pretrain } from '../../src/jobs/pretrain.js';
import { drawSeed, pretrainSeries } from '../../src/jobs/pretrain-series.js';
import { readSet } from '../../src/jobs/task-inputs.js';
import { routingOf } from '../../src/methods/moce/routing.js';
import { moceMethod } from '../../src/methods/moce/step.js';
import { vitShapes } from '../../src/models/vit.js';
import { vitConfig } from '../../src/models/config.js';
import { stream } from '../../src/random.js';
import type { PretrainBody, Routing } from '../../src/results/types.js';
import type { JobContext, JobProgress } from '../../src/runner/job.js';
import { train } from '../../src/training/loop.js';
import { readSafetensors } from '../../src/training/safetensors.js';
import { writeImageSet } from '../data/image-set-files.js';
import { optionsOf } from '../methods/small-options.js';
import { temporaryFolder } from '../temporary-folder.js';

const model = { name: 'custom', image_size: 16, patch_size: 4, width: 32, depth: 1, heads: 2, mlp_ratio: 2 };
const augment = { crop_scale: [0.5, 1], crop_ratio: [0.75, 1.3333], interpolation: 'bicubic', flip: 0.5, shift: 0, margin: 0, background: 'white' };
const config: PretrainConfig = {
  method: 'mae',
  options: { mask_ratio: 0.75, decoder: { width: 16, depth: 1, heads: 2 }, norm_pix_loss: true, base_lr: 0.02, warmup_epochs: 1, weight_decay: 0.05, augment },
  fingerprint: '',
  model,
  seed: 2,
  pretrain: { source: 'unlabelled', sourceOptions: {}, subset: 'full', batch_size: 8, schedule: { epochs: 5, of: null }, precision: 'f32' },
};
const images = 20;

function pictures(): ImageSet {
  const draws = stream(0, 'pictures');
  const pixels = Uint8Array.from({ length: images * 16 * 16 * 3 }, (_, i) => Math.floor(128 + 90 * Math.sin(i / 40) + draws.between(-20, 20)));
  const records = Array.from({ length: images }, (_, i) => ({ id: `p${i}`, label: '', group: null, domain: null, split: null, side: null }));
  return { name: 'pictures', size: 16, channels: 3, records, pixels, unreadable: [] };
}

interface Ran { readonly body: PretrainBody; readonly folder: string; readonly scratch: string; readonly lines: readonly string[]; readonly events: readonly JobProgress[] }

async function run(own: Partial<PretrainConfig> = {}, killAt: number | null = null, scratchOf?: string, given: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const root = temporaryFolder();
  const [folder, data] = [join(root, 'out'), join(root, 'data')];
  const scratch = scratchOf ?? join(root, 'scratch');
  for (const each of [folder, scratch]) await mkdir(each, { recursive: true });
  await writeImageSet(data, pictures());
  const lines: string[] = [];
  const events: JobProgress[] = [];
  const context: JobContext = {
    job: { id: 'pretrain/mae/s2', kind: 'pretrain', config: { ...config, ...own } as unknown as JsonObject, inputs: { data: 'prepare/pictures', ...Object.fromEntries(Object.keys(given).map((role) => [role, `${role}/mae/s2`])) }, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: '0'.repeat(64), code: '' },
    folder, scratch, input: (role) => given[role] ?? data,
    progress: (event) => {
      events.push(event);
      if (events.length === killAt) throw new Error('killed');
    },
    startAnew: (reason) => lines.push(`starts anew: ${reason}`),
    log: (line) => lines.push(line),
    phases: { enter: () => undefined },
  };
  return { body: (await pretrain(context)) as unknown as PretrainBody, folder, scratch, lines, events };
}

it('tells what its images are of, where the source has groups', async () => {
  const known = allImages().filter(({ use }) => use.kind === 'pretraining');
  const chosen = [...known.filter(({ concept }) => concept.group === 'smileys-emotion').slice(0, 8), ...known.filter(({ concept }) => concept.group === 'people-body').slice(0, 12)];
  const set = pictures();
  const data = join(temporaryFolder(), 'emoji');
  await writeImageSet(data, { ...set, records: chosen.map(({ record }) => record) });
  const { body } = await run({ pretrain: { ...config.pretrain!, source: 'emoji', schedule: { epochs: 2, of: null } } }, null, undefined, { data });
  expect([body.images, body.groups]).toEqual([20, [{ name: 'people & body', count: 12 }, { name: 'smileys & emotion', count: 8 }]]);
  expect((await run({ pretrain: { ...config.pretrain!, schedule: { epochs: 2, of: null } } })).body.groups).toBeUndefined();
});

describe('the pre-training job', () => {
  it('leaves an encoder, pictures and true counts', async () => {
    const { body, folder, events } = await run();
    // 5 epochs of 20 images in batches of 8: 12.5, rounded to 13 steps.
    expect(body).toMatchObject({ kind: 'pretrain', method: 'mae', images, steps: 13, imagesSeen: 104, encoder: 'encoder.safetensors' });
    expect(body.curve).toHaveLength(13);
    expect(body.finalLoss).toBe(body.curve.at(-1)!.loss);
    expect(events.at(-1)).toMatchObject({ done: 104, total: 104, unit: 'images' });
    const encoder = await readSafetensors(join(folder, 'encoder.safetensors'));
    expect(Array.from(encoder, ([name, { shape }]) => ({ name, shape }))).toEqual(vitShapes(vitConfig(model)));
    expect(body.parameters).toBe([...encoder.values()].reduce((sum, { data }) => sum + data.length, 0));
    const { width, height } = await sharp(await readFile(join(folder, 'preview.png'))).metadata();
    expect(body.preview).toEqual({ file: 'preview.png', columns: ['masked input', 'reconstruction', 'original'], rows: 8 });
    expect([width, height]).toEqual([3 * 96 + 2 * 4, 8 * 96 + 7 * 4]);
  });

  it('counts source images, and beside them what the method makes of them and what of its operations is told apart', async () => {
    const ibot = (await run({ method: 'ibot', options: await optionsOf('ibot') })).body;
    // Two large views and two small ones. A token takes 32 * 32 + 32 * 32 + 32 * 16 + 16 * 64 = 3584 multiply-adds in the head: forward and
    // backward for 2 * 17 tokens and 2 class tokens of small views, in the teacher forward for 2 * 17.
    expect(ibot).toMatchObject({ imagesSeen: 104, units: [{ name: 'views', count: 416 }], flopsParts: [{ name: 'head', flops: 104 * 2 * 3584 * (3 * 36 + 34) }] });
    expect(ibot.flopsParts![0]!.flops).toBeLessThan(ibot.flops);
    const mixed = (await run({ method: 'mixedae', options: { ...await optionsOf('mixedae'), topk: 'off' } })).body;
    expect(mixed).toMatchObject({ imagesSeen: 104, units: [{ name: 'mixed sequences', count: 26 }] });
    expect(mixed).not.toHaveProperty('flopsParts');
    for (const name of ['units', 'flopsParts']) expect((await run()).body).not.toHaveProperty(name);
  });

  it('says whether the training collapsed, where the method watches for it', async () => {
    const options = await optionsOf('ibot');
    const { body, folder } = await run({ method: 'ibot', options });
    // Of two views and the small ones only the source image counts.
    expect(body).toMatchObject({ steps: 13, imagesSeen: 104, collapsed: null, knnShowsCollapse: true });
    expect(body.curve.at(-1)!.diagnostics!['teacher_entropy']).toBeLessThan(0.99 * Math.log(64));
    const encoder = await readSafetensors(join(folder, 'encoder.safetensors'));
    expect([...encoder.keys()]).toEqual(vitShapes(vitConfig(model)).map(({ name }) => name));
    // Cosines over a temperature of 10 are all alike to the softmax.
    const hot = await run({ method: 'ibot', options: { ...options, teacher_temperature: { start: 10, end: 10, warmup_epochs: 0 } } });
    expect(hot.body.collapsed!.reason).toBe("the teacher's output entropy in the last tenth of training was 4.16 nats, over 99 % of log 64 = 4.16");
    for (const name of ['collapsed', 'knnShowsCollapse']) expect((await run()).body).not.toHaveProperty(name);
  });

  it('says where each cluster goes, where the method routes them', async () => {
    const start = (await run()).folder;
    const clusters = temporaryFolder();
    const centres = Float32Array.from({ length: 6 * 32 }, (_, i) => (i % 33 === 0 ? 1 : 0));
    await writeClusters(clusters, { centres: { shape: [6, 32], data: centres }, assignments: Int32Array.from({ length: images }, (_, i) => i % 6), mean: new Float32Array(32), pool: 'mean' });
    const options = { ...await optionsOf('moce'), experts: { count: 3, blocks: [0], group: 2 } };
    const { routing, collapsed } = (await run({ method: 'moce', options }, null, undefined, { start, clusters })).body;
    expect(collapsed).toBeDefined();
    const [{ block, chosen, gates, loads }] = routing as readonly [Routing];
    expect([routing!.length, block, chosen.length, loads.length]).toEqual([1, 0, 6, 3]);
    for (const gate of gates) expect(gate).toBeGreaterThan(1 / 3);
    // Of 20 images the clusters 0 and 1 have four, the others three.
    loads.forEach((load, expert) => { expect(load).toBeCloseTo(chosen.reduce((sum, one, cluster) => sum + (one === expert ? (cluster < 2 ? 4 : 3) : 0), 0) / 20, 9); });
    for (const name of ['routing', 'earlierRouting']) expect((await run()).body).not.toHaveProperty(name);
  });

  it('says where each cluster went at the start and at 25, 50 and 75 % of the steps, the same after a kill, and trains to the same bits', async () => {
    const start = (await run()).folder;
    const clusters = temporaryFolder();
    const own: StoredClusters = { centres: { shape: [6, 32], data: Float32Array.from({ length: 6 * 32 }, (_, i) => (i % 33 === 0 ? 1 : 0)) }, assignments: Int32Array.from({ length: images }, (_, i) => i % 6), mean: new Float32Array(32), pool: 'mean' };
    await writeClusters(clusters, own);
    // A rate at which clusters change their expert.
    const options = { ...await optionsOf('moce'), base_lr: 2, experts: { count: 3, blocks: [0], group: 2 } };
    const moce = (killAt: number | null, scratch?: string) => run({ method: 'moce', options }, killAt, scratch, { start, clusters });
    const { body, folder } = await moce(null);
    // 13 steps: 3.25, 6.5 and 9.75.
    expect(body.earlierRouting!.map(({ step }) => step)).toEqual([0, 3, 7, 10]);

    const recipe = moceMethod.build({ model: vitConfig(model), options, batchSize: 8, seed: 2, totalSteps: 13, stepsPerEpoch: 13 / 5, start: await readWeights(start), clusters: own });
    const set = pictures();
    const engine = await openEngine({ threads: 1 });
    const compiled = engine.compile({ params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train } });
    const told: unknown[] = [];
    const tell = (step: number): void => {
      const values = compiled.readParams();
      told.push({ step, blocks: routingOf([0], new Map(recipe.params.map(({ name, shape }) => [name, { shape, data: values.get(name)! }])), own) });
    };
    const plain = async (steps: number): Promise<void> => {
      compiled.reset();
      const root = temporaryFolder();
      await writeImageSet(root, set);
      const loader = openLoader(await readSet(root), [pretrainSeries(recipe, { indices: Array.from({ length: images }, (_, i) => i), seed: 2, batch: 8, steps: 13, size: 16 })]);
      await train({ name: 'plain', compiled, params: recipe.params, totalSteps: steps, batchSize: 8, inputs: loader.next, schedule: recipe.schedule, ...(recipe.carried === undefined ? {} : { carried: recipe.carried }), checkpoints: null, log: () => undefined, phases: { enter: () => undefined } });
      loader.close();
    };
    // Trainings that no-one looks at on their way, each as long as a point is far.
    for (const steps of [0, 3, 7, 10]) {
      await plain(steps);
      tell(steps);
    }
    expect(body.earlierRouting).toEqual(told);
    expect(new Set(body.earlierRouting!.map(({ blocks }) => blocks[0]!.chosen.join())).size).toBeGreaterThan(1);
    await plain(13);
    const last = compiled.readParams();
    compiled.dispose();
    const encoder = await readSafetensors(join(folder, 'encoder.safetensors'));
    for (const [name, { data }] of encoder) expect(Buffer.from(last.get(name)!.buffer).equals(Buffer.from(data.buffer, data.byteOffset, data.byteLength)), name).toBe(true);

    vi.stubEnv('MASKBENCH_CHECKPOINT_SECONDS', '0');
    const scratch = temporaryFolder();
    // As a part that was lost with its checkpoint has left it.
    await writeFile(join(scratch, 'routing.json'), JSON.stringify([{ step: 3, blocks: [] }, { step: 12, blocks: [] }]));
    await expect(moce(9, scratch)).rejects.toThrow('killed');
    const resumed = await moce(null, scratch);
    expect(resumed.lines).toContain('goes on at step 8 of 13');
    expect([resumed.body.earlierRouting, resumed.body.routing]).toEqual([body.earlierRouting, body.routing]);
    // What the experts received: a share of each of 13 steps, counted on behind the kill.
    const received = async (at: string) => [...(await readSafetensors(join(at, 'others.safetensors'))).get('received_block0')!.data];
    expect((await received(folder)).reduce((sum, one) => sum + one, 0)).toBeCloseTo(13, 4);
    expect(await received(resumed.folder)).toEqual(await received(folder));
  });

  it('takes as many steps as another subset does, at its rates, where the schedule is counted in that', async () => {
    const scheduled = (subset: 'full' | 'random', of: 'random' | null) => run({ pretrain: { ...config.pretrain!, subset, schedule: { epochs: 5, of } } });
    const [random, full] = [(await scheduled('random', null)).body, (await scheduled('full', 'random')).body];
    // 5 epochs of 10 images in batches of 8: 6.25, rounded to 6 steps.
    expect(random).toMatchObject({ images: 10, steps: 6, imagesSeen: 48 });
    expect(full).toMatchObject({ images, steps: 6, imagesSeen: 48 });
    expect(full.curve.map(({ step, lr }) => [step, lr])).toEqual(random.curve.map(({ step, lr }) => [step, lr]));
    expect(full.curve.map(({ loss }) => loss)).not.toEqual(random.curve.map(({ loss }) => loss));
  });

  it('leaves the same bytes after it was killed', async () => {
    process.env['MASKBENCH_CHECKPOINT_SECONDS'] = '0';
    try {
      const whole = await run();
      const scratch = temporaryFolder();
      await expect(run({}, 7, scratch)).rejects.toThrow('killed');
      expect(await readdir(scratch)).toEqual(['checkpoint.safetensors']);
      const resumed = await run({}, null, scratch);
      expect(resumed.lines.join()).toMatch(/goes on at step 6 of 13/);
      expect(resumed.body.curve).toEqual(whole.body.curve);
      for (const file of ['encoder.safetensors', 'preview.png']) {
        expect((await readFile(join(resumed.folder, file))).equals(await readFile(join(whole.folder, file))), file).toBe(true);
      }
    } finally {
      delete process.env['MASKBENCH_CHECKPOINT_SECONDS'];
    }
  });

  it('keeps encoders at shares of its steps: the training is the one without, and a kill changes no byte of them', async () => {
    vi.stubEnv('MASKBENCH_CHECKPOINT_SECONDS', '0');
    const alone = await run();
    expect(alone.body).not.toHaveProperty('snapshots');
    const own = { pretrain: { ...config.pretrain!, snapshots: [0.25, 0.5] } };
    const whole = await run(own);
    const same = async (one: string, other: string): Promise<boolean> => (await readFile(one)).equals(await readFile(other));
    for (const file of ['encoder.safetensors', 'others.safetensors', 'preview.png']) expect(await same(join(whole.folder, file), join(alone.folder, file)), file).toBe(true);
    expect(whole.body.curve).toEqual(alone.body.curve);
    // 3.25 and 6.5 of 13 steps.
    const perImage = alone.body.flops / 104;
    const taken = (share: number, steps: number) => ({ share, steps, imagesSeen: 8 * steps, flops: 8 * steps * perImage, seconds: expect.any(Number) as number, cpuSeconds: expect.any(Number) as number });
    expect(whole.body.snapshots).toEqual([taken(0.25, 3), taken(0.5, 7), taken(1, 13)]);
    // What a search alone would read is not kept.
    expect(await readdir(join(whole.folder, 'snapshots', '0.25'))).toEqual(['encoder.safetensors']);

    // Killed at the fourth step, the checkpoint is of the third.
    const scratch = temporaryFolder();
    await expect(run(own, 4, scratch)).rejects.toThrow('killed');
    const checkpoint = await readSafetensors(join(scratch, 'checkpoint.safetensors'));
    const kept = await readSafetensors(join(whole.folder, 'snapshots', '0.25', 'encoder.safetensors'));
    expect([...kept.keys()]).toEqual(vitShapes(vitConfig(model)).map(({ name }) => name));
    expect(kept.get('blocks.0.attn.qkv.weight')!.data).toEqual(checkpoint.get('param/blocks.0.attn.qkv.weight')!.data);

    await expect(run(own, 4, scratch)).rejects.toThrow('killed');
    const resumed = await run(own, null, scratch);
    expect(resumed.lines.join()).toMatch(/goes on at step 6 of 13/);
    for (const share of ['0.25', '0.5']) expect(await same(join(resumed.folder, 'snapshots', share, 'encoder.safetensors'), join(whole.folder, 'snapshots', share, 'encoder.safetensors')), share).toBe(true);
    expect(resumed.body.snapshots).toEqual(whole.body.snapshots!.map((one) => ({ ...one, seconds: expect.any(Number) as number, cpuSeconds: expect.any(Number) as number })));
  });

  it('leaves the same bytes with batches and masks from threads, also after it was killed', async () => {
    const alone = await run();
    vi.stubEnv('MASKBENCH_LOADERS', '2');
    const ahead = await run();
    vi.stubEnv('MASKBENCH_CHECKPOINT_SECONDS', '0');
    const scratch = temporaryFolder();
    await expect(run({}, 7, scratch)).rejects.toThrow('killed');
    const resumed = await run({}, null, scratch);
    expect(resumed.lines.join()).toMatch(/goes on at step 6 of 13/);
    for (const { folder, body } of [ahead, resumed]) {
      expect(body.curve).toEqual(alone.body.curve);
      expect((await readFile(join(folder, 'encoder.safetensors'))).equals(await readFile(join(alone.folder, 'encoder.safetensors')))).toBe(true);
    }
  });

  it('begins with the weights of another training, decoder and all, and with no other\'s', async () => {
    const first = await run();
    const names = async (folder: string): Promise<readonly string[]> => [...(await readSafetensors(join(folder, 'others.safetensors'))).keys()];
    expect(await names(first.folder)).toEqual(expect.arrayContaining(['mask_token', 'decoder_blocks.0.attn.qkv.weight', 'decoder_pred.bias']));
    expect(await names(first.folder)).not.toContain('decoder_pos_embed');
    // At a rate of nearly nothing the weights stay what they began as, and with them the loss.
    const still = { ...config.options, base_lr: 1e-12, weight_decay: 0 };
    const again = await run({ options: still }, null, undefined, { start: first.folder });
    for (const file of ['encoder.safetensors', 'others.safetensors']) {
      const [before, after] = [await readSafetensors(join(first.folder, file)), await readSafetensors(join(again.folder, file))];
      for (const [name, { data }] of before) expect(after.get(name)!.data, name).toEqual(data);
    }
    expect(again.body.curve[0]!.loss).toBeLessThan(0.98 * (await run({ options: still })).body.curve[0]!.loss);
    const wider = { ...config.options, decoder: { width: 32, depth: 1, heads: 2 } };
    await expect(run({ options: wider }, null, undefined, { start: first.folder })).rejects.toThrow("the start's mask_token has shape [1, 1, 16], expected [1, 1, 32]");
  });

  it('draws images, crops and masks that the trainings before it have not drawn', async () => {
    const start = (await run()).folder;
    const still = { ...config.options, base_lr: 1e-12, weight_decay: 0 };
    const losses = async (changes: Partial<PretrainConfig>): Promise<readonly number[]> => (await run({ options: still, ...changes }, null, undefined, { start })).body.curve.map(({ loss }) => loss);
    // At a rate of nearly nothing a loss tells of the batch alone.
    const [again, next, third] = [await losses({}), await losses({ continues: 1 }), await losses({ continues: 2 })];
    for (const [a, b] of [[again, next], [again, third], [next, third]] as const) expect(a.filter((loss, step) => loss === b[step])).toEqual([]);
    expect(await losses({ continues: 1 })).toEqual(next);
    expect(drawSeed({ seed: 2 ** 32 - 1 })).toBeLessThan(drawSeed({ seed: 0, continues: 1 }));
  });

  it('gives what it wrote to the checkpoint method, which takes it as it is', async () => {
    const { folder } = await run();
    const path = join(folder, 'encoder.safetensors');
    const taken = await run({ method: 'checkpoint', options: { path }, fingerprint: sha256(await readFile(path)), pretrain: null });
    expect((await readFile(join(taken.folder, 'encoder.safetensors'))).equals(await readFile(path))).toBe(true);
    expect(taken.body).toMatchObject({ steps: 0, imagesSeen: 0, flops: 0, finalLoss: null, preview: null, curve: [] });
  });

  it('writes the untrained encoder for scratch', async () => {
    const { body, folder } = await run({ method: 'scratch', options: {}, pretrain: null });
    expect(body.imagesSeen).toBe(0);
    expect((await stat(join(folder, 'encoder.safetensors'))).size).toBeGreaterThan(4 * body.parameters);
  });

  it.each([['at its end', 0.4, []], ['where it is kept on the way', 0.8, [0.5]]])('stores nothing of a training that diverges by its last update %s', async (_, epochs, snapshots) => {
    // The first update already is beyond float32; the loss before it is as good as any.
    const scratch = temporaryFolder();
    const failing = run({ options: { ...config.options, base_lr: 1e42, warmup_epochs: 0 }, pretrain: { ...config.pretrain!, schedule: { epochs, of: null }, snapshots } }, null, scratch);
    await expect(failing).rejects.toThrow(/ became (NaN|-?Infinity) at step 1 of [12] with lr 3\.125e\+40/);
    await expect(failing).rejects.toMatchObject({ kind: 'diverged', where: 'pretrain/mae/s2', fix: 'Lower the learning rate or lengthen the warm-up.' });
    expect(await readdir(scratch)).toEqual([]);
  });

  it('says that it starts anew where only what it read on the way is left, and nothing where nothing is', async () => {
    const scratch = temporaryFolder();
    const own = { pretrain: { ...config.pretrain!, snapshots: [0.25] } };
    await expect(run(own, 4, scratch)).rejects.toThrow('killed');
    expect(await readdir(scratch)).toEqual(['snapshots']);
    const anew = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('starts anew'));
    const again = await run(own, null, scratch);
    expect(anew(again.lines)).toEqual(['starts anew: it had ended before its first checkpoint']);
    expect(anew((await run(own)).lines)).toEqual([]);
  });

  it('refuses a warm-up that never ends, before it trains', async () => {
    await expect(run({ options: { ...config.options, warmup_epochs: 5 } })).rejects.toThrow(/warmup_epochs 5 is not shorter than the schedule's 5 epochs/);
  });
});
