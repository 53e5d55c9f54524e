import { beforeEach, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/files.js';
import type { SpeedConfig } from '../../src/jobs/configs.js';
import { speed } from '../../src/jobs/speed.js';
import type { Contestant } from '../../src/jobs/speed/messages.js';
import { mae } from '../../src/methods/mae/spec.js';
import { mixedae } from '../../src/methods/mixedae/spec.js';
import { moce } from '../../src/methods/moce/spec.js';
import { vitConfig } from '../../src/models/config.js';
import type { SpeedBody } from '../../src/results/types.js';
import { withDefaults } from '../../src/suite/validate.js';
import { temporaryFolder } from '../temporary-folder.js';

/** Contestants that ran out of memory, by entry, batch and what they were asked. */
type Short = (entry: string, batch: number, asked: string) => boolean;
const short = vi.hoisted((): { of: Short; closed: number; started: number } => ({ of: () => false, closed: 0, started: 0 }));
vi.mock('../../src/jobs/speed/process.js', async (load) => {
  const real = await load<object>() as { readonly OutOfMemory: new (message: string) => Error };
  return {
    ...real,
    startContestant: ({ entry: { name }, batch }: Contestant) => {
      const has = (asked: string): Promise<void> => (short.of(name, batch, asked) ? Promise.reject(new real.OutOfMemory(`the process of ${name} ended (SIGKILL)`)) : Promise.resolve());
      const turn = { outside: { steps: 1, seconds: 1 }, inside: { steps: 1, seconds: 1 } };
      return has('ready').then(() => {
        short.started++;
        return {
          ready: { say: 'ready', parameters: 1, images: 'the same', device: 'cpu' },
          ask: (what: string) => has(what).then(() => ({ say: what, turn, peakMemoryBytes: batch, engine: { device: 'cpu' } })),
          close: () => Promise.resolve(short.closed++),
        };
      });
    },
  };
});
beforeEach(() => { Object.assign(short, { of: () => false, closed: 0, started: 0 }); });

const options = withDefaults(mae.schema, { decoder: { width: 16, depth: 1, heads: 2 } });
const entry = { method: 'mae', options, epochs: 50, steps: 100, epochImages: 8, scheduleImages: 400 };
const config: SpeedConfig = {
  entries: [{ name: 'first', ...entry }, { name: 'second', ...entry }],
  model: { name: 'custom', image_size: 8, patch_size: 4, width: 16, depth: 1, heads: 2, mlp_ratio: 2 },
  source: 'folder', sourceOptions: {}, seed: 0, precision: 'f32', batch_size: 12, rounds: 3, seconds: 0.01, loaders: 1, machine: { cpu: '', cores: 1, device: 'cpu', oneDnn: true, gpu: null },
};
async function run(entries = config.entries): Promise<{ readonly body: SpeedBody; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const body = await speed({
    job: { id: 'speed/custom', kind: 'speed', config: { ...config, entries } as unknown as JsonObject, inputs: {}, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: 'a'.repeat(64), code: '' },
    folder: temporaryFolder(), scratch: temporaryFolder(), input: () => '', progress: () => undefined, startAnew: () => undefined, log: (line) => lines.push(line), phases: { enter: () => undefined },
  }) as unknown as SpeedBody;
  expect(short.closed).toBe(short.started);
  return { body, lines };
}

it.each(['ready', 'turn', 'end'])('all take half as many images where one has no room when it is to say %s, also one that had been ready', async (when) => {
  short.of = (name, batch, asked) => name === 'first' && batch > 6 && asked === when;
  const { body, lines } = await run();
  expect(body).toMatchObject({ batchSize: 6, askedBatchSize: 12 });
  expect(body.order).toHaveLength(3);
  expect(body.entries.map(({ peakMemoryBytes }) => peakMemoryBytes)).toEqual([6, 6]);
  expect(lines).toEqual(['the process of first ended (SIGKILL); going on with 6 images a step for everyone']);
});

it('is told where that cannot be halved', async () => {
  short.of = (name, _, asked) => name === 'second' && asked === 'turn';
  await expect(run()).rejects.toMatchObject({ message: 'not all entries have room with 3 images a step, and that cannot be halved', fix: 'Name a smaller model, fewer entries, or another batch_size.' });
});

it('is told where a method cannot take half as many', async () => {
  short.of = (name, _, asked) => name === 'first' && asked === 'ready';
  const mixed = withDefaults(mixedae.schema, { decoder: { width: 16, depth: 1, heads: 2 }, contrastive: { weight: 0 }, topk: 'off' });
  await expect(run([config.entries[0]!, { ...entry, name: 'mixed', method: 'mixedae', options: mixed }])).rejects.toMatchObject({
    message: 'not all entries have room with 12 images a step, and half as many do not serve: mixed: batch_size 6 is not a multiple of the 4 images that mixing_ratio 0.25 mixes',
  });
});

it('counts the operations of a schedule at its own batch size', async () => {
  // Experts' groups are filled up: what an image costs depends on how many there are in a step, 12 here and 4 in the schedule.
  const mixture = withDefaults(moce.schema, { decoder: { width: 16, depth: 1, heads: 2 }, experts: { count: 3, blocks: [0], group: 3 }, clusters: { count: 3 } });
  const { body } = await run([{ ...entry, name: 'first', method: 'moce', options: mixture }]);
  const at = (batch: number): number => moce.flopsPerImage(vitConfig(config.model), mixture, batch);
  expect(at(4)).not.toBe(at(12));
  expect(body.entries[0]).toMatchObject({ flopsPerImage: at(12), flopsPerSchedule: 400 * at(4) });
});
