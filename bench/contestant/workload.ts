import type { CompileSpec, HostArray } from '../../src/engine/contract.js';
import type { JsonObject } from '../../src/files.js';
import { ibotMethod } from '../../src/methods/ibot/step.js';
import { maeMethod } from '../../src/methods/mae/step.js';
import type { TrainRecipe } from '../../src/methods/method.js';
import { mixedaeMethod } from '../../src/methods/mixedae/step.js';
import { dropPathDraws } from '../../src/models/drop-path-draws.js';
import { vitParams } from '../../src/models/vit.js';
import { extractSpec } from '../../src/protocols/extract.js';
import { fineTuneSpec, startValues, type FineTuneShape } from '../../src/protocols/fine-tune/network.js';
import { smoothTargets } from '../../src/protocols/fine-tune/targets.js';
import { stream } from '../../src/random.js';
import type { Case } from '../cases.js';
import { methodOptions, type Pretraining } from '../method-options.js';

/** A case with its values: what is compiled, and the batches that go round. A function of the case alone. */
export interface Workload {
  readonly spec: CompileSpec;
  readonly function: string;
  readonly batches: readonly Readonly<Record<string, HostArray>>[];
  readonly scalars: Readonly<Record<string, number>>;
  /** Of each batch, and of none that a loader makes: what a step hands to the next. It stays as it is before the first, which changes no speed. */
  readonly carried: Readonly<Record<string, HostArray>>;
}

const seed = 1;
const batchCount = 2;
const rates = { lr: 1e-3, weight_decay: 0.05 };

function noise(bytes: number, index: number, purpose = 'bench/images'): Uint8Array {
  const draws = stream(seed, purpose, index);
  return Uint8Array.from({ length: bytes }, () => draws.uint32() >>> 24);
}

const images = ({ model, batch }: Case, index: number): Uint8Array => noise(batch * model.imageSize ** 2 * 3, index);

/** The pictures of a pre-training step: `images`, or an array for each name of the recipe's views. */
function pretrainingImages(one: Case, { views }: TrainRecipe, index: number): Readonly<Record<string, Uint8Array>> {
  if (views === undefined) return { images: images(one, index) };
  const bytes = new Map<string, number>();
  for (const { name, size } of views) bytes.set(name, (bytes.get(name) ?? 0) + one.batch * size ** 2 * 3);
  return Object.fromEntries([...bytes].map(([name, length]) => [name, noise(length, index, `bench/${name}`)]));
}

const methods = { mae: maeMethod, mixedae: mixedaeMethod, ibot: ibotMethod };

/** A pre-training step as the method builds it. */
export const recipeOf = (method: Pretraining, one: Case, changes: JsonObject = {}): TrainRecipe =>
  methods[method].build({ model: one.model, options: methodOptions(method, one, changes), batchSize: one.batch, seed, totalSteps: 1000, stepsPerEpoch: 100 });

const batchesOf = (make: (index: number) => Readonly<Record<string, HostArray>>): Workload['batches'] => Array.from({ length: batchCount }, (_, index) => make(index));

export function workload(one: Case): Workload {
  const { model, batch, classes, step } = one;
  switch (step) {
    case 'mae':
    case 'mixedae':
    case 'ibot': {
      const recipe = recipeOf(step, one);
      const carried = Object.fromEntries(recipe.carried ?? []);
      return {
        spec: { params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train } },
        function: 'train',
        batches: batchesOf((index) => ({ ...pretrainingImages(one, recipe, index), ...recipe.draws(index), ...carried })),
        scalars: { ...recipe.schedule(0), ...rates },
        carried,
      };
    }
    case 'fine-tune': {
      const shape: FineTuneShape = { model, classes, pool: 'mean', batchSize: batch, layerDecay: 0.75, dropPath: true };
      const { params, optimizer, functions } = fineTuneSpec(shape);
      const encoder = new Map(vitParams(model, seed).map(({ name, shape: dimensions, value }) => [name, { shape: dimensions, data: value }]));
      const values = startValues(shape, encoder, seed, 'bench');
      return {
        spec: { params: params.map((param) => ({ ...param, value: values.get(param.name)! })), optimizer: optimizer!, functions: { train: functions['train']! } },
        function: 'train',
        batches: batchesOf((index) => ({
          images: images(one, index),
          targets: smoothTargets(Array.from({ length: batch }, (_, i) => (7 * i + index) % classes), classes, 0.1),
          drop_path: dropPathDraws(model.depth, 0.1, batch, seed, index),
        })),
        scalars: rates,
        carried: {},
      };
    }
    case 'features': {
      const { params, functions } = extractSpec(model, batch);
      const values = new Map(vitParams(model, seed).map(({ name, value }) => [name, value]));
      return {
        spec: { params: params.map((param) => ({ ...param, value: values.get(param.name)! })), functions },
        function: 'features',
        batches: batchesOf((index) => ({ images: images(one, index) })),
        scalars: {},
        carried: {},
      };
    }
    default: {
      const never: never = step;
      return never;
    }
  }
}

