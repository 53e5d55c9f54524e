import type { ImageSet, Labelled, ClassificationTask } from '../../src/data/image-set.js';
import type { EncoderWeights } from '../../src/methods/method.js';
import type { VitConfig } from '../../src/models/config.js';
import { vitParams } from '../../src/models/vit.js';
import type { TaskFeatures } from '../../src/protocols/protocol.js';
import { stream } from '../../src/random.js';

/** A ViT that trains in milliseconds. */
export const toyModel: VitConfig = { name: 'custom', imageSize: 8, patchSize: 4, width: 16, depth: 2, heads: 2, mlpRatio: 2 };

export const toyEncoder = (seed = 0, model = toyModel): EncoderWeights => new Map(vitParams(model, seed).map(({ name, shape, value }) => [name, { shape, data: value }]));

export interface ToyCounts { readonly train: readonly number[]; readonly validation: readonly number[]; readonly test: readonly number[] }

export interface Toy { readonly task: ClassificationTask; readonly set: ImageSet; readonly features: TaskFeatures }

/**
 * A task whose classes are plain colours with a little noise, as pictures and as features (the same by either pooling). `counts` says how many images
 * each class has in each split; `label` what an image of a colour is called (its colour's number, unless told).
 */
export function toy(counts: ToyCounts, { seed = 0, label = (colour: number) => colour, width = 6, noise = 4 }: { seed?: number; label?: (colour: number, image: number) => number; width?: number; noise?: number } = {}): Toy {
  const { imageSize: size } = toyModel;
  const classes = counts.train.length;
  const splits = ['train', 'validation', 'test'] as const;
  const colours = splits.flatMap((split) => counts[split].flatMap((count, colour) => Array.from({ length: count }, () => ({ split, colour }))));
  const pixels = new Uint8Array(colours.length * size * size * 3);
  const features = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  const views = { train: { indices: [] as number[], labels: [] as number[] }, validation: { indices: [] as number[], labels: [] as number[] }, test: { indices: [] as number[], labels: [] as number[] } };
  const shade = (colour: number, channel: number) => 30 + 195 * stream(7, 'toy/colour', colour, channel).uniform();
  colours.forEach(({ split, colour }, image) => {
    const draws = stream(seed, 'toy/noise', image);
    for (let i = 0; i < size * size * 3; i++) pixels[image * size * size * 3 + i] = Math.max(0, Math.min(255, Math.round(shade(colour, i % 3) + noise * draws.normal())));
    for (let j = 0; j < width; j++) features[split].push(stream(7, 'toy/centre', colour, j).normal() + 0.02 * noise * draws.normal());
    views[split].indices.push(image);
    views[split].labels.push(label(colour, image));
  });
  const rows = { train: Float32Array.from(features.train), validation: Float32Array.from(features.validation), test: Float32Array.from(features.test) };
  return {
    task: { name: 'toy', kind: 'classification', primary: 'top1', classes: Array.from({ length: classes }, (_, i) => `class ${i}`), side: 'mixed', ...views, note: '' },
    set: {
      name: 'toy', size, channels: 3, pixels, unreadable: [],
      records: colours.map(({ split, colour }, image) => ({ id: `${split}/${colour}/${image}`, label: `class ${colour}`, group: null, domain: null, split: null, side: null })),
    },
    features: { width, cls: rows, mean: rows },
  };
}

/** The same task with other labels for some of its images. */
export const relabelled = (task: ClassificationTask, split: 'train' | 'validation' | 'test', labels: readonly number[]): ClassificationTask => ({ ...task, [split]: { ...task[split], labels } satisfies Labelled });
