import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { planSuite } from '../../src/catalog.js';
import { JobError } from '../../src/errors.js';
import type { JsonObject } from '../../src/files.js';
import { measureWith, type JobTiming } from '../../src/jobs/measure.js';
import { methods } from '../../src/methods/index.js';
import type { JobFunction } from '../../src/runner/job.js';
import { planned } from '../runner/nodes.js';
import { temporaryFolder } from '../temporary-folder.js';
import { small, smallModel } from '../methods/small-options.js';
import { writePictures } from './pictures.js';
import { expectMeasurable } from './stand-ins.js';

/** `smallModel` as a suite says it. */
const { imageSize, patchSize, mlpRatio, ...sizes } = smallModel;
const model = { ...sizes, image_size: imageSize, patch_size: patchSize, mlp_ratio: mlpRatio };

/** Measures a job whose clock only moves when it says so. `prepare` needs no stand-ins. */
async function measured(job: JobFunction, seconds = 1.5): Promise<JobTiming> {
  const folder = await mkdtemp(join(tmpdir(), 'maskbench-measure-'));
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const body = await measureWith({ prepare: () => Promise.resolve(job) })({
      job: planned('measure', 'k', { config: { kind: 'prepare', config: { size: 8 }, inputs: [], seconds } }),
      folder, scratch: folder, input: () => '', progress: () => undefined, startAnew: () => undefined, log: () => undefined, phases: { enter: () => undefined },
    });
    return body as unknown as JobTiming;
  } finally {
    vi.useRealTimers();
    await rm(folder, { recursive: true, force: true });
  }
}
afterEach(() => { vi.useRealTimers(); });

const spend = (seconds: number): void => { vi.advanceTimersByTime(seconds * 1000); };

/** 2 s the first time, 0.5 s from then on, then so many steps of 0.25 s, then 1 s without progress. */
function steps(total: number): { readonly job: JobFunction; readonly done: number[] } {
  const done: number[] = [];
  const job: JobFunction = async ({ progress }) => {
    spend(done.length === 0 ? 2 : 0.5);
    done.push(0);
    for (let step = 1; step <= total; step++) {
      spend(0.25);
      done[done.length - 1] = step;
      progress({ done: step * 4, total: total * 4, unit: 'images' });
    }
    spend(1);
    return {};
  };
  return { job, done };
}

describe('the measurement of a job', () => {
  it('stops it when its pace is known, and tells the whole by it; the first run tells what compiling costs', async () => {
    const { job, done } = steps(100);
    expect(await measured(job)).toEqual({ start: 0.5, whole: 25.5, compile: 1.5, ended: false, inside: 2.25 + 1.5 });
    expect(done).toEqual([1, 4]);
  });

  it('watches at least three steps of a slow job', async () => {
    const { job, done } = steps(100);
    expect(await measured(job, 0.1)).toMatchObject({ start: 0.5, whole: 25.5 });
    expect(done).toEqual([1, 3]);
  });

  it('takes its pace from what follows the second step, in which the engine still prepares', async () => {
    const job: JobFunction = ({ progress }) => {
      for (let step = 1; step <= 100; step++) {
        spend(step === 2 ? 4 : 0.25);
        progress({ done: step, total: 100, unit: 'images' });
      }
      return Promise.resolve({});
    };
    // What the second step took longer is told once, and not a hundredfold.
    const { start, whole } = await measured(job);
    expect(whole).toBeCloseTo(4 + 99 * 0.25, 9);
    // What does not grow with the job.
    expect(start).toBeCloseTo(3.75, 9);
  });

  it('lets a short job end, and then tells all that it took', async () => {
    expect(await measured(steps(3).job)).toMatchObject({ start: 0.5, whole: 0.5 + 0.75 + 1, ended: true });
    expect(await measured(() => { spend(0.7); return Promise.resolve({}); })).toEqual({ start: 0, whole: 0.7, compile: 0, ended: true, inside: 1.4 });
  });

  it('fails as the job does', async () => {
    await expect(measured(() => Promise.reject(new JobError('no data')))).rejects.toThrow('no data');
  });
});

describe('every method that searches an encoder', () => {
  const searching = Object.keys(methods).filter((name) => methods[name]!.searches !== undefined);
  it('is among those that are tested here', () => { expect(searching).toContain('moce'); });

  const planOf = async (name: string, batch: number, more: JsonObject = {}) => {
    const root = temporaryFolder();
    await writePictures(join(root, 'data'));
    const [start] = methods[name]!.startsFrom!.methods;
    await writeFile(join(root, 'suite.yaml'), JSON.stringify({
      name: 'searching', seeds: 1, attention: 0,
      model,
      data: { shapes: { source: 'folder', path: join(root, 'data') } },
      pretrain: { data: 'shapes', batch_size: batch, schedule: { epochs: 2 } },
      methods: { [start!]: await small[start!]!(), [name]: { ...await small[name]!(), ...more } },
      reference: 'start',
      entries: [{ name: 'start', method: start }, { name: 'own', method: name, start: 'start', controls: [] }],
      tasks: ['shapes/all'],
      protocols: { knn: { k: 3 } },
    }));
    return (await planSuite(join(root, 'suite.yaml'))).plan;
  };

  it.each(searching)('%s is measured on stand-ins at each of its stages', async (name) => {
    const plan = await planOf(name, 16);
    for (const id of ['cluster/own/s0', 'pretrain/own/s0', 'search/own/shapes/all/s0', 'features/own/shapes/all/s0']) await expectMeasurable(plan, id);
  });

  it('moce is searched where its groups are larger than the batch of a stand-in, too', async () => {
    await expectMeasurable(await planOf('moce', 80, { experts: { count: 3, blocks: [1], group: 72 } }), 'search/own/shapes/all/s0');
  });
});

it('every job of dense tasks is measured on stand-ins, that of the attention on objects too', async () => {
  const root = temporaryFolder();
  await writeFile(join(root, 'suite.yaml'), JSON.stringify({
    name: 'dense', seeds: 1, attention: 0,
    model,
    data: { scenes: { source: 'emoji_scenes', size: 48, per_artist: 14 } },
    entries: [{ name: 'scratch', method: 'scratch' }],
    tasks: ['scenes/segmentation', 'scenes/detection'],
    protocols: { 'linear-segmentation': { lr: 0.01, steps: 2 }, 'mask-rcnn': { lr: 0.01, steps: 2 } },
  }));
  const { plan } = await planSuite(join(root, 'suite.yaml'));
  const dense = plan.jobs.flatMap(({ id, kind }) => (kind === 'overlap' || kind === 'transfer' ? [id] : []));
  expect(dense).toHaveLength(3);
  for (const id of dense) await expectMeasurable(plan, id);
});

it('a judgement that is held against its untrained encoder is measured on stand-ins', async () => {
  const root = temporaryFolder();
  await writePictures(join(root, 'data'));
  await writeFile(join(root, 'suite.yaml'), JSON.stringify({
    name: 'collapse', seeds: 1, attention: 0,
    model,
    data: { shapes: { source: 'folder', path: join(root, 'data') } },
    pretrain: { data: 'shapes', batch_size: 16, schedule: { epochs: 2 } },
    methods: { ibot: await small['ibot']!() },
    reference: 'scratch',
    entries: [{ name: 'scratch', method: 'scratch' }, { name: 'ibot', method: 'ibot' }],
    tasks: ['shapes/all'],
    protocols: { knn: { k: 3 } },
  }));
  const { plan } = await planSuite(join(root, 'suite.yaml'));
  const id = 'transfer/ibot/shapes/all/knn/s0';
  expect(Object.keys(plan.jobs.find((job) => job.id === id)!.inputs)).toContain('untrained');
  await expectMeasurable(plan, id);
});
