import { matMul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from '../../engine/contract.js';
import { gelu } from '../../models/gelu.js';
import { normal, trained } from '../../models/init.js';
import { linearLayer } from '../../models/linear.js';
import { param } from '../../models/param.js';
import { stream } from '../../random.js';
import type { IbotOptions } from './options.js';
import { unitRows } from './unit-rows.js';

const last = 'head.last_layer.weight_v';

/** `head.mlp.0`, `.2` and `.4`, normal with deviation 0.02 and zero biases, and prototypes [K, bottleneck], as the reference begins. */
export function headParams(width: number, { hidden, bottleneck, out_dim: prototypes }: IbotOptions['head'], seed: number): readonly ParamSpec[] {
  const layers = [['head.mlp.0', hidden, width], ['head.mlp.2', hidden, hidden], ['head.mlp.4', bottleneck, hidden]] as const;
  const draws = stream(seed, `init/${last}`);
  const bound = 1 / Math.sqrt(bottleneck);
  return [
    ...layers.flatMap(([name, out, into]) => [
      trained(`${name}.weight`, [out, into], normal(`${name}.weight`, [out, into], 0.02, seed)),
      trained(`${name}.bias`, [out], new Float32Array(out)),
    ]),
    trained(last, [prototypes, bottleneck], Float32Array.from({ length: prototypes * bottleneck }, () => draws.between(-bound, bound))),
  ];
}

/** A head by its parameters: tokens [..., D] to cosines with the prototypes [..., K]. `gate`: of the last layer's gradient. */
export function head(params: Params, gate?: Tensor): (tokens: Tensor) => Tensor {
  const prototypes = unitRows(param(params, last), gate);
  return (tokens) => {
    const rows = reshape(tokens, [-1, tokens.shape.at(-1)!]);
    const hidden = gelu(linearLayer(params, 'head.mlp.2', gelu(linearLayer(params, 'head.mlp.0', rows))));
    const cosines = matMul(unitRows(linearLayer(params, 'head.mlp.4', hidden)), prototypes, false, true);
    return reshape(cosines, [...tokens.shape.slice(0, -1), prototypes.shape[0]]);
  };
}
