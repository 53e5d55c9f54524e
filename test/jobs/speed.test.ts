import { expect, it } from 'vitest';
import type { ImageRecord } from '../../src/data/image-set.js';
import { takeEngineUse } from '../../src/engine/opened.js';
import type { JsonObject } from '../../src/files.js';
import type { SpeedConfig } from '../../src/jobs/configs.js';
import { speed } from '../../src/jobs/speed.js';
import { mae } from '../../src/methods/mae/spec.js';
import { moce } from '../../src/methods/moce/spec.js';
import { validateResult } from '../../src/results/schema.js';
import type { SpeedBody } from '../../src/results/types.js';
import { withDefaults } from '../../src/suite/validate.js';
import { writeImageSet } from '../data/image-set-files.js';
import { temporaryFolder } from '../temporary-folder.js';

it('times each entry in every round, in turns, on the same images, and says all that its numbers rest on', async () => {
  const data = temporaryFolder();
  const records = Array.from({ length: 8 }, (_, i): ImageRecord => ({ id: `p${i}`, label: `${i % 2}`, group: null, domain: null, split: 'train', side: null }));
  await writeImageSet(data, { name: 'p', size: 8, channels: 3, records, pixels: Uint8Array.from({ length: 8 * 192 }, (_, i) => (i * 37) % 256), unreadable: [] });
  const options = (ratio: number): JsonObject => withDefaults(mae.schema, { mask_ratio: ratio, decoder: { width: 16, depth: 1, heads: 2 } });
  const entry = { method: 'mae', epochs: 50, steps: 100, epochImages: 8, scheduleImages: 400 };
  // Its images would come in another order, were it not for a comparison.
  const mixture = withDefaults(moce.schema, { decoder: { width: 16, depth: 1, heads: 2 }, experts: { count: 2, blocks: [0] }, clusters: { count: 2 } });
  const config: SpeedConfig = {
    entries: [{ name: 'most', options: options(0.75), ...entry }, { name: 'half', options: options(0.5), ...entry }, { ...entry, name: 'mixture', method: 'moce', options: mixture }],
    model: { name: 'custom', image_size: 8, patch_size: 4, width: 16, depth: 1, heads: 2, mlp_ratio: 2 },
    source: 'folder', sourceOptions: {}, seed: 0, precision: 'f32', batch_size: 4, rounds: 2, seconds: 0.01, loaders: 1, machine: { cpu: '', cores: 1, device: 'cpu', oneDnn: true, gpu: null },
  };
  const progress: number[] = [];
  const run = async (own: SpeedConfig): Promise<SpeedBody> => await speed({
    job: { id: 'speed/custom', kind: 'speed', config: { ...own } as unknown as JsonObject, inputs: { data }, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: 'a'.repeat(64), code: '' },
    folder: temporaryFolder(), scratch: temporaryFolder(), input: () => data, progress: ({ done }) => { progress.push(done); }, startAnew: () => undefined, log: () => undefined, phases: { enter: () => undefined },
  }) as unknown as SpeedBody;
  await expect(run({ ...config, machine: { ...config.machine, device: 'cuda', gpu: { name: 'H100', tf32: true, xla: false } } })).rejects.toMatchObject({
    message: 'TensorFlow computes on the device cpu, and this job is to measure cuda', fix: 'Name what is to be measured: --device cpu.',
  });
  expect(progress).toEqual([]);
  const body = await run(config);
  // What the worker writes into the result's environment.
  expect(takeEngineUse()).toEqual(body.engine);
  validateResult({
    schema: 2, key: 'a'.repeat(64), id: 'speed/custom', config: {}, inputs: {}, code: '', version: '', seed: 0, environment: { platform: '', cpu: '', cores: 1, node: '', engine: null },
    startedAt: '', finishedAt: '', wallSeconds: 1, cpuSeconds: 1, peakMemoryBytes: 1, resumed: false, ...body,
  });
  expect(body.order).toEqual([['most', 'half', 'mixture'], ['half', 'mixture', 'most']]);
  expect(progress).toEqual([1, 2, 3, 4, 5, 6]);
  expect(body).toMatchObject({ batchSize: 4, askedBatchSize: 4, loaders: 1, engine: { device: 'cpu', precision: 'f32', threads: { intraOp: 1 } } });
  for (const { turns, scheduleImages, peakMemoryBytes } of body.entries) {
    expect(turns).toHaveLength(2);
    // The process's highest is no lower than any turn's, and each turn has one of its own.
    for (const turn of turns) expect(turn.peakMemoryBytes! > 5e7 && turn.peakMemoryBytes! <= peakMemoryBytes).toBe(true);
    for (const { outside, inside } of turns) for (const { steps, seconds } of [outside, inside]) expect(steps >= 1 && seconds > 0).toBe(true);
    expect(scheduleImages).toBe(400);
    expect(peakMemoryBytes).toBeGreaterThan(5e7);
  }
  // A schedule of 4 images a step, as are measured: as many for each.
  expect(body.entries.map(({ flopsPerSchedule, flopsPerImage }) => flopsPerSchedule! / flopsPerImage)).toEqual([400, 400, 400]);
  // More patches are seen: more operations.
  expect(body.entries[1]!.flopsPerImage).toBeGreaterThan(body.entries[0]!.flopsPerImage);
}, 300_000);
