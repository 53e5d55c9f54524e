import { readFileSync } from 'node:fs';
import type { Compiled, FunctionSpec, ParamSpec } from '../../../src/engine/contract.js';
import { type Masks, masksOfNoise } from '../../../src/methods/mae/masks.js';
import { keptPatches } from '../../../src/methods/mae/kept.js';
import type { Clusters } from '../../../src/methods/method.js';
import type { MoceOptions } from '../../../src/methods/moce/options.js';
import { receivedBy } from '../../../src/methods/moce/gate-table.js';
import { moceParams } from '../../../src/methods/moce/params.js';
import { openEngine } from '../../engine/open.js';
import { seeded, seededPixels, type Summary, withSeeded } from '../../models/seeded.js';

type LossName = 'reconstruction' | 'importance' | 'load' | 'confidence' | 'distillation';
export interface Losses {
  readonly loss: number; readonly losses: Readonly<Record<LossName, number>>; readonly latent: Summary;
  readonly chosen: readonly (readonly number[])[]; readonly values: readonly Summary[]; readonly gradients: Readonly<Record<string, Summary>>;
}

/** Numbers from PyTorch in float64: scripts/reference/moce.py. */
interface Reference {
  readonly config: Readonly<Record<string, number>>;
  readonly blocks: readonly number[];
  readonly assignments: readonly number[];
  readonly names: readonly string[];
  readonly trained: readonly string[];
  readonly statistics: readonly { readonly largest: number; readonly dead: number; readonly entropy: number; readonly experts: readonly number[] }[];
  readonly cluster: Losses;
  readonly token: Losses;
  readonly training: {
    readonly base_lr: number; readonly warmup_epochs: number; readonly steps_per_epoch: number; readonly total_steps: number;
    readonly losses: readonly number[]; readonly rates: readonly number[]; readonly parameters: Readonly<Record<string, Summary>>;
  };
}
export const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference;
export const c = reference.config as Record<'image' | 'patch' | 'width' | 'depth' | 'heads' | 'ratio' | 'dec_width' | 'dec_depth' | 'dec_heads' | 'mask' | 'batch' | 'experts' | 'clusters' | LossName, number>;

export const model = { name: 'custom', imageSize: c.image, patchSize: c.patch, width: c.width, depth: c.depth, heads: c.heads, mlpRatio: c.ratio };
export const options: MoceOptions = {
  experts: { count: c.experts, blocks: 'last-two', group: 2 }, gate: 'cluster', noise_std: 1,
  clusters: { count: c.clusters, pool: 'mean', centred: true, algorithm: 'sinkhorn', epochs: 1, epsilon: 0.05, iterations: 3, temperature: 0.1, batch_size: 'auto', rate: 0.5, last_iterations: 100 },
  loss_weights: { importance: c.importance, load: c.load, confidence: c.confidence, distillation: c.distillation },
  search: { mode: 'vote', expert: 0, rank: 0 }, extract: { gate: 'mean' },
  mask_ratio: c.mask, decoder: { width: c.dec_width, depth: c.dec_depth, heads: c.dec_heads }, norm_pix_loss: true,
  base_lr: reference.training.base_lr, warmup_epochs: reference.training.warmup_epochs, weight_decay: 0.05, augment: {},
};
export const patches = (c.image / c.patch) ** 2;
export const kept = keptPatches(patches, c.mask);
export const layers = reference.blocks.length;

/** The centres come with the other seeded values. */
export const clusters: Clusters = { centres: { shape: [c.clusters, c.width], data: new Float32Array(c.clusters * c.width) }, assignments: Int32Array.from(reference.assignments) };
export const paramsOf = (own: MoceOptions): readonly ParamSpec[] => withSeeded(moceParams(model, own, 0, undefined, own.gate === 'token' ? null : clusters), reference.names);
export const params = paramsOf(options);

export const masks = (step: number): Masks => masksOfNoise(seeded(2000 + step, c.batch * patches), patches, kept);
export const noise = (step: number, rows: number): Float32Array => Float32Array.from(seeded(3000 + step, layers * rows * c.experts), (u) => u / c.experts);
export const clusterOf = (step: number): Int32Array => Int32Array.from({ length: c.batch }, (_, b) => (2 * b + step) % c.clusters);
/** What the experts are said to have received before: all alike, but for the last one. */
export const received = Float32Array.from({ length: c.experts }, (_, expert) => (expert === c.experts - 1 ? 0 : 10));
export const inputs = (step: number, own: MoceOptions = options) => ({
  images: seededPixels(1000 + step, c.batch * c.image * c.image * 3), ...masks(step),
  ...Object.fromEntries(reference.blocks.map((block) => [receivedBy(block), received])),
  ...(own.noise_std === 0 ? {} : { noise: noise(step, own.gate === 'token' ? c.batch * (kept + 1) : c.clusters) }),
  ...(own.gate === 'token' ? {} : { cluster: clusterOf(step) }),
});

/** With beta1 = 0 the first moment is the gradient itself. */
export async function compileOne(specs: readonly ParamSpec[], spec: FunctionSpec): Promise<Compiled> {
  const engine = await openEngine({ threads: 1 });
  return engine.compile({ params: specs, optimizer: { kind: 'adamw', beta1: 0, beta2: 0.95, epsilon: 1e-8 }, functions: { one: spec } });
}
