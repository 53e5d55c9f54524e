import type { CompileSpec, HostArray } from '../../src/engine/contract.js';
import { maeMethod } from '../../src/methods/mae/step.js';
import { mixedaeMethod } from '../../src/methods/mixedae/step.js';
import { dropPathDraws } from '../../src/models/drop-path-draws.js';
import { vitParams } from '../../src/models/vit.js';
import { extractSpec } from '../../src/protocols/extract.js';
import { fineTuneSpec, startValues, type FineTuneShape } from '../../src/protocols/fine-tune/network.js';
import { smoothTargets } from '../../src/protocols/fine-tune/targets.js';
import { stream } from '../../src/random.js';
import type { Case } from '../cases.js';
import { methodOptions } from '../method-options.js';

/** A case with its values: what is compiled, and the batches that go round. A function of the case alone. */
export interface Workload {
  readonly spec: CompileSpec;
  readonly function: string;
  readonly batches: readonly Readonly<Record<string, HostArray>>[];
  readonly scalars: Readonly<Record<string, number>>;
}

const seed = 1;
const batchCount = 2;
const rates = { lr: 1e-3, weight_decay: 0.05 };

function images({ model, batch }: Case, index: number): Uint8Array {
  const draws = stream(seed, 'bench/images', index);
  return Uint8Array.from({ length: batch * model.imageSize ** 2 * 3 }, () => draws.uint32() >>> 24);
}

const batchesOf = (make: (index: number) => Readonly<Record<string, HostArray>>): Workload['batches'] => Array.from({ length: batchCount }, (_, index) => make(index));

export function workload(one: Case): Workload {
  const { model, batch, classes, step } = one;
  switch (step) {
    case 'mae':
    case 'mixedae': {
      const recipe = (step === 'mae' ? maeMethod : mixedaeMethod).build({ model, options: methodOptions(step, one), batchSize: batch, seed, totalSteps: 1000, stepsPerEpoch: 100 });
      return {
        spec: { params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train } },
        function: 'train',
        batches: batchesOf((index) => ({ images: images(one, index), ...recipe.draws(index) })),
        scalars: rates,
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
      };
    }
    default: {
      const never: never = step;
      return never;
    }
  }
}

