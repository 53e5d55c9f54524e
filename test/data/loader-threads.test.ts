import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { type Augment, defaultAugment, multiCrop, trainView } from '../../src/data/augment/index.js';
import type { PreparedSet, StreamedSet } from '../../src/data/image-set.js';
import { loadersFor, loaderThreads } from '../../src/data/loader/count.js';
import { type Arrays, evalBatch, openLoader, type Series, trainBatch, trainPositions, type TrainSeries } from '../../src/data/loader/index.js';
import { failedTicket, makeBatches, newControl, threadsWithin } from '../../src/data/loader/ring.js';
import { plainSeries } from '../../src/data/loader/series.js';
import { JobError, UsageError } from '../../src/errors.js';
import { maskDraws } from '../../src/methods/mae/masks.js';
import { stream } from '../../src/random.js';
import { noiseSet } from './pictures.js';

const set = noiseSet(11, 16, 4);
const indices = [10, 3, 4, 7, 8, 1, 0];
const base: TrainSeries = { kind: 'train', indices, augment: { ...defaultAugment, shift: 0.1 }, seed: 1, purpose: 'pretrain', size: 12, batch: 5, steps: 23 };
const folder = mkdtempSync(join(tmpdir(), 'maskbench-loader-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const streamed = (name: string, bytes: Uint8Array, like: PreparedSet = set): StreamedSet => {
  const pixelsFile = join(folder, name);
  writeFileSync(pixelsFile, bytes);
  return { name: like.name, size: like.size, channels: like.channels, records: like.records, unreadable: [], pixelsFile };
};
const text = (pixels: Uint8Array): string => Buffer.from(pixels).toString('base64');
const expected = (series: TrainSeries, step: number, from: PreparedSet = set): string => text(trainBatch({ ...series, set: from, step }));

/** Every input of every step. */
async function inputs(series: readonly Series[], steps: number, threads: number, from: PreparedSet = set): Promise<readonly Arrays[]> {
  const loader = openLoader(from, series, threads);
  const all: Arrays[] = [];
  try {
    for (let step = 0; step < steps; step++) all.push(Object.fromEntries(Object.entries(await loader.next(step)).map(([name, values]) => [name, values.slice()])));
  } finally {
    loader.close();
  }
  return all;
}

const all = async (series: TrainSeries, threads: number, from: PreparedSet = set): Promise<readonly string[]> =>
  (await inputs([series], series.steps, threads, from)).map(({ images }) => text(images as Uint8Array));
const images = async (loader: { next(step: number): Promise<Arrays> }, step: number): Promise<Uint8Array> => (await loader.next(step))['images'] as Uint8Array;

/** All that there is, often enough that a batch of five shows it. */
const everything: Augment = {
  ...defaultAugment, margin: 0.1, shift: 0.1, interpolation: 'bilinear',
  color_jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }, grayscale: 0.3, blur: { probability: 0.5, sigma: [0.1, 2] }, solarize: 0.3,
  rand_augment: { magnitude: 9, layers: 2, std: 0.5 }, random_erasing: { probability: 0.5, area: [0.02, 1 / 3], aspect: [0.3, 1 / 0.3] },
};

describe('a training\'s batches', () => {
  const alone = Array.from({ length: base.steps }, (_, step) => expected(base, step));

  it.each([0, 1, 4])('are the same bytes in the same order with %i threads', async (threads) => {
    expect(await all(base, threads)).toEqual(alone);
  });

  it.each([0, 1, 4])('are the same where the pictures stay in their file, with %i threads', async (threads) => {
    expect(await all(base, threads, streamed('pixels.bin', set.pixels))).toEqual(alone);
  });

  it.each([0, 1, 4])('are the same with every augmentation on, with %i threads', async (threads) => {
    for (const mix of [{ mixup: 0.8, cutmix: 1, switch_probability: 0.5, probability: 0.9 }, undefined]) {
      const series: TrainSeries = { ...base, augment: everything, ...(mix === undefined ? {} : { mix }) };
      const batches = Array.from({ length: base.steps }, (_, step) => expected(series, step));
      expect(batches.filter((batch, step) => batch === alone[step])).toEqual([]);
      expect(await all(series, threads)).toEqual(batches);
    }
  });

  it.each([0, 1, 4])('come with masks that are the same with %i threads', async (threads) => {
    const draws = maskDraws({ batch: 5, patches: 9, kept: 3, seed: 1 });
    const found = await inputs([{ ...base, draws }], base.steps, threads);
    found.forEach((given, step) => {
      const { images: pictures, ...masks } = given;
      expect(text(pictures as Uint8Array)).toBe(alone[step]);
      expect(masks).toEqual(draws(step));
    });
  });

  it('refuse draws that change their shape', async () => {
    const draws = Object.assign((step: number) => ({ more: new Int32Array(step + 1) }), { module: '', args: {} });
    await expect(inputs([{ ...base, draws }], 2, 0)).rejects.toThrow('input more of step 1 has 2 values, of the first step 1');
    expect(() => openLoader(set, [{ ...base, draws: Object.assign(() => ({ images: new Int32Array(1) }), { module: '', args: {} }) }], 0)).toThrow('two inputs called images');
  });

  it.each([0, 1, 4])('hold several views of each image, the same with %i threads', async (threads) => {
    const views = multiCrop({ globalScale: [0.32, 1], localScale: [0.05, 0.32], localCount: 3, globalSize: 12, localSize: 6 });
    const order = { indices, seed: 1, purpose: 'pretrain', batch: 5 };
    const found = await inputs([{ kind: 'crops', ...order, views, steps: 9 }], 9, threads);
    found.forEach((given, step) => {
      const positions = trainPositions({ ...order, step });
      const expectedViews: Record<'global' | 'local', Uint8Array[]> = { global: [], local: [] };
      views.forEach(({ name, size, augment }, v) => {
        positions.forEach((position, i) => {
          const target = new Uint8Array(size * size * 3);
          trainView(set, indices[position]!, augment, stream(1, v === 0 ? 'pretrain/augment' : `pretrain/augment/${v}`, step, i), { target, offset: 0, size });
          expectedViews[name as 'global' | 'local'].push(target);
        });
      });
      expect(Object.keys(given)).toEqual(['global', 'local']);
      expect(text(given['global'] as Uint8Array)).toBe(text(Buffer.concat(expectedViews.global)));
      expect(text(given['local'] as Uint8Array)).toBe(text(Buffer.concat(expectedViews.local)));
      // Whatever is the first view of an image is what a method with one view gets.
      expect(text(given['global']!.slice(0, 5 * 432) as Uint8Array)).toBe(expected({ ...base, augment: views[0]!.augment }, step));
    });
  });

  it('refuse views of one name and two sizes', () => {
    const view = { name: 'a', size: 8, augment: defaultAugment };
    expect(() => openLoader(set, [{ kind: 'crops', indices, seed: 1, purpose: 'p', batch: 2, steps: 1, views: [view, { ...view, size: 9 }] }], 0)).toThrow('the views a have several sizes');
  });

  it('lie at 64 bytes, in shared memory', async () => {
    const loader = openLoader(set, [{ ...base, size: 7, batch: 3, draws: maskDraws({ batch: 3, patches: 5, kept: 3, seed: 1 }) }], 1);
    for (let step = 0; step < 6; step++) {
      for (const array of Object.values(await loader.next(step))) {
        expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
        expect(array.byteOffset % 64).toBe(0);
      }
    }
    loader.close();
  });

  it('are made by fewer threads, or none, where those asked for would need more than a shared memory holds', () => {
    // 20 pictures of 5000 x 5000 are 1.5e9 bytes: three slots of them are beyond 4 GiB.
    const large: TrainSeries = { ...base, size: 5000, batch: 20 };
    openLoader(set, [large], 1).close();
    const slots = (threads: number, bytes: number): number => threadsWithin(bytes, [plainSeries(set, { ...base, size: 64, batch: 1 })], threads);
    // A slot is 12288 bytes; two threads need four.
    expect([slots(2, 4 * 12_288), slots(2, 4 * 12_288 - 1), slots(8, 4 * 12_288), slots(1, 2 * 12_288), slots(0, 0)]).toEqual([2, 1, 2, 0, 0]);
  });

  it('hold still until the next is asked for, however long a step takes', async () => {
    const loader = openLoader(set, [base], 4);
    for (let step = 0; step < 9; step++) {
      const batch = await images(loader, step);
      // The threads have more than the time to fill every slot that they may have.
      await sleep(20);
      expect(text(batch)).toBe(expected(base, step));
    }
    loader.close();
  });

  it('can be asked for from any step on, and again', async () => {
    const loader = openLoader(set, [base], 2);
    for (const step of [17, 18, 3, 4, 5, 5, 0, 22, 21]) expect(text(await images(loader, step))).toBe(expected(base, step));
    await expect(loader.next(23)).rejects.toThrow(RangeError);
    loader.close();
    await expect(loader.next(0)).rejects.toThrow(/closed/);
  });

  it('of many short trainings come from the same threads, also after one was left half-way', async () => {
    for (let run = 0; run < 20; run++) {
      const series = { ...base, seed: run, batch: 1 + (run % 4) };
      const loader = openLoader(set, [series], 2);
      for (let step = 0; step < run % 7; step++) expect(text(await images(loader, step))).toBe(expected(series, step));
      loader.close();
    }
  });

  it('of two trainings at once are kept apart', async () => {
    const series = [base, { ...base, seed: 2 }];
    const loaders = series.map((one) => openLoader(set, [one], 1));
    for (let step = 0; step < 5; step++) {
      for (const [i, loader] of loaders.entries()) expect(text(await images(loader, step))).toBe(expected(series[i]!, step));
    }
    for (const loader of loaders) loader.close();
  });
});

describe('where crops are cut from larger pictures', () => {
  const [small, large] = [noiseSet(11, 16, 3), noiseSet(11, 36, 3)];
  const crops = streamed('crops.bin', large.pixels, large);
  const training: TrainSeries = { ...base, steps: 6 };
  const evaluation: Series = { kind: 'evaluation', indices: [4, 2, 9, 0], size: 16, batch: 4, background: 'white' };
  const views = multiCrop({ globalScale: [0.32, 1], localScale: [0.05, 0.32], localCount: 2, globalSize: 12, localSize: 6 });
  const several: Series = { kind: 'crops', indices, seed: 1, purpose: 'pretrain', batch: 5, views, steps: 4 };

  it.each([0, 1, 4])('a training takes those and an evaluation the others, with %i threads', async (threads) => {
    for (const from of [{ ...small, crops }, { ...streamed('small.bin', small.pixels, small), crops }]) {
      const found = await inputs([training, evaluation], 7, threads, from);
      expect(found.slice(0, 6).map(({ images: given }) => text(given as Uint8Array))).toEqual(Array.from({ length: 6 }, (_, step) => expected(training, step, large)));
      expect(text(found[6]!['images'] as Uint8Array)).toBe(text(Buffer.concat([4, 2, 9, 0].map((i) => small.pixels.subarray(i * 768, (i + 1) * 768)))));
    }
    expect(await inputs([several], 4, threads, { ...small, crops })).toEqual(await inputs([several], 4, 0, large));
    expect(expected(training, 0, small)).not.toBe(expected(training, 0, large));
  });
});

describe('an evaluation\'s batches', () => {
  it.each([0, 1, 4])('follow those of the training, the last filled up with black, with %i threads', async (threads) => {
    const evaluated = [4, 2, 9, 0, 1, 7, 7, 3, 10];
    const training: TrainSeries = { ...base, steps: 6 };
    const found = await inputs([training, { kind: 'evaluation', indices: evaluated, size: 14, batch: 4, background: 'gradients' }], 9, threads);
    found.slice(0, 6).forEach(({ images: given }, step) => { expect(text(given as Uint8Array)).toBe(expected(training, step)); });
    const whole = Buffer.concat([evalBatch({ set, indices: evaluated, size: 14, background: 'gradients' }), new Uint8Array(3 * 14 * 14 * 3)]);
    expect(text(Buffer.concat(found.slice(6).map(({ images: given }) => given as Uint8Array)))).toBe(text(whole));
  });

  it.each([0, 1])('are none of no images, with %i threads', async (threads) => {
    const loader = openLoader(set, [{ kind: 'evaluation', indices: [], size: 8, batch: 4, background: 'white' }], threads);
    await expect(loader.next(0)).rejects.toThrow('there is no step 0 of 0');
    loader.close();
  });

  it('refuse a record that the set does not have', () => {
    expect(() => openLoader(set, [{ kind: 'evaluation', indices: [11], size: 8, batch: 4, background: 'white' }], 1)).toThrow('no record 11');
  });
});

describe('an error in a thread', () => {
  const fails = async (broken: PreparedSet): Promise<{ error: unknown; done: number }> => {
    const loader = openLoader(broken, [base], 2);
    let done = 0;
    try {
      for (; done < base.steps; done++) await loader.next(done);
      return { error: null, done };
    } catch (error) {
      return { error, done };
    } finally {
      loader.close();
    }
  };

  it('comes up with its message, at the step that it belongs to', async () => {
    // The file ends before the last pictures; the first step that needs one fails, those before it are given.
    const cut = streamed('cut.bin', set.pixels.subarray(0, 8 * 1024));
    const { error, done } = await fails(cut);
    expect(error).toBeInstanceOf(JobError);
    expect((error as JobError).message).toMatch(/loader thread failed: .*cut\.bin: ends before picture (8|10)$/);
    expect((error as JobError).fix).toContain('maskbench store verify');
    let first = 0;
    try {
      for (; first < base.steps; first++) expected(base, first, cut);
    } catch { /* the step wanted */ }
    expect(done).toBe(first);
    expect((error as JobError).where).toBe(`pretrain, step ${first + 1}`);
  });

  it('is told of the first step that failed, whatever the order in which threads fail', () => {
    const work = { series: [], first: 0, control: newControl(3), before: null };
    expect(failedTicket(work)).toBeNull();
    // One ticket a call: each thread's first batch cannot be made.
    const broken = { ...plainSeries(set, base), bytes: 1 };
    const setup = { set: streamed('none.bin', new Uint8Array(0)), threads: 3, memory: new SharedArrayBuffer(2 ** 20) };
    Atomics.store(new Int32Array(work.control), 0, 2);
    expect(() => makeBatches({ ...work, series: [broken] }, [null], setup)).toThrow(/ends before/);
    expect(failedTicket(work)).toBe(2);
    Atomics.store(new Int32Array(work.control), 0, 1);
    expect(() => makeBatches({ ...work, series: [broken] }, [null], setup)).toThrow(/ends before/);
    expect(failedTicket(work)).toBe(1);
    Atomics.store(new Int32Array(work.control), 0, 3);
    expect(() => makeBatches({ ...work, series: [broken] }, [null], setup)).toThrow(/ends before/);
    expect(failedTicket(work)).toBe(1);
  });

  it('comes up where a module has no draws', async () => {
    const draws = Object.assign(() => ({}), { module: new URL('../../src/errors.ts', import.meta.url).href, args: {} });
    await expect(inputs([{ ...base, draws }], 1, 1)).rejects.toThrow(/errors\.js exports no drawStep/);
    expect(await all(base, 1)).toHaveLength(base.steps);
  });

  it('leaves the next training whole', async () => {
    expect((await fails(streamed('empty.bin', new Uint8Array(0)))).error).toBeInstanceOf(JobError);
    expect(await all(base, 2)).toHaveLength(base.steps);
  });
});

describe('the threads', () => {
  /** A process that trains without end. */
  const start = (end: string) => {
    const loader = pathToFileURL(join(import.meta.dirname, '../../dist/data/loader/index.js')).href;
    const code = `
      const { openLoader } = await import(${JSON.stringify(loader)});
      const set = { name: 's', size: 16, channels: 3, records: [], unreadable: [], pixels: new Uint8Array(16 * 16 * 3 * 4) };
      const augment = ${JSON.stringify(defaultAugment)};
      const loader = openLoader(set, [{ kind: 'train', indices: [0, 1, 2, 3], augment, seed: 0, purpose: 'p', size: 16, batch: 4, steps: 1e9 }], 3);
      for (let step = 0; step < 5; step++) await loader.next(step);
      process.stdout.write('ready');
      ${end}
    `;
    return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  };

  it.each([
    ['its last line, the loader open', ''],
    ['its last line, the loader closed', 'loader.close();'],
    ['process.exit', 'process.exit(0);'],
  ])('end with their process: at %s', async (_, end) => {
    const [code] = (await once(start(end), 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  it('end with their process: killed', async () => {
    const child = start('setInterval(() => undefined, 1000);');
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    const [, signal] = (await once(child, 'exit')) as [number | null, string];
    expect(signal).toBe('SIGKILL');
    // Its threads share its id: nothing of it is left.
    expect(() => process.kill(child.pid!, 0)).toThrow(/ESRCH/);
  });
});

describe('the number of threads', () => {
  it('is what workers leave free of the cores, at most 4 each', () => {
    expect(loadersFor({ cores: 2, workers: 2, threads: 1 })).toBe(0);
    expect(loadersFor({ cores: 2, workers: 1, threads: 2 })).toBe(0);
    expect(loadersFor({ cores: 2, workers: 1, threads: 1 })).toBe(1);
    expect(loadersFor({ cores: 8, workers: 3, threads: 1 })).toBe(1);
    expect(loadersFor({ cores: 16, workers: 1, threads: 1 })).toBe(4);
    expect(loadersFor({ cores: 2, workers: 5, threads: 1 })).toBe(0);
  });

  it('comes from the environment, and is none without it', () => {
    expect([{}, { MASKBENCH_LOADERS: '' }, { MASKBENCH_LOADERS: '0' }, { MASKBENCH_LOADERS: '3' }].map((environment) => loaderThreads(environment))).toEqual([0, 0, 0, 3]);
    for (const wrong of ['-1', '1.5', 'two', '65']) expect(() => loaderThreads({ MASKBENCH_LOADERS: wrong })).toThrow(UsageError);
  });
});
