import { SuiteError } from '../../errors.js';
import type { JsonObject } from '../../files.js';
import type { DataSource } from '../../data/source.js';
import type { MethodSpec } from '../../methods/method.js';
import { vitConfig } from '../../models/config.js';
import type { JobNode } from '../../runner/job.js';
import type { ResolvedData, ResolvedEntry, ResolvedSuite, TrainedEntry } from '../../suite/resolved.js';
import type { SpeedConfig, SpeedEntry } from '../configs.js';
import type { SpeedMachine } from '../speed-machine.js';

export interface SpeedSource {
  readonly methods: Readonly<Record<string, MethodSpec>>;
  readonly data: (name: string) => { readonly data: ResolvedData; readonly source: DataSource; readonly prepare: string };
  /** Of an entry's schedule at the first seed. */
  readonly length: (entry: TrainedEntry) => { readonly steps: number; readonly epochs: number };
  readonly machine: () => Promise<SpeedMachine>;
}

const isTrained = (entry: ResolvedEntry): entry is TrainedEntry => entry.pretrain !== null;

/** A suite that measures speed and judges nothing needs no encoder. */
export const trainsNothing = ({ speed, tasks }: Pick<ResolvedSuite, 'speed' | 'tasks'>): boolean => speed !== null && tasks.length === 0;

/** One job a model that speeds are asked for, exclusive: it measures all entries that pre-train side by side. SuiteError where a method refuses the model or the batch. */
export async function speedNodes(suite: ResolvedSuite, { methods, data, length, machine }: SpeedSource): Promise<readonly JobNode[]> {
  const { speed } = suite;
  if (speed === null) return [];
  const entries = suite.entries.filter(isTrained).filter((entry) => entry.oracle_of === undefined);
  if (entries.length === 0) throw new SuiteError('speed measures training steps, and no entry pre-trains', { where: suite.name, fix: 'Name an entry of a method that trains, or leave `speed` out.' });
  const from = data(entries[0]!.pretrain.data);
  const seed = suite.seeds[0]!;
  const here = await machine();
  return speed.models.map((model): JobNode => {
    const vit = vitConfig(model);
    for (const { name, method, options } of entries) {
      const [problem] = methods[method]!.check?.({ model: vit, options, epochs: null, batchSize: speed.batch_size }) ?? [];
      if (problem !== undefined) throw new SuiteError(`the speed of ${name} cannot be measured with ${model.name} and ${speed.batch_size} images a step: ${problem}`, { where: suite.name, fix: 'Give `speed` another batch_size or model.' });
    }
    const config: SpeedConfig = {
      entries: entries.map((entry): SpeedEntry => {
        const { name, method, options, pretrain } = entry;
        const { steps, epochs } = length(entry);
        const scheduleImages = steps * pretrain.batch_size;
        return { name, method, options, epochs, steps, epochImages: scheduleImages / epochs, scheduleImages };
      }),
      model,
      source: from.source.name,
      sourceOptions: from.data.options,
      seed,
      precision: suite.engine.precision,
      batch_size: speed.batch_size,
      rounds: speed.rounds,
      seconds: speed.seconds,
      loaders: speed.loaders,
      machine: here,
    };
    const images = speed.rounds * speed.batch_size * entries.length * 4;
    return {
      id: `speed/${model.name}`,
      kind: 'speed',
      config: { ...config } as unknown as JsonObject,
      unkeyed: (from.source.locations ?? []).map((option) => ['sourceOptions', option]),
      inputs: { data: from.prepare },
      modules: ['jobs/speed.js', ...new Set(entries.flatMap(({ method }) => methods[method]!.modules)), ...from.source.modules],
      threads: suite.engine.threads,
      cost: { images, flops: entries.reduce((sum, { method, options }) => sum + (images / entries.length) * methods[method]!.flopsPerImage(vit, options, speed.batch_size), 0), bytes: 1e5 },
      tags: { model: model.name, data: from.data.name },
      exclusive: true,
    };
  });
}
