import { readFileSync } from 'node:fs';
import type { BodyArguments, Compiled, FunctionSpec, ParamSpec } from '../../../src/engine/contract.js';
import type { Masks } from '../../../src/methods/mae/masks.js';
import { mixOfNoise } from '../../../src/methods/group-masks.js';
import type { MixedaeOptions } from '../../../src/methods/mixedae/options.js';
import { mixedaeParams } from '../../../src/methods/mixedae/params.js';
import { vitParams } from '../../../src/models/vit.js';
import { openEngine } from '../../engine/open.js';
import { seeded, seededPixels, type Summary, withSeeded } from '../../models/seeded.js';

interface Losses { readonly loss: number; readonly reconstruction: number; readonly contrastive: number; readonly gradients: Readonly<Record<string, Summary>> }
interface Attention { readonly attended: Summary; readonly gradient: Summary; readonly selected: readonly number[] }

/** Numbers from PyTorch in float64: scripts/reference/mixedae.py. */
interface Reference {
  readonly config: Readonly<Record<string, number>>;
  readonly names: readonly string[];
  readonly alone: {
    readonly shape: readonly [number, number, number, number, number];
    readonly apart: Attention;
    readonly alike: Attention;
    readonly projector_1: Summary;
    readonly projector_3: Summary;
    readonly contrast: { readonly shape: readonly [number, number, number, number]; readonly temperature: number; readonly loss: number; readonly gradient: Summary };
  };
  readonly norm_pix: Losses;
  readonly raw: Losses;
  readonly forward: { readonly which: readonly number[]; readonly shares: readonly number[]; readonly latent: Summary; readonly predicted: Summary };
  readonly naive: number;
  readonly training: {
    readonly base_lr: number; readonly warmup_epochs: number; readonly steps_per_epoch: number; readonly total_steps: number;
    readonly losses: readonly number[]; readonly rates: readonly number[]; readonly parameters: Readonly<Record<string, Summary>>;
  };
}
export const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference;
export const c = reference.config as Record<'image' | 'patch' | 'width' | 'depth' | 'heads' | 'ratio' | 'dec_width' | 'dec_depth' | 'dec_heads' | 'batch' | 'images' | 'topk' | 'projector' | 'weight' | 'temperature', number>;

export const model = { name: 'custom', imageSize: c.image, patchSize: c.patch, width: c.width, depth: c.depth, heads: c.heads, mlpRatio: c.ratio };
export const options: MixedaeOptions = {
  mixing_ratio: 1 / c.images, segment_embed: true, topk: 'auto', topk_blocks: 'all-but-first', topk_class_token: 'apart',
  contrastive: { weight: c.weight, temperature: c.temperature, width: c.projector, depth: 2 },
  decoder: { width: c.dec_width, depth: c.dec_depth, heads: c.dec_heads }, norm_pix_loss: true,
  base_lr: reference.training.base_lr, warmup_epochs: reference.training.warmup_epochs, weight_decay: 0.05, augment: {},
};
export const patches = (c.image / c.patch) ** 2;
export const own = patches / c.images;
export const groups = c.batch / c.images;

export const paramsOf = (own: MixedaeOptions): readonly ParamSpec[] => withSeeded([...vitParams(model, 0), ...mixedaeParams(model, own, 0)], reference.names);
export const masks = (step: number): Masks => mixOfNoise(seeded(2100 + step, groups * patches), patches, c.images);
export const inputs = (step: number) => ({ images: seededPixels(1100 + step, c.batch * c.image * c.image * 3), ...masks(step) });

export async function compileOne(params: readonly ParamSpec[], spec: FunctionSpec): Promise<Compiled> {
  const engine = await openEngine({ threads: 1 });
  return engine.compile({ params, optimizer: { kind: 'adamw', beta1: 0, beta2: 0.95, epsilon: 1e-8 }, functions: { one: spec } });
}

/** A function of its parameters alone. */
export const evaluation = (body: (args: BodyArguments) => ReturnType<FunctionSpec['body']>): FunctionSpec => ({ kind: 'evaluate', inputs: {}, scalars: [], body });

export const parameter = (name: string, shape: readonly number[], value: ArrayLike<number>): ParamSpec =>
  ({ name, shape, value: Float32Array.from(value), trainable: true, decay: false, lrScale: 1 });
