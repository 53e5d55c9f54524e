import type { VitConfig } from '../../models/config.js';
import { detectorMacs } from '../../models/detector/flops.js';
import { type DetectorShape, regionRule } from '../../models/detector/shape.js';
import type { BoxStage } from '../../models/detector/stages.js';
import type { SimpleLevel } from '../../models/pyramid.js';
import type { MaskRcnnOptions } from './options.js';

/** The network that options come to. model: with the pictures' size. */
export const detectorShape = (options: MaskRcnnOptions, stages: readonly BoxStage[], model: VitConfig, classes: number, masks: boolean): DetectorShape => ({
  model, classes, stages,
  levels: options.strides.map((stride) => (Math.log2(stride) + 2) as SimpleLevel),
  anchorCells: options.anchor,
  channels: options.channels,
  boxCells: options.box_size,
  hidden: options.hidden,
  mask: masks ? { side: options.mask_size, convolutions: options.mask_convolutions } : null,
});

/** Pictures through the network. */
interface Passes { readonly trained: number; readonly predicted: number }

/** Operations behind the encoder: multiply-adds counted twice, a step's backward pass as two forward ones. */
export function detectorFlops(shape: DetectorShape, { proposals, regions }: MaskRcnnOptions, { trained, predicted }: Passes): number {
  const learnt = detectorMacs(shape, { boxes: regions, masks: regionRule(regions, shape.stages[0]!).foreground });
  return 2 * (3 * trained * learnt + predicted * detectorMacs(shape, { boxes: proposals, masks: proposals }));
}
