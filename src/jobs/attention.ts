import { join } from 'node:path';
import { evalBatch } from '../data/loader/index.js';
import { openEngine } from '../engine/index.js';
import { patchCount, vitConfig } from '../models/config.js';
import { compiledFor } from '../protocols/compiled-cache.js';
import { writeEncoder } from '../protocols/frozen-encoder.js';
import { stream } from '../random.js';
import type { AttentionBody } from '../results/types.js';
import type { JobFunction } from '../runner/job.js';
import { writeSafetensors } from '../training/safetensors.js';
import { attentionSpec } from './attention-spec.js';
import type { AttentionConfig } from './configs.js';
import { readEncoder } from './encoder-file.js';
import { heatOver } from './heat.js';
import { writePreview } from './preview.js';
import { readSet, readTask } from './task-inputs.js';

/**
 * Draws what an encoder's class token looks at in its last block, for some of a task's training images: those that the suite names, or a draw of the
 * seed, the same for every entry.
 */
export const attention: JobFunction = async (context) => {
  const config = context.job.config as unknown as AttentionConfig;
  const { seed } = config;
  const model = vitConfig(config.model);
  const [engine, set, encoder] = await Promise.all([openEngine({ threads: context.job.threads, precision: config.precision }), readSet(context.input('data')), readEncoder(context.input('encoder'))]);
  const { name: task, train: { indices } } = await readTask(set, config.task, seed);
  const shown = typeof config.images === 'number'
    ? Array.from(stream(seed, 'attention').permutation(indices.length).subarray(0, config.images), (place) => indices[place]!)
    : config.images.map((id) => indices.find((index) => set.records[index]!.id === id)!);
  const count = shown.length;
  const { imageSize: size, heads } = model;
  const pixels = evalBatch({ set, indices: shown, size });

  const compiled = compiledFor(engine, { attention: model, count }, () => attentionSpec(model, count));
  writeEncoder(compiled, model, encoder);
  const weights = compiled.run('attention', { images: pixels })['weights']!.data as Float32Array;
  await writeSafetensors(join(context.folder, 'attention.safetensors'), new Map([['weights', { shape: [count, heads, patchCount(model)], data: weights }]]));

  const images = shown.map((index, image) => {
    const own = pixels.subarray(image * size * size * 3, (image + 1) * size * size * 3);
    const maps = Array.from({ length: heads }, (_, head) => {
      const start = (image * heads + head) * patchCount(model);
      return weights.subarray(start, start + patchCount(model));
    });
    return { id: set.records[index]!.id, own, maps };
  });
  const columns = [
    { title: 'image', pixels },
    ...Array.from({ length: heads }, (_, head) => ({ title: `head ${head + 1}`, pixels: Buffer.concat(images.map(({ own, maps }) => heatOver(own, maps[head]!, size))) })),
  ];
  await writePreview(join(context.folder, 'attention.png'), columns, count, size);
  return {
    kind: 'attention',
    task,
    patches: patchCount(model),
    heads,
    images: images.map(({ id, maps }) => ({ id, largest: maps.map((map) => map.reduce((a, b) => Math.max(a, b), 0)) })),
    picture: 'attention.png',
    weights: 'attention.safetensors',
  } satisfies AttentionBody;
};
