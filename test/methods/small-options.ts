import { join } from 'node:path';
import { expect } from 'vitest';
import type { JsonObject } from '../../src/files.js';
import { methods } from '../../src/methods/index.js';
import type { Clusters, MethodArguments, TrainMethod, Weights } from '../../src/methods/method.js';
import type { VitConfig } from '../../src/models/config.js';
import { vitParams } from '../../src/models/vit.js';
import { stream } from '../../src/random.js';
import { writeSafetensors } from '../../src/training/safetensors.js';
import { temporaryFolder } from '../temporary-folder.js';
import { ajvOf } from '../../src/suite/validate.js';

/** The encoder that the tests of all methods pre-train. */
export const smallModel: VitConfig = { name: 'custom', imageSize: 16, patchSize: 4, width: 32, depth: 2, heads: 2, mlpRatio: 2 };

/** Options that a method needs or that make it small; its defaults fill in the rest. */
export const small: Readonly<Record<string, () => Promise<JsonObject>>> = {
  mae: async () => ({ decoder: { width: 16, depth: 1, heads: 2 }, warmup_epochs: 1, base_lr: 0.05 }),
  moce: async () => ({
    decoder: { width: 16, depth: 1, heads: 2 }, warmup_epochs: 1, base_lr: 0.05, experts: { count: 3, blocks: [1], group: 2 }, clusters: { count: 6 },
  }),
  mixedae: async () => ({ decoder: { width: 16, depth: 1, heads: 2 }, warmup_epochs: 1, base_lr: 0.05 }),
  ibot: async () => ({
    local_crops: { count: 2 }, head: { out_dim: 64, hidden: 32, bottleneck: 16 }, teacher_temperature: { warmup_epochs: 2 }, warmup_epochs: 1, base_lr: 0.05,
  }),
  scratch: async () => ({}),
  checkpoint: async () => {
    const path = join(temporaryFolder(), 'encoder.safetensors');
    await writeSafetensors(path, new Map(vitParams(smallModel, 9).map(({ name, shape, value }) => [name, { shape, data: value }])));
    return { path };
  },
};

/**
 * What must fall while a method trains, of a step's outputs of rank 0, where that is not the loss. iBOT's loss holds the entropy
 * of its teacher, which rises as the centre moves; the student's distance from the teacher is left without it.
 */
export const falling: Readonly<Record<string, (outputs: Readonly<Record<string, number>>) => number>> = {
  ibot: ({ loss_cls, teacher_entropy }) => loss_cls! - teacher_entropy!,
};

export const validator = (schema: JsonObject) => ajvOf({ useDefaults: true, strict: true, allErrors: true }).compile(schema);

export async function optionsOf(name: string): Promise<JsonObject> {
  const options: JsonObject = structuredClone(await small[name]!());
  const validate = validator(methods[name]!.schema);
  expect(validate(options), JSON.stringify(validate.errors)).toBe(true);
  return options;
}

/** What a method begins with, where it must: fresh weights of a start, and clusters of 40 images around random centres. */
export async function givenTo(name: string, options: JsonObject, seed: number): Promise<Pick<MethodArguments, 'start' | 'clusters'>> {
  const { startsFrom, clusters } = methods[name]!;
  const asked = clusters?.(options);
  return {
    ...(startsFrom?.required === true ? { start: await freshWeights(startsFrom.methods[0]!, seed) } : {}),
    ...(asked === undefined ? {} : { clusters: randomClusters(asked.count, seed) }),
  };
}

async function freshWeights(name: string, seed: number): Promise<Weights> {
  const method = (await methods[name]!.load()) as TrainMethod;
  const { params } = method.build({ model: smallModel, options: await optionsOf(name), batchSize: 4, seed, totalSteps: 10, stepsPerEpoch: 5 });
  return new Map(params.map(({ name: tensor, shape, value }) => [tensor, { shape, data: value }]));
}

function randomClusters(count: number, seed: number): Clusters {
  const draws = stream(seed, 'test/clusters');
  const data = Float32Array.from({ length: count * smallModel.width }, () => draws.normal() / Math.sqrt(smallModel.width));
  return { centres: { shape: [count, smallModel.width], data }, assignments: Int32Array.from({ length: 40 }, (_, i) => i % count) };
}
