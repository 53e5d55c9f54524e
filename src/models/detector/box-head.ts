import { relu, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../../engine/contract.js';
import { linearParams, normal, trained } from '../init.js';
import { linearLayer } from '../linear.js';

/** `cells`: values a side of a region. */
interface BoxHeadSize { readonly cells: number; readonly channels: number; readonly hidden: number; readonly classes: number }

/**
 * Two hidden layers, then a class and one box, whatever its class (Cascade R-CNN's; Mask R-CNN tells one a class, each of which learns
 * from its own class alone). First weights of the outputs: std 0.01 and 0.001 as in Detectron2.
 */
export function boxHeadParams(name: string, { cells, channels, hidden, classes }: BoxHeadSize, seed: number): readonly ParamSpec[] {
  const output = (part: string, size: number, std: number): readonly ParamSpec[] => [
    trained(`${name}.${part}.weight`, [size, hidden], normal(`${name}.${part}.weight`, [size, hidden], std, seed)),
    trained(`${name}.${part}.bias`, [size], new Float32Array(size)),
  ];
  return [
    ...linearParams(`${name}.fc1`, hidden, cells * cells * channels, seed),
    ...linearParams(`${name}.fc2`, hidden, hidden, seed),
    ...output('cls_score', classes + 1, 0.01),
    ...output('bbox_pred', 4, 0.001),
  ];
}

export interface BoxHeadOutput {
  /** [N, C + 1], the background last. */
  readonly logits: Tensor;
  /** [N, 4], what leads from each region to its object's box. */
  readonly deltas: Tensor;
}

/** regions: [N, cells, cells, channels] */
export function boxHead(params: Params, name: string, regions: Tensor): BoxHeadOutput {
  const count = regions.shape[0];
  const first = relu(linearLayer(params, `${name}.fc1`, reshape(regions, [count, regions.size / count])));
  const hidden = relu(linearLayer(params, `${name}.fc2`, first));
  return { logits: linearLayer(params, `${name}.cls_score`, hidden), deltas: linearLayer(params, `${name}.bbox_pred`, hidden) };
}
