import type { JsonObject } from '../../../src/files.js';
import type { Result, RunRecord, SpeedBody } from '../../../src/results/types.js';

const key = 'b'.repeat(64);

/** A record with a speed job of vit_tiny: by entry, seconds of a step without the loader by round; with it twice as many. Batches of 4 images. */
export function withSpeed(record: RunRecord, seconds: Readonly<Record<string, readonly number[]>> = { mae: [0.5, 0.55, 0.45] }, more: Partial<SpeedBody> = {}, config: JsonObject = {}): RunRecord {
  const { environment, ...head } = record.results.find(({ kind }) => kind === 'pretrain')!;
  const { schema, code, version, startedAt, finishedAt } = head;
  const body: SpeedBody = {
    kind: 'speed', model: 'vit_tiny', batchSize: 4, askedBatchSize: 4, loaders: 1, turnSeconds: 2, load: [0, 0, 0], imagesHash: 'x', engine: environment.engine!,
    order: Object.values(seconds)[0]!.map(() => Object.keys(seconds)),
    entries: Object.entries(seconds).map(([name, all]) => ({
      name, method: 'mae', parameters: 5, epochs: 4, epochImages: 100, scheduleImages: 400, flopsPerImage: 2e9, flopsParts: [], peakMemoryBytes: 3e8, peakDeviceMemory: null,
      turns: all.map((time) => ({ outside: { steps: 2, seconds: 2 * time }, inside: { steps: 1, seconds: 2 * time } })),
    })),
    ...more,
  };
  const result: Result<SpeedBody> = { schema, code, version, environment, startedAt, finishedAt, key, id: 'speed/vit_tiny', config, inputs: {}, seed: 0, wallSeconds: 1, cpuSeconds: 1, peakMemoryBytes: 1, resumed: false, ...body };
  return {
    ...record,
    jobs: [...record.jobs, { id: result.id, key, kind: 'speed', inputs: {}, tags: { model: 'vit_tiny' } }],
    results: [...record.results, result],
  };
}
