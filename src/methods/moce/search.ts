import { JobError } from '../../errors.js';
import { clusterSizes } from '../clustering/rows.js';
import type { Found, SearchArguments, TrainMethod } from '../method.js';
import { extracted } from './extract.js';
import { deadExperts, gateTable, receivedBy } from './gate-table.js';
import { moceOptions } from './options.js';
import { expertBlocks } from './plan.js';
import { tokenVotes } from './token-votes.js';
import { chooseExpert, clusterVotes, type Votes } from './votes.js';

/** One expert of each block for one task, folded into an ordinary encoder. */
export const searchEncoder: NonNullable<TrainMethod['search']> = async (args) => {
  const { model, options: json, seed, weights, log } = args;
  const options = moceOptions(json);
  const blocks = expertBlocks(model.depth, options.experts.blocks);
  const { votes, flops } = options.gate === 'token' ? await tokenVotes(args, blocks) : votesOfClusters(args, blocks);
  const layers = votes.map((own, layer): Found['layers'][number] => {
    const block = blocks[layer]!;
    const dead = deadExperts(weights.get(receivedBy(block))!.data);
    if (dead.length > 0) {
      const of = `block ${block}: ${dead.length} of ${options.experts.count} experts received under 1/${4 * options.experts.count} of the ${options.gate === 'token' ? 'tokens' : 'images'} in training`;
      log(`${of} (${dead.join(', ')})${2 * dead.length > options.experts.count ? '; this mixture has collapsed' : ''}`);
    }
    const expert = chooseExpert(own, dead, options.search, seed, layer);
    if (expert === null) throw new JobError(`expert ${options.search.expert} of block ${block} was trained on too few images to be taken`, { fix: 'Name another in search.expert.' });
    return { block, expert, votes: own.votes, gate: own.factors[expert]!, dead };
  });
  return { encoder: extracted(model, weights, layers), layers, flops };
};

function votesOfClusters({ model, options: json, weights, clustered }: SearchArguments, blocks: readonly number[]): { readonly votes: readonly Votes[]; readonly flops: number } {
  const { experts, extract } = moceOptions(json);
  const { clusters: { centres, assignments }, nearest } = clustered!;
  const count = centres.shape[0]!;
  const [ofTask, ofTraining] = [clusterSizes(nearest, count), clusterSizes(assignments, count)];
  return {
    votes: blocks.map((block) => clusterVotes(gateTable(weights.get(`blocks.${block}.mlp.gate.weight`)!, centres), ofTask, ofTraining, extract.gate)),
    flops: 2 * blocks.length * count * model.width * experts.count,
  };
}
