import { type BoxStage, singleStage } from '../../models/detector/stages.js';
import { SuiteError } from '../../errors.js';
import type { JsonObject } from '../../files.js';
import { gridSize } from '../grid-size.js';
import type { ProtocolSpec, TaskShape } from '../protocol.js';
import { maskRcnnOptions, maskRcnnSchema } from './options.js';
import { detectorFlops, detectorShape, type Passes, passesOf } from './work.js';

/** A protocol of this family: the same but for its box heads. */
export function detectorSpec(name: string, description: string, stages: readonly BoxStage[]): ProtocolSpec {
  const passes = (options: JsonObject, sizes: Pick<TaskShape, 'train' | 'validation' | 'test'>): Passes => {
    const tries = gridSize(options, ['lr', 'layer_decay']);
    return passesOf(maskRcnnOptions(name, options), tries > 1 ? tries : 0, sizes);
  };
  return {
    name,
    description,
    judges: 'detection',
    schema: maskRcnnSchema,
    needs: 'encoder',
    modules: ['protocols/mask-rcnn/run.js'],
    images: (options, sizes) => {
      const { trained, searched } = passes(options, sizes);
      return { trained, evaluated: searched };
    },
    // As if objects had masks: annotations are not read for a plan.
    flops: (options, shape) => {
      if (shape.side === undefined) throw new SuiteError('the size of its pictures is not known', { where: `protocol ${name}` });
      const model = { name: 'custom', imageSize: shape.side, patchSize: 1, width: shape.width, depth: 1, heads: 1, mlpRatio: 1 };
      const filled = maskRcnnOptions(name, options);
      return detectorFlops(detectorShape(filled, stages, model, shape.classes, true), filled, passes(options, shape));
    },
    load: async () => (await import('./run.js')).detectorProtocol(name, stages),
  };
}

/** Mask R-CNN (He et al. 2017) on ViTDet's simple feature pyramid (Li et al. 2022). */
export const maskRcnn = detectorSpec('mask-rcnn', 'the whole encoder with a simple feature pyramid and Mask R-CNN\'s heads, by AdamW with layer-wise learning rate decay', singleStage);
