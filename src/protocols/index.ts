import { fineTune } from './fine-tune/spec.js';
import { knn } from './knn/spec.js';
import { linear } from './linear/spec.js';
import { linearSegmentation } from './linear-segmentation/spec.js';
import type { ProtocolSpec } from './protocol.js';
import { upernet } from './upernet/spec.js';

/** Every protocol by name. Importing this loads no tensors. */
export const protocols: Readonly<Record<string, ProtocolSpec>> = { [fineTune.name]: fineTune, [linear.name]: linear, [knn.name]: knn, [upernet.name]: upernet, [linearSegmentation.name]: linearSegmentation };
