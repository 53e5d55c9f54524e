import { openEngine } from '../engine/index.js';
import type { JsonObject } from '../files.js';
import type { VitConfig } from '../models/config.js';
import { fineTuneSpec } from '../protocols/fine-tune/network.js';
import type { Compiled } from '../engine/contract.js';
import type { JobFunction } from '../runner/job.js';

/**
 * Measures how fast this process trains while others do the same: training steps of a small ViT for about `seconds`.
 * Gives images a second. Decides the number of workers and nothing else: no result depends on it.
 */
const model: VitConfig = { name: 'calibration', imageSize: 32, patchSize: 8, width: 128, depth: 4, heads: 4, mlpRatio: 4 };
const batchSize = 64;
const classes = 10;

let compiled: Compiled | null = null;

export const calibrate: JobFunction = async ({ job }): Promise<JsonObject> => {
  const seconds = Number(job.config['seconds'] ?? 1.5);
  const engine = await openEngine({ threads: job.threads });
  compiled ??= engine.compile(fineTuneSpec({ model, classes, pool: 'mean', batchSize, layerDecay: 1, dropPath: false }));
  const inputs = {
    images: Uint8Array.from({ length: batchSize * model.imageSize ** 2 * 3 }, (_, i) => (i * 37) % 256),
    targets: Float32Array.from({ length: batchSize * classes }, (_, i) => (i % classes === Math.floor(i / classes) % classes ? 1 : 0)),
  };
  const start = performance.now();
  let images = 0;
  let elapsed = 0;
  do {
    compiled.run('train', inputs, { lr: 1e-4, weight_decay: 0 });
    images += batchSize;
    elapsed = (performance.now() - start) / 1000;
  } while (elapsed < seconds);
  return { imagesPerSecond: images / elapsed };
};
