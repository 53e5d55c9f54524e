import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultAugment } from '../../src/data/augment/index.js';
import type { PreparedSet, StreamedSet } from '../../src/data/image-set.js';
import { loadersFor, loaderThreads } from '../../src/data/loader/count.js';
import { openTrainLoader, trainBatch, type TrainSeries } from '../../src/data/loader/index.js';
import { JobError, UsageError } from '../../src/errors.js';
import { noiseSet } from './pictures.js';

const set = noiseSet(11, 16, 4);
const indices = [10, 3, 4, 7, 8, 1, 0];
const base: TrainSeries = { set, indices, augment: { ...defaultAugment, shift: 0.1 }, seed: 1, purpose: 'pretrain', size: 12, batch: 5, steps: 23 };
const folder = mkdtempSync(join(tmpdir(), 'maskbench-loader-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const streamed = (name: string, bytes: Uint8Array): StreamedSet => {
  const pixelsFile = join(folder, name);
  writeFileSync(pixelsFile, bytes);
  return { name: set.name, size: set.size, channels: set.channels, records: set.records, unreadable: [], pixelsFile };
};
const text = (pixels: Uint8Array): string => Buffer.from(pixels).toString('base64');
const expected = (series: TrainSeries, step: number): string => text(trainBatch({ ...series, step }));

async function all(series: TrainSeries, threads: number): Promise<readonly string[]> {
  const loader = openTrainLoader(series, threads);
  const batches: string[] = [];
  try {
    for (let step = 0; step < series.steps; step++) batches.push(text(await loader.next(step)));
  } finally {
    loader.close();
  }
  return batches;
}

describe('a training\'s batches', () => {
  const alone = Array.from({ length: base.steps }, (_, step) => expected(base, step));

  it.each([0, 1, 4])('are the same bytes in the same order with %i threads', async (threads) => {
    expect(await all(base, threads)).toEqual(alone);
  });

  it.each([0, 1, 4])('are the same where the pictures stay in their file, with %i threads', async (threads) => {
    expect(await all({ ...base, set: streamed('pixels.bin', set.pixels) }, threads)).toEqual(alone);
  });

  it.each([1, 4])('are mixed the same with %i threads', async (threads) => {
    const mixed: TrainSeries = { ...base, mix: { mixup: 0.8, cutmix: 1, switch_probability: 0.5, probability: 0.9 } };
    const batches = Array.from({ length: base.steps }, (_, step) => expected(mixed, step));
    expect(batches).not.toEqual(alone);
    expect(await all(mixed, threads)).toEqual(batches);
  });

  it('lie at 64 bytes, in shared memory', async () => {
    const loader = openTrainLoader({ ...base, size: 7, batch: 3 }, 1);
    for (let step = 0; step < 6; step++) {
      const batch = await loader.next(step);
      expect(batch.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(batch.byteOffset % 64).toBe(0);
    }
    loader.close();
  });

  it('hold still until the next is asked for, however long a step takes', async () => {
    const loader = openTrainLoader(base, 4);
    for (let step = 0; step < 9; step++) {
      const batch = await loader.next(step);
      // The threads have more than the time to fill every slot that they may have.
      await sleep(20);
      expect(text(batch)).toBe(expected(base, step));
    }
    loader.close();
  });

  it('can be asked for from any step on, and again', async () => {
    const loader = openTrainLoader(base, 2);
    for (const step of [17, 18, 3, 4, 5, 5, 0, 22, 21]) expect(text(await loader.next(step))).toBe(expected(base, step));
    await expect(loader.next(23)).rejects.toThrow(RangeError);
    loader.close();
    await expect(loader.next(0)).rejects.toThrow(/closed/);
  });

  it('of many short trainings come from the same threads, also after one was left half-way', async () => {
    for (let run = 0; run < 20; run++) {
      const series = { ...base, seed: run, batch: 1 + (run % 4) };
      const loader = openTrainLoader(series, 2);
      for (let step = 0; step < run % 7; step++) expect(text(await loader.next(step))).toBe(expected(series, step));
      loader.close();
    }
  });

  it('of two trainings at once are kept apart', async () => {
    const series = [base, { ...base, seed: 2 }];
    const loaders = series.map((one) => openTrainLoader(one, 1));
    for (let step = 0; step < 5; step++) {
      for (const [i, loader] of loaders.entries()) expect(text(await loader.next(step))).toBe(expected(series[i]!, step));
    }
    for (const loader of loaders) loader.close();
  });
});

describe('an error in a thread', () => {
  const fails = async (broken: PreparedSet): Promise<{ error: unknown; done: number }> => {
    const loader = openTrainLoader({ ...base, set: broken }, 2);
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
    expect((error as JobError).message).toMatch(/loader thread failed: ends before picture (8|10)/);
    let first = 0;
    try {
      for (; first < base.steps; first++) trainBatch({ ...base, set: cut, step: first });
    } catch { /* the step wanted */ }
    expect(done).toBe(first);
    expect((error as JobError).where).toBe(`pretrain, step ${first + 1}`);
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
      const { openTrainLoader } = await import(${JSON.stringify(loader)});
      const set = { name: 's', size: 16, channels: 3, records: [], unreadable: [], pixels: new Uint8Array(16 * 16 * 3 * 4) };
      const augment = ${JSON.stringify(defaultAugment)};
      const loader = openTrainLoader({ set, indices: [0, 1, 2, 3], augment, seed: 0, purpose: 'p', size: 16, batch: 4, steps: 1e9 }, 3);
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
