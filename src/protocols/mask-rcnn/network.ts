import { addN } from '@tensorflow/tfjs-core';
import type { CompileSpec, InputSpec } from '../../engine/contract.js';
import type { EncoderWeights } from '../../methods/method.js';
import { anchorCount, detect, detectorLosses, detectorMaps, detectorMasks, detectorParams, type DetectorShape } from '../../models/detector/index.js';
import type { VitConfig } from '../../models/config.js';
import { encoderParams, encoderValues } from '../dense/start-values.js';
import { adamW } from '../optimizer.js';

/** Everything that a compiled detector depends on, but for its values. */
export interface MaskRcnnShape {
  readonly detector: DetectorShape;
  readonly batchSize: number;
  readonly evaluationBatch: number;
  /** Objects that a picture has room for. */
  readonly objects: number;
  readonly proposals: number;
  readonly regions: number;
  readonly layerDecay: number;
  readonly dropPath: boolean;
}

/** Values to start from: the encoder's, positions interpolated, and those of the rest by the seed. own: the encoder's shape. */
export const startValues = (shape: DetectorShape, encoder: EncoderWeights, own: VitConfig, seed: number): ReadonlyMap<string, Float32Array> =>
  new Map([...encoderValues(encoder, own, shape.model), ...detectorParams(shape, seed).map(({ name, value }) => [name, value] as const)]);

/** `train` (inputs of `trainingBatch`) and `find` (images and extents; gives boxes, scores and, where objects have masks, masks). */
export function maskRcnnSpec(shape: MaskRcnnShape): CompileSpec {
  const { detector, batchSize, evaluationBatch, objects, proposals, regions } = shape;
  const { model, mask } = detector;
  const size = model.imageSize;
  const counts = { perLevel: proposals, count: proposals, regions };
  const images = (count: number): InputSpec => ({ shape: [count, size, size, 3], type: 'uint8' });
  const numbers = (...dimensions: readonly number[]): InputSpec => ({ shape: dimensions, type: 'float32' });
  const anchors = anchorCount(detector);
  return {
    params: [
      ...encoderParams(model, shape.layerDecay),
      ...detectorParams(detector, 0).map((param) => ({ ...param, value: new Float32Array(param.value.length) })),
    ],
    optimizer: adamW,
    functions: {
      train: {
        kind: 'train',
        inputs: {
          images: images(batchSize),
          extents: numbers(batchSize, 2),
          boxes: numbers(batchSize, objects, 4),
          present: numbers(batchSize, objects),
          labels: { shape: [batchSize, objects], type: 'int32' },
          anchor_labels: numbers(batchSize, anchors),
          anchor_boxes: numbers(batchSize, anchors, 4),
          draws: numbers(batchSize, proposals + objects),
          ...(mask === null ? {} : { masks: { shape: [batchSize, objects, size, size], type: 'uint8' } as const, masked: numbers(batchSize, objects) }),
          ...(shape.dropPath ? { drop_path: numbers(2 * model.depth, batchSize) } : {}),
        },
        scalars: [],
        body: ({ params, inputs }) => {
          const maps = detectorMaps(detector, params, inputs['images']!, shape.dropPath ? inputs['drop_path'] : undefined);
          const truth = {
            boxes: inputs['boxes']!, present: inputs['present']!, labels: inputs['labels']!, extents: inputs['extents']!,
            masks: mask === null ? null : { values: inputs['masks']!, present: inputs['masked']! },
            rpn: { labels: inputs['anchor_labels']!, boxes: inputs['anchor_boxes']! },
          };
          const losses = detectorLosses(detector, params, maps, truth, inputs['draws']!, counts);
          return { loss: addN(Object.values(losses)), ...losses };
        },
      },
      find: {
        kind: 'evaluate',
        inputs: { images: images(evaluationBatch), extents: numbers(evaluationBatch, 2) },
        scalars: [],
        body: ({ params, inputs }) => {
          const maps = detectorMaps(detector, params, inputs['images']!);
          const { boxes, scores } = detect(detector, params, maps, inputs['extents']!, counts);
          return { boxes, scores, ...(mask === null ? {} : { masks: detectorMasks(detector, params, maps, boxes) }) };
        },
      },
    },
  };
}
