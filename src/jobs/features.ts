import { openEngine } from '../engine/index.js';
import { vitConfig } from '../models/config.js';
import { extract } from '../protocols/extract.js';
import type { FeaturesBody } from '../results/types.js';
import type { JobFunction } from '../runner/job.js';
import type { FeaturesConfig } from './configs.js';
import { readEncoder, weightsAt } from './encoder-file.js';
import { forwardFlops } from './estimates.js';
import { splits, writeFeatures } from './feature-files.js';
import { readSet, readTask } from './task-inputs.js';

/** Takes every image of a task through a frozen encoder once, for all protocols that work on features. */
export const features: JobFunction = async (context) => {
  const config = context.job.config as unknown as FeaturesConfig;
  const model = vitConfig(config.model);
  const [engine, set, encoder] = await Promise.all([openEngine({ threads: context.job.threads, precision: config.precision }), readSet(context.input('data')), readEncoder(weightsAt(context.input('encoder'), config.snapshot))]);
  const task = await readTask(set, config.task, config.seed);
  // All splits in one go: no batch but the last is filled up, and none but the first has to be waited for.
  const indices = splits.flatMap((split) => task[split].indices);
  const total = indices.length;
  const values = await extract(engine, model, encoder, set, indices, context.phases, (done) => { context.progress({ done, total, unit: 'images' }); });
  const row = values.length / total;
  let before = 0;
  for (const split of splits) {
    const end = before + task[split].indices.length;
    await writeFeatures(context.folder, split, values.subarray(before * row, end * row));
    before = end;
  }
  return { kind: 'features', task: task.name, width: model.width, images: total, flops: total * forwardFlops(model) } satisfies FeaturesBody;
};
