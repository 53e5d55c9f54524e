import { type BoxStage, singleStage } from '../../models/detector/stages.js';
import { picturesSeen } from '../dense/images.js';
import { pictureSize } from '../dense/picture-size.js';
import type { ProtocolSpec } from '../protocol.js';
import { maskRcnnOptions, maskRcnnSchema, searched } from './options.js';
import { detectorFlops, detectorShape } from './work.js';

/** A protocol of this family: the same but for its box heads. */
export const detectorSpec = (name: string, description: string, stages: readonly BoxStage[]): ProtocolSpec => ({
  name,
  description,
  judges: 'detection',
  schema: maskRcnnSchema,
  needs: 'encoder',
  modules: ['protocols/mask-rcnn/run.js'],
  images: (options, sizes) => {
    const { trained, predicted } = picturesSeen(maskRcnnOptions(name, options), searched, sizes);
    return { trained, evaluated: predicted };
  },
  // As if objects had masks: annotations are not read for a plan.
  flops: (json, shape) => {
    const options = maskRcnnOptions(name, json);
    const model = { name: 'custom', imageSize: pictureSize(shape, name).side, patchSize: 1, width: shape.width, depth: 1, heads: 1, mlpRatio: 1 };
    return detectorFlops(detectorShape(options, stages, model, shape.classes, true), options, picturesSeen(options, searched, shape));
  },
  load: async () => (await import('./run.js')).detectorProtocol(name, stages),
});

/** Mask R-CNN (He et al. 2017) on ViTDet's simple feature pyramid (Li et al. 2022). */
export const maskRcnn = detectorSpec('mask-rcnn', 'the whole encoder with a simple feature pyramid and Mask R-CNN\'s heads, by AdamW with layer-wise learning rate decay', singleStage);
