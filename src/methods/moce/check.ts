import type { VitConfig } from '../../models/config.js';
import { maeProblems } from '../mae/check.js';
import type { MoceOptions } from './options.js';
import { expertBlocks, groupSize } from './plan.js';

/** What is wrong with the options for this model, length and batch size (null: unknown), beyond what the schema can say. */
export function moceProblems(model: VitConfig, options: MoceOptions, epochs: number | null, batchSize: number | null): readonly string[] {
  return [...expertProblems(model, options, batchSize), ...searchProblems(options), ...maeProblems(model, options, epochs)];
}

function expertProblems({ depth }: VitConfig, { experts, gate, noise_std: noise, loss_weights: { load }, clusters }: MoceOptions, batchSize: number | null): readonly string[] {
  const problems: string[] = [];
  const beyond = expertBlocks(depth, experts.blocks).filter((block) => block >= depth);
  if (beyond.length > 0) problems.push(`experts.blocks names block ${beyond.join(', ')}; the model's ${depth} blocks are counted from 0`);
  if (gate === 'cluster' && clusters.count < experts.count) problems.push(`clusters.count ${clusters.count} is less than experts.count ${experts.count}: an expert without a cluster is never trained`);
  if (noise === 0 && load > 0) problems.push(`noise_std 0 leaves no chance for loss_weights.load ${load} to even out; say load: 0`);
  if (batchSize !== null && groupSize(experts, batchSize) > batchSize) problems.push(`experts.group ${experts.group} is more than batch_size ${batchSize}`);
  return problems;
}

function searchProblems({ experts, gate, search, extract }: MoceOptions): readonly string[] {
  const problems: string[] = [];
  if (search.mode === 'cluster' && gate === 'token') problems.push('search.mode cluster asks for the cluster of an image, and behind a token gate nothing goes by clusters; take vote');
  if (search.mode === 'expert' && search.expert >= experts.count) problems.push(`search.expert ${search.expert} is not among the ${experts.count} experts, which are counted from 0`);
  if (gate === 'token' && extract.gate === 'dominant') problems.push('extract.gate dominant asks for the value of a cluster, and the gate is of tokens; say mean or one');
  return problems;
}
