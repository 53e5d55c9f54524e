import { JobError } from '../../errors.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import type { Projector } from '../../models/flops.js';
import { imagesPerGroup } from './groups.js';
import type { MixedaeOptions } from './options.js';

/** What the options come to for a model. */
interface MixPlan {
  /** Images of a group, n. */
  readonly images: number;
  /** Patches that each keeps, L / n. */
  readonly own: number;
  /** Keys of a patch in the blocks with a selection; null: all attention is ordinary. */
  readonly topk: { readonly keys: number; readonly blocks: readonly number[] } | null;
  /** The projector's layers; null: no contrastive loss. */
  readonly projector: Projector | null;
}

export function mixPlan(model: VitConfig, { mixing_ratio, topk, topk_blocks, contrastive }: MixedaeOptions): MixPlan {
  const images = imagesPerGroup(mixing_ratio);
  if (images === null) throw new JobError(`mixing_ratio ${mixing_ratio} is not one over a whole number`, { fix: 'Groups are of 2, 3, 4, ... images: say 0.5, 0.3333, 0.25, ...' });
  const own = patchCount(model) / images;
  return {
    images,
    own,
    topk: topk === 'off' ? null : { keys: topk === 'auto' ? own : topk, blocks: restrictedBlocks(model.depth, topk_blocks) },
    projector: contrastive.weight === 0 ? null : { width: contrastive.width === 'model' ? model.width : contrastive.width, depth: contrastive.depth },
  };
}

export function restrictedBlocks(depth: number, blocks: MixedaeOptions['topk_blocks']): readonly number[] {
  if (typeof blocks !== 'string') return [...blocks].sort((a, b) => a - b);
  return Array.from({ length: depth }, (_, block) => block).slice(blocks === 'all' ? 0 : 1);
}
