import { ignoredLabel, placement, type PictureSize } from '../data/dense.js';
import { openLoader } from '../data/loader/index.js';
import { openEngine } from '../engine/index.js';
import { JobError } from '../errors.js';
import { centredDisc, heaviestPatches, jaccard } from '../metrics/index.js';
import type { EncoderWeights } from '../methods/method.js';
import { patchCount, type VitConfig, vitConfig } from '../models/config.js';
import { fittedConfig, fittedEncoder } from '../models/fitted-encoder.js';
import { compiledFor } from '../protocols/compiled-cache.js';
import { evaluationBatch } from '../protocols/evaluation-batch.js';
import { writeEncoder } from '../protocols/frozen-encoder.js';
import type { OverlapBody } from '../results/types.js';
import type { JobFunction } from '../runner/job.js';
import { attentionSpec } from './attention-spec.js';
import { background } from './background.js';
import type { OverlapConfig } from './configs.js';
import { readEncoder } from './encoder-file.js';
import { forwardFlops } from './estimates.js';
import { readSet, readTask, readTruth } from './task-inputs.js';

/** Of the attention's weight on the patches that the map keeps (DINO, Caron et al. 2021). */
const share = 0.6;

/**
 * How far an encoder's attention lies on the objects of a segmentation task's test images, of those that show one: the Jaccard index of the class token's heaviest patches in the last
 * block with all that is not background. By head, and beside it the same encoder before any training and a disc in the middle.
 */
export const overlap: JobFunction = async (context) => {
  const config = context.job.config as unknown as OverlapConfig;
  const data = context.input('data');
  const [engine, set, truth, encoder] = await Promise.all([openEngine({ threads: context.job.threads, precision: config.precision }), readSet(data), readTruth(data), readEncoder(context.input('encoder'))]);
  const task = await readTask(set, config.task, config.seed);
  const ground = task.classes.indexOf(background);
  if (ground === -1) throw new JobError(`the task ${task.name} has no class ${background}, so it does not tell what is an object`, { where: context.job.id });
  const given = vitConfig(config.model);
  const model = fittedConfig(given, set.size);
  // A picture without an object has nothing that attention could lie on.
  const indices = task.test.indices.filter((index) => truth.labels(index)!.some((label) => isObject(label, ground)));
  if (indices.length === 0) throw new JobError(`no test picture of the task ${task.name} shows an object`, { where: context.job.id });
  const batch = evaluationBatch(model);
  const compiled = compiledFor(engine, { attention: model, count: batch }, () => attentionSpec(model, batch));
  const { scratchMethod } = await import('../methods/scratch/encoder.js');
  const untrained = await scratchMethod.encoder({ model: given, options: {}, seed: config.seed, fingerprint: '' });

  /** Weights of every image, [heads, patches]. */
  const attentionOf = async (weights: EncoderWeights, before: number): Promise<readonly Float32Array[]> => {
    writeEncoder(compiled, model, fittedEncoder(weights, given, set.size));
    const loader = openLoader(set, [{ kind: 'evaluation', indices, size: set.size, batch, background: 'textures' }]);
    const all: Float32Array[] = [];
    try {
      for (let start = 0; start < indices.length; start += batch) {
        context.phases.enter('wait');
        const inputs = await loader.next(start / batch);
        context.phases.enter('evaluate');
        const rows = compiled.run('attention', inputs)['weights']!.data as Float32Array;
        context.phases.enter('other');
        const length = model.heads * patchCount(model);
        for (let i = 0; i < Math.min(batch, indices.length - start); i++) all.push(rows.slice(i * length, (i + 1) * length));
        context.progress({ done: before + all.length, total: 2 * indices.length, unit: 'images' });
      }
    } finally {
      loader.close();
    }
    return all;
  };
  const maps = await attentionOf(encoder, 0);
  const random = await attentionOf(untrained, indices.length);
  const images = indices.map((index, at) => {
    const size = truth.sizes[index]!;
    const objects = truth.labels(index)!;
    return { id: set.records[index]!.id, heads: overlaps(model, maps[at]!, objects, ground, size), random: overlaps(model, random[at]!, objects, ground, size) };
  });
  return {
    kind: 'overlap',
    task: task.name,
    heads: model.heads,
    share,
    perImage: {
      ids: images.map(({ id }) => id),
      jaccard: images.map(({ heads }) => heads.map(({ value }) => value)),
      disc: images.map(({ heads }) => heads[bestOf(heads)]!.disc),
      random: images.map(({ random: own }) => own[bestOf(own)]!.value),
    },
    flops: 2 * indices.length * forwardFlops(model),
  } satisfies OverlapBody;
};

interface Overlap { readonly value: number; /** Of a disc in the middle with as many pixels. */ readonly disc: number }

const bestOf = (heads: readonly Overlap[]): number => heads.reduce((best, { value }, head) => (value > heads[best]!.value ? head : best), 0);

const isObject = (label: number, ground: number): boolean => label !== ground && label !== ignoredLabel;

/** Of each head, of its weight on the picture, at the picture's own pixels; ignored ones are left out of both masks. */
function overlaps(model: VitConfig, weights: Float32Array, labels: Uint8Array, ground: number, size: PictureSize): readonly Overlap[] {
  const side = model.imageSize / model.patchSize;
  const placed = placement(size, model.imageSize);
  /** What lies beyond is black. */
  const inPicture = (patch: number): boolean => Math.floor(patch / side) * model.patchSize < placed.height && (patch % side) * model.patchSize < placed.width;
  const objects = labels.map((label) => Number(isObject(label, ground)));
  return Array.from({ length: model.heads }, (_, head) => {
    const kept = heaviestPatches(weights.subarray(head * side * side, (head + 1) * side * side), share, inPicture);
    const region = labels.map((label, pixel) => {
      if (label === ignoredLabel) return 0;
      const y = ((Math.floor(pixel / size.width) + 0.5) * placed.height) / size.height;
      const x = (((pixel % size.width) + 0.5) * placed.width) / size.width;
      return kept[Math.floor(y / model.patchSize) * side + Math.floor(x / model.patchSize)]!;
    });
    const area = region.reduce((sum, one) => sum + one, 0);
    const disc = centredDisc(area, size.height, size.width, (pixel) => labels[pixel] !== ignoredLabel);
    return { value: jaccard(region, objects), disc: jaccard(disc, objects) };
  });
}
