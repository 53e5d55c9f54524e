import { add, cast, cumsum, div, floor, gather, greaterEqual, matMul, minimum, mul, reshape, sub, sum, type Tensor, type Tensor1D, tensor2d, unsortedSegmentSum } from '@tensorflow/tfjs-core';
import type { Params } from '../../engine/contract.js';
import { gelu } from '../../models/gelu.js';
import { param } from '../../models/param.js';
import { gatherRows, scatterRows } from '../../models/rows.js';
import { withGradient, withoutGradient } from '../../models/with-gradient.js';
import type { DispatchShape } from './plan.js';

/** Where the units of a batch go. */
interface Dispatch {
  /** int32 [units]: the place of each in the groups. */
  readonly places: Tensor;
  /** int32 [groups]: the expert of each group. */
  readonly experts: Tensor;
}

/**
 * Units sorted by expert into groups of equal size, each group of one expert; within an expert they keep their order. There
 * are enough groups for any routing (`groupCount`), so no unit is dropped and every shape is known beforehand. Places that no
 * unit has, at the end of an expert's last group and in groups that nothing is left for, are rows of zeros, whose results
 * nothing reads. Whole numbers in float32 are exact up to 2^24 units. No gradient goes through it.
 *
 * @param chosen [units, N], one 1 a row
 */
export function dispatch(chosen: Tensor, { size, groups }: DispatchShape): Dispatch {
  const experts = chosen.shape[1]!;
  /** Groups that each expert fills, and where the last of them ends. */
  const filled = (): Tensor => floor(div(add(sum(chosen, 0), size - 1), size));
  const ends = (): Tensor => cumsum(filled());
  return {
    places: withoutGradient(() => {
      const rank = sub(cumsum(chosen, 0), 1);
      return cast(sum(mul(chosen, add(rank, mul(sub(ends(), filled()), size))), -1), 'int32');
    }),
    experts: withoutGradient(() => {
      const group = tensor2d(Float32Array.from({ length: groups }, (_, i) => i), [groups, 1]);
      const passed = cast(greaterEqual(group, reshape(ends(), [1, experts])), 'float32');
      return cast(minimum(sum(passed, -1), experts - 1), 'int32');
    }),
  };
}

/**
 * `x W^T + b` of each group with its expert's weights. Weights are gathered again for the gradient: they are the largest thing here.
 *
 * @param x [groups, R, in]
 * @param weight [N, out, in]
 * @param bias [N, out]
 * @param experts int32 [groups]
 * @returns [groups, R, out]
 */
export function expertLinear(x: Tensor, weight: Tensor, bias: Tensor, experts: Tensor): Tensor {
  const [count, out] = weight.shape as [number, number, number];
  const of = (table: Tensor, indices: Tensor): Tensor => gather(table, indices as Tensor1D);
  return withGradient(
    [x, weight, bias],
    (save) => {
      save([x, weight, experts]);
      return add(matMul(x, of(weight, experts), false, true), reshape(of(bias, experts), [experts.shape[0], 1, out]));
    },
    (dy, [savedX, savedWeight, indices]) => {
      const summed = (values: Tensor): Tensor => unsortedSegmentSum(values, indices as Tensor1D, count);
      return [matMul(dy, of(savedWeight!, indices!)), summed(matMul(dy, savedX!, true, false)), summed(sum(dy, 1))];
    },
  );
}

/**
 * Each unit through the MLP of its expert: `<name>.experts.fc1` [N, hidden, D], GELU, `<name>.experts.fc2` [N, D, hidden].
 *
 * @param x [units * rows, D]
 * @returns [units * rows, D]
 */
export function expertMlp(params: Params, name: string, x: Tensor, { places, experts }: Dispatch, { units, rows, size, groups }: DispatchShape): Tensor {
  const width = x.shape[1]!;
  const layer = (which: string, input: Tensor): Tensor => expertLinear(input, param(params, `${name}.experts.${which}.weight`), param(params, `${name}.experts.${which}.bias`), experts);
  const grouped = reshape(scatterRows(reshape(x, [units, rows * width]), places, groups * size), [groups, size * rows, width]);
  const out = layer('fc2', gelu(layer('fc1', grouped)));
  return reshape(gatherRows(reshape(out, [groups * size, rows * width]), places), x.shape);
}
