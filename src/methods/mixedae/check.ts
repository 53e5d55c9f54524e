import { patchCount, type VitConfig } from '../../models/config.js';
import { autoencoderProblems } from '../mae/check.js';
import { imagesPerGroup } from './groups.js';
import type { MixedaeOptions } from './options.js';
import { restrictedBlocks } from './plan.js';

/** What is wrong with the options for this model, length and batch size (null: unknown), beyond what the schema can say. */
export function mixedaeProblems(model: VitConfig, options: MixedaeOptions, epochs: number | null, batchSize: number | null): readonly string[] {
  return [...mixingProblems(model, options, batchSize), ...topkProblems(model, options), ...autoencoderProblems(model, options, epochs)];
}

function mixingProblems(model: VitConfig, { mixing_ratio, contrastive }: MixedaeOptions, batchSize: number | null): readonly string[] {
  const images = imagesPerGroup(mixing_ratio);
  if (images === null) return [`mixing_ratio ${mixing_ratio} is not one over a whole number: groups are of 2, 3, 4, ... images, so it is 0.5, 0.3333, 0.25, ...`];
  const patches = patchCount(model);
  const problems: string[] = [];
  if (patches % images !== 0) problems.push(`mixing_ratio ${mixing_ratio} mixes ${images} images, which cannot share ${patches} patches equally`);
  else if (contrastive.weight > 0 && patches === images) problems.push(`mixing_ratio ${mixing_ratio} leaves each image one of ${patches} patches; the contrastive loss compares at least two`);
  if (batchSize !== null && batchSize % images !== 0) problems.push(`batch_size ${batchSize} is not a multiple of the ${images} images that mixing_ratio ${mixing_ratio} mixes`);
  return problems;
}

function topkProblems(model: VitConfig, { topk, topk_blocks, topk_class_token }: MixedaeOptions): readonly string[] {
  if (topk === 'off') return [];
  const candidates = patchCount(model) + (topk_class_token === 'alike' ? 1 : 0);
  const blocks = restrictedBlocks(model.depth, topk_blocks);
  const beyond = blocks.filter((block) => block >= model.depth);
  const problems: string[] = [];
  if (topk !== 'auto' && topk > candidates) problems.push(`topk ${topk} is more than the ${candidates} keys that there are`);
  if (beyond.length > 0) problems.push(`topk_blocks names block ${beyond.join(', ')}; the model's ${model.depth} blocks are counted from 0`);
  if (blocks.length === 0) problems.push('topk_blocks all-but-first leaves no block of a model that has one; say topk: off, or topk_blocks: all');
  return problems;
}
