import { cascadeMaskRcnn } from './cascade-mask-rcnn/spec.js';
import { fineTune } from './fine-tune/spec.js';
import { knn } from './knn/spec.js';
import { linear } from './linear/spec.js';
import { linearSegmentation } from './linear-segmentation/spec.js';
import { maskRcnn } from './mask-rcnn/spec.js';
import type { ProtocolSpec } from './protocol.js';
import { upernet } from './upernet/spec.js';

/** Every protocol by name. Importing this loads no tensors. */
export const protocols: Readonly<Record<string, ProtocolSpec>> = Object.fromEntries(
  [fineTune, linear, knn, upernet, linearSegmentation, maskRcnn, cascadeMaskRcnn].map((spec) => [spec.name, spec]),
);
