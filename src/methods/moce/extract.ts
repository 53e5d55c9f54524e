import { sizeOf } from '../../engine/feeds.js';
import type { VitConfig } from '../../models/config.js';
import { vitShapes } from '../../models/vit-shapes.js';
import type { EncoderWeights, Weights } from '../method.js';
import { mlpLayers } from './params.js';

/** One block's expert, and what its output is multiplied with. */
interface Taken { readonly block: number; readonly expert: number; readonly gate: number }

/**
 * The ordinary ViT that is left when the other experts are dropped. The gate's factor goes into the second layer, weight and
 * bias: the block then adds what the routed one adds for an image whose gate value is that factor.
 */
export function extracted(model: VitConfig, weights: Weights, taken: readonly Taken[]): EncoderWeights {
  const replaced = new Map(taken.flatMap(({ block, expert, gate }) => mlpLayers.flatMap((layer) => (['weight', 'bias'] as const).map((part) => {
    const name = `blocks.${block}.mlp.${layer}.${part}`;
    const { shape: [, ...shape], data } = weights.get(`blocks.${block}.mlp.experts.${layer}.${part}`)!;
    const size = sizeOf(shape);
    const own = data.slice(expert * size, (expert + 1) * size);
    return [name, { shape, data: layer === 'fc2' ? own.map((value) => value * gate) : own }] as const;
  }))));
  return new Map(vitShapes(model).map(({ name }) => [name, replaced.get(name) ?? weights.get(name)!]));
}
