import { gather, mul, reshape, slice, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { Params } from '../../engine/contract.js';
import type { VitConfig } from '../../models/config.js';
import { layerNormLayer } from '../../models/layer-norm.js';
import { param } from '../../models/param.js';
import { encode } from '../../models/vit.js';
import { dispatch, expertMlp } from './dispatch.js';
import { gate, type Gate } from './gate.js';
import type { MoceOptions } from './options.js';
import { dispatchShape, expertBlocks } from './plan.js';

export interface Routing {
  /** int32 [B]; where the gate is of clusters. */
  readonly cluster?: Tensor | undefined;
  /** [layers, clusters or B * T, N]; undefined: none. */
  readonly noise?: Tensor | undefined;
}

export interface Encoded {
  /** After the final norm, class token first: [B, T, D]. */
  readonly tokens: Tensor;
  /** By block with experts. Units are the batch's images, or its tokens. */
  readonly gates: ReadonlyMap<number, Gate>;
}

/**
 * The encoder with experts. Where an ordinary block has its MLP, each unit has the chosen expert's output times the gate's
 * value. embedded: [B, K, D], see `embedPatches`.
 */
export function encodeRouted(model: VitConfig, options: Pick<MoceOptions, 'experts' | 'gate'>, params: Params, embedded: Tensor, routing: Routing): Encoded {
  const blocks = expertBlocks(model.depth, options.experts.blocks);
  const gates = new Map<number, Gate>();
  const feed = (block: number) => (!blocks.includes(block) ? undefined : (own: Params, name: string, x: Tensor): Tensor => {
    const [batch, tokens, width] = x.shape as [number, number, number];
    const shape = dispatchShape(options, batch, tokens);
    const flat = reshape(x, [batch * tokens, width]);
    const chosen = gate(param(own, `${name}.gate.weight`), conditionsOf(own, flat, routing), noiseOf(routing, blocks.indexOf(block)));
    gates.set(block, chosen);
    const out = expertMlp(own, name, flat, dispatch(chosen.chosen, shape), shape);
    return reshape(mul(reshape(out, [shape.units, shape.rows * width]), chosen.value), x.shape);
  });
  return { tokens: layerNormLayer(params, 'norm', encode(model, params, embedded, { feed })), gates };
}

/** What the gate looks at: [units, D]. No gradient is needed for centres. */
const conditionsOf = (params: Params, tokens: Tensor, { cluster }: Routing): Tensor => (cluster === undefined ? tokens : rowsOf(param(params, 'centres'), cluster));

function noiseOf({ noise, cluster }: Routing, layer: number): Tensor | undefined {
  if (noise === undefined) return undefined;
  const [, rows, experts] = noise.shape as [number, number, number];
  const own = reshape(slice(noise, [layer, 0, 0], [1, rows, experts]), [rows, experts]);
  return cluster === undefined ? own : rowsOf(own, cluster);
}

const rowsOf = (table: Tensor, rows: Tensor): Tensor => gather(table, rows as Tensor1D);
