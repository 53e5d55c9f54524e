import type { Tensor } from '@tensorflow/tfjs-core';
import type { CompileSpec, InputSpec, Params, ParamSpec } from '../../engine/contract.js';
import { sizeOf } from '../../engine/feeds.js';
import type { EncoderWeights } from '../../methods/method.js';
import type { VitConfig } from '../../models/config.js';
import { classify } from '../../models/heads.js';
import { poolTokens, vitShapes, vitTokens } from '../../models/vit.js';
import { stream } from '../../random.js';
import { encoderTensor } from '../encoder-tensor.js';
import { evaluationBatch } from '../evaluation-batch.js';
import { lrScale } from '../layer-decay.js';
import { adamW, decays } from '../optimizer.js';
import type { Pool } from '../pool.js';
import { crossEntropy } from './cross-entropy.js';

/** Everything that a compiled fine-tuning model depends on, but for its values. */
export interface FineTuneShape {
  readonly model: VitConfig;
  readonly classes: number;
  readonly pool: Pool;
  readonly batchSize: number;
  readonly layerDecay: number;
  /** Whether drop path is drawn. */
  readonly dropPath: boolean;
}

/**
 * Names and shapes of the classifier: the encoder's tensors, and behind them those of the head. With `mean` the encoder's
 * own last norm is left out for a new `fc_norm`, as in MAE.
 */
export function networkShapes({ model, classes, pool }: Pick<FineTuneShape, 'model' | 'classes' | 'pool'>): readonly { readonly name: string; readonly shape: readonly number[] }[] {
  const { width } = model;
  const encoder = vitShapes(model).filter(({ name }) => pool === 'cls' || !name.startsWith('norm.'));
  const norm = pool === 'mean' ? [{ name: 'fc_norm.weight', shape: [width] }, { name: 'fc_norm.bias', shape: [width] }] : [];
  return [...encoder, ...norm, { name: 'head.weight', shape: [classes, width] }, { name: 'head.bias', shape: [classes] }];
}

/** Standard deviation of the head's first weights in MAE's main_finetune.py: nearly zero, so that all classes start alike. */
const headStd = 2e-5;

/** Values to start from: the encoder's, norm 1 and 0, head normal with std 2e-5 by (seed, task) and zero bias. */
export function startValues(shape: Pick<FineTuneShape, 'model' | 'classes' | 'pool'>, encoder: EncoderWeights, seed: number, task: string): ReadonlyMap<string, Float32Array> {
  return new Map(networkShapes(shape).map(({ name, shape: dimensions }) => {
    const size = sizeOf(dimensions);
    if (name === 'fc_norm.weight') return [name, new Float32Array(size).fill(1)] as const;
    if (name === 'fc_norm.bias' || name === 'head.bias') return [name, new Float32Array(size)] as const;
    if (name === 'head.weight') {
      const draws = stream(seed, `fine-tune/head/${task}`);
      return [name, Float32Array.from({ length: size }, () => headStd * draws.normal())] as const;
    }
    return [name, encoderTensor(encoder, name, dimensions)] as const;
  }));
}

const logitsOf = (shape: FineTuneShape, params: Params, images: Tensor, dropPath?: Tensor): Tensor => {
  const tokens = vitTokens(shape.model, params, images, dropPath === undefined ? {} : { dropPath });
  return classify(params, poolTokens(shape.model, params, tokens, shape.pool, shape.pool === 'mean' ? 'fc_norm' : 'norm'));
};

/**
 * The classifier with two functions: `train` (images, targets, drop_path where there is any) and `evaluate` (images, gives
 * `logits` [evaluationBatch, classes]). AdamW as methods.md 1.4.
 */
export function fineTuneSpec(shape: FineTuneShape): CompileSpec {
  const { model, classes, batchSize } = shape;
  const images = (count: number): InputSpec => ({ shape: [count, model.imageSize, model.imageSize, 3], type: 'uint8' });
  const params: readonly ParamSpec[] = networkShapes(shape).map(({ name, shape: dimensions }) => ({
    name,
    shape: dimensions,
    value: new Float32Array(sizeOf(dimensions)),
    trainable: true,
    decay: decays(name, dimensions),
    lrScale: lrScale(name, model.depth, shape.layerDecay),
  }));
  return {
    params,
    optimizer: adamW,
    functions: {
      train: {
        kind: 'train',
        inputs: {
          images: images(batchSize),
          targets: { shape: [batchSize, classes], type: 'float32' },
          ...(shape.dropPath ? { drop_path: { shape: [2 * model.depth, batchSize], type: 'float32' } as const } : {}),
        },
        scalars: [],
        body: ({ params: values, inputs }) => ({ loss: crossEntropy(logitsOf(shape, values, inputs['images']!, shape.dropPath ? inputs['drop_path'] : undefined), inputs['targets']!) }),
      },
      evaluate: {
        kind: 'evaluate',
        inputs: { images: images(evaluationBatch(model)) },
        scalars: [],
        body: ({ params: values, inputs }) => ({ logits: logitsOf(shape, values, inputs['images']!) }),
      },
    },
  };
}
