import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { CompileSpec, InputSpec, Params, ParamSpec } from '../../engine/contract.js';
import { type BatchNorm, batchNorm, observedNorm, runningNorm } from '../../models/batch-norm.js';
import type { VitConfig } from '../../models/config.js';
import { resizeBilinear } from '../../models/resample.js';
import { evaluationBatch } from '../evaluation-batch.js';
import { adamW } from '../optimizer.js';
import { pixelCrossEntropy, pixelTargets } from './pixel-cross-entropy.js';
import { encoderParams } from './start-values.js';

/** What stands on the encoder. */
export interface SegmentationHead {
  params(model: VitConfig, classes: number, seed: number): readonly ParamSpec[];
  /** Logits [B, H, W, classes] at any size; `auxiliary` ones are trained too, at 0.4 of the loss. images: [B, S, S, 3], 0..255. */
  logits(model: VitConfig, params: Params, images: Tensor, norm: BatchNorm, dropPath?: Tensor): { readonly main: Tensor; readonly auxiliary?: () => Tensor };
}

/** Everything that a compiled segmentation model depends on, but for its values. */
interface SegmentationShape {
  /** On pictures of the size that the network takes. */
  readonly model: VitConfig;
  readonly classes: number;
  readonly batchSize: number;
  /** null: the encoder is not trained. */
  readonly layerDecay: number | null;
  /** Whether drop path is drawn. */
  readonly dropPath: boolean;
}

/** Weight of the auxiliary head's loss (mmsegmentation's UperNet). */
const auxiliaryWeight = 0.4;

/**
 * A segmentation network with the functions `train` (images, labels, drop_path where there is any; logits are resized to the
 * pictures), `evaluate` (images, gives `logits` [evaluationBatch, H, W, classes] as the head has them) and, where a head has batch norms,
 * `statistics` (images of a training batch; gives `observedNorm`'s, which `evaluate` needs as parameters).
 */
export function segmentationSpec(shape: SegmentationShape, head: SegmentationHead): CompileSpec {
  const { model, classes, batchSize } = shape;
  const side = model.imageSize;
  const images = (count: number): InputSpec => ({ shape: [count, side, side, 3], type: 'uint8' });
  const headParams = head.params(model, classes, 0);
  return {
    params: [...encoderParams(model, shape.layerDecay), ...headParams],
    optimizer: adamW,
    functions: {
      train: {
        kind: 'train',
        inputs: {
          images: images(batchSize),
          labels: { shape: [batchSize, side, side], type: 'uint8' },
          ...(shape.dropPath ? { drop_path: { shape: [2 * model.depth, batchSize], type: 'float32' } as const } : {}),
        },
        scalars: [],
        body: ({ params, inputs }) => {
          const targets = pixelTargets(inputs['labels']!, classes);
          const loss = (logits: Tensor): Tensor => pixelCrossEntropy(resizeBilinear(logits, side, side), targets);
          const { main, auxiliary } = head.logits(model, params, inputs['images']!, batchNorm, shape.dropPath ? inputs['drop_path'] : undefined);
          return { loss: auxiliary === undefined ? loss(main) : add(loss(main), mul(loss(auxiliary()), auxiliaryWeight)) };
        },
      },
      evaluate: {
        kind: 'evaluate',
        inputs: { images: images(evaluationBatch(model)) },
        scalars: [],
        body: ({ params, inputs }) => ({ logits: head.logits(model, params, inputs['images']!, runningNorm).main }),
      },
      ...(hasBatchNorms(headParams) ? { statistics: { kind: 'evaluate', inputs: { images: images(batchSize) }, scalars: [], body: ({ params, inputs }) => observed(head, model, params, inputs['images']!) } as const } : {}),
    },
  };
}

/** Whether values of a network depend on the statistics of its batches. */
export const hasBatchNorms = (params: readonly Pick<ParamSpec, 'name'>[]): boolean => params.some(({ name }) => name.endsWith('.running_mean'));

function observed(head: SegmentationHead, model: VitConfig, params: Params, images: Tensor): Record<string, Tensor> {
  const found: Record<string, Tensor> = {};
  head.logits(model, params, images, observedNorm(found));
  return found;
}
