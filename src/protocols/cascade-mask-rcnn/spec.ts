import { cascadeStages } from '../../models/detector/stages.js';
import { detectorSpec } from '../mask-rcnn/spec.js';

/** Its cascade form (Cai and Vasconcelos 2018): three box heads, each on the boxes of the one before. */
export const cascadeMaskRcnn = detectorSpec('cascade-mask-rcnn', 'as mask-rcnn, with three box heads of rising IoU, each on the boxes of the one before', cascadeStages);
