import { argMax } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { trainPositions } from '../../../src/data/loader/index.js';
import type { Engine } from '../../../src/engine/contract.js';
import { clusterSizes } from '../../../src/methods/clustering/rows.js';
import type { JsonObject } from '../../../src/files.js';
import type { SearchArguments } from '../../../src/methods/method.js';
import { moceProblems } from '../../../src/methods/moce/check.js';
import { moceCollapse } from '../../../src/methods/moce/diagnostics.js';
import { drawNoise, drawStep, type MoceDraws } from '../../../src/methods/moce/draws.js';
import { deadExperts, type GateTable, gateTable, loadOf } from '../../../src/methods/moce/gate-table.js';
import { encodeRouted } from '../../../src/methods/moce/network.js';
import { moceSchema, type MoceOptions } from '../../../src/methods/moce/options.js';
import { moceParams } from '../../../src/methods/moce/params.js';
import { expertBlocks, groupSize } from '../../../src/methods/moce/plan.js';
import { routingOf } from '../../../src/methods/moce/routing.js';
import { searchEncoder } from '../../../src/methods/moce/search.js';
import { moce } from '../../../src/methods/moce/spec.js';
import { chooseExpert, clusterVotes, type Votes } from '../../../src/methods/moce/votes.js';
import { patchify } from '../../../src/models/images.js';
import type { VitConfig } from '../../../src/models/config.js';
import { embedPatches } from '../../../src/models/vit.js';
import { openEngine } from '../../engine/open.js';
import { toy, toyModel } from '../../protocols/toy.js';
import { validator } from '../small-options.js';
import { options } from './reference.js';

/** Four clusters, three experts: clusters 0 and 3 go to expert 0, 1 to expert 2, 2 to expert 1. */
const table: GateTable = {
  clusters: 4, experts: 3, chosen: Int32Array.of(0, 2, 1, 0),
  values: Float64Array.of(0.8, 0.1, 0.1, 0.2, 0.1, 0.7, 0.3, 0.6, 0.1, 0.5, 0.2, 0.3),
};
const sizes = [30, 2, 38, 30];
const close = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => { expect(value).toBeCloseTo(wanted[i]!, 10); });
};

describe('the gate of clusters', () => {
  it('by hand', () => {
    // Logits of the two centres: (ln 3, 0) and (0, ln 4).
    const found = gateTable({ shape: [2, 2], data: Float32Array.of(Math.log(3), 0, 0, Math.log(4)) }, { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) });
    expect([...found.chosen]).toEqual([0, 1]);
    [0.75, 0.25, 0.2, 0.8].forEach((value, i) => { expect(found.values[i]).toBeCloseTo(value, 6); });
  });

  it('routes the pre-training clusters, block by block', () => {
    const weights = new Map([
      ['blocks.1.mlp.gate.weight', { shape: [2, 2], data: Float32Array.of(Math.log(3), 0, 0, Math.log(4)) }],
      ['blocks.3.mlp.gate.weight', { shape: [2, 2], data: Float32Array.of(0, 0, Math.log(4), Math.log(9)) }],
    ]);
    const clusters = { centres: { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) }, assignments: Int32Array.of(0, 1, 0, 0) };
    expect(routingOf([1, 3], weights, clusters)).toEqual([
      { block: 1, chosen: [0, 1], gates: [0.75, 0.8], loads: [0.75, 0.25] },
      { block: 3, chosen: [1, 1], gates: [0.8, 0.9], loads: [0, 1] },
    ]);
  });

  it('an expert that received under 1 / (4 N) of the images is dead', () => {
    expect([...loadOf(table, sizes)]).toEqual([0.6, 0.38, 0.02]);
    expect(deadExperts([60, 38, 2])).toEqual([2]);
    expect(deadExperts([1 / 12, 11 / 12 - 0.01, 0.01])).toEqual([2]);
    expect(deadExperts([0, 0, 0])).toEqual([]);
  });
});

describe('the votes of clusters', () => {
  it('are those of the task\'s images, and the factor is their mean gate value', () => {
    const { votes, liking, largest, factors } = clusterVotes(table, [6, 3, 0, 2], sizes, 'mean');
    expect(votes).toEqual([8, 0, 3]);
    expect(largest).toEqual([0.8, 0.1, 0.1]);
    // (6 * 0.8 + 3 * 0.2 + 2 * 0.5) / 11, ...
    close(liking, [6.4 / 11, 1.3 / 11, 3.3 / 11]);
    // (6 * 0.8 + 2 * 0.5) / 8; the pre-training clusters of expert 1; 0.7.
    close(factors, [5.8 / 8, 0.6, 0.7]);
  });

  it('the other factors: the cluster with most votes, and one', () => {
    close(clusterVotes(table, [6, 3, 0, 7], sizes, 'dominant').factors, [0.5, 0.6, 0.7]);
    close(clusterVotes(table, [6, 3, 0, 7], sizes, 'one').factors, [1, 1, 1]);
  });

  it('no vote at all: the mean over pre-training images', () => {
    close(clusterVotes(table, [0, 0, 4, 0], [10, 2, 38, 30], 'mean').factors, [(10 * 0.8 + 30 * 0.5) / 40, 0.6, 0.7]);
  });
});

describe('an expert that the gate without its noise sends nothing to', () => {
  it('has its mean gate value over the task\'s images', () => {
    const idle: GateTable = { clusters: 2, experts: 3, chosen: Int32Array.of(0, 1), values: Float64Array.of(0.6, 0.3, 0.1, 0.2, 0.5, 0.3) };
    // (3 * 0.1 + 0.3) / 4.
    close(clusterVotes(idle, [3, 1], [5, 5], 'mean').factors, [0.6, 0.5, 0.15]);
    close(clusterVotes(idle, [3, 1], [5, 5], 'dominant').factors, [0.6, 0.5, 0.15]);
    close(clusterVotes(idle, [3, 1], [5, 5], 'one').factors, [1, 1, 1]);
  });
});

describe('the choice of an expert', () => {
  const own = (votes: readonly number[], liking: readonly number[] = votes): Votes => ({ votes, liking, largest: null, factors: votes });
  const vote = { mode: 'vote', expert: 0, rank: 0 } as const;

  it('has most votes; of equally many the gates like it better; a dead one is passed over', () => {
    expect(chooseExpert(own([1, 5, 3]), [], vote, 0, 0)).toBe(1);
    expect(chooseExpert(own([4, 1, 4], [0.2, 0.3, 0.5]), [], vote, 0, 0)).toBe(2);
    expect(chooseExpert(own([1, 5, 3], [0, 0, 0]), [1], vote, 0, 0)).toBe(2);
    expect(chooseExpert(own([0, 9, 0], [0.3, 0.5, 0.2]), [1], vote, 0, 0)).toBe(0);
  });

  it('or the next by votes, and by the gates\' liking, until all that are not dead are through', () => {
    const order = (votes: Votes, dead: readonly number[] = []) => [0, 1, 2, 3, 4].map((rank) => chooseExpert(votes, dead, { ...vote, rank }, 0, 0));
    expect(order(own([1, 5, 3, 1, 0], [0.1, 0.4, 0.1, 0.2, 0.2]))).toEqual([1, 2, 3, 0, 4]);
    expect(order(own([1, 5, 3, 1, 0], [0.1, 0.4, 0.1, 0.2, 0.2]), [1, 4])).toEqual([2, 3, 0, 2, 3]);
  });

  it('or that of the largest cluster, whatever the others vote for', () => {
    const votes: Votes = { ...own([5, 4, 0]), largest: [0.2, 0.3, 0.5] };
    expect(chooseExpert(votes, [], { mode: 'cluster', expert: 0, rank: 0 }, 0, 0)).toBe(2);
    expect(chooseExpert(votes, [2], { mode: 'cluster', expert: 0, rank: 0 }, 0, 0)).toBe(1);
  });

  it('as asked for, unless it is dead', () => {
    expect(chooseExpert(own([1, 5, 3]), [], { mode: 'expert', expert: 2, rank: 0 }, 0, 0)).toBe(2);
    expect(chooseExpert(own([1, 5, 3], [0, 0, 0]), [2], { mode: 'expert', expert: 2, rank: 0 }, 0, 0)).toBeNull();
  });

  it('at random: by seed and layer, each that is not dead equally often', () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 3000; seed++) counts[chooseExpert(own([9, 0, 0, 0], [1, 0, 0, 0]), [1], { mode: 'random', expert: 0, rank: 0 }, seed, seed % 3)!]!++;
    expect(counts[1]).toBe(0);
    // Four standard deviations of a binomial with p = 1/3.
    for (const expert of [0, 2, 3]) expect(Math.abs(counts[expert]! - 1000)).toBeLessThan(104);
  });
});

/** A mixture of the toy's size, and clusters for 40 images. */
const small: MoceOptions = { ...options, experts: { count: 3, blocks: [1], group: 'auto' }, clusters: { ...options.clusters, count: 4 }, decoder: { width: 8, depth: 1, heads: 2 } };
const clusters = {
  centres: { shape: [4, 16], data: Float32Array.from({ length: 64 }, (_, i) => (i % 17 === 0 ? 1 : 0)) },
  assignments: Int32Array.from({ length: 40 }, (_, i) => (i < 2 ? 1 : [0, 2, 3][i % 3]!)),
};
const params = moceParams(toyModel, small, 3, undefined, clusters);
const weights = new Map(params.map(({ name, shape, value }) => [name, { shape, data: value }]));
/** Centre c is the c-th unit vector: logits are columns of the gate. */
const gateWeight = { shape: [3, 16], data: new Float32Array(48) };
[[2, 0, 0, 1], [0, 0, 3, 0], [0, 2, 0, 0]].forEach((row, expert) => { gateWeight.data.set(row, expert * 16); });
weights.set('blocks.1.mlp.gate.weight', gateWeight);
// As the gate sent images with its noise: fewer than a twelfth to expert 2.
weights.set('received_block1', { shape: [3], data: Float32Array.of(50, 46, 4) });
for (const layer of ['fc1', 'fc2']) for (const part of ['weight', 'bias']) {
  const name = `blocks.1.mlp.experts.${layer}.${part}`;
  const { shape, data } = weights.get(name)!;
  weights.set(name, { shape, data: Float32Array.from(data, (value, i) => value + Math.floor((3 * i) / data.length)) });
}
const { set, task } = toy({ train: [20, 20], validation: [2, 2], test: [2, 2] });

function searched(own: MoceOptions, nearest: readonly number[], engine: Engine | null = null) {
  const lines: string[] = [];
  const args: SearchArguments = { engine: engine!, model: toyModel, options: own, seed: 0, weights, clustered: own.gate === 'token' ? null : { clusters, nearest: Int32Array.from(nearest) }, set, indices: task.train.indices, log: (line) => lines.push(line) };
  return { found: searchEncoder(args), lines };
}

describe('a search', () => {
  it('folds the expert that the task\'s clusters vote for, and says which are dead', async () => {
    const { found, lines } = searched(small, [0, 0, 2, 3, 1, 1, 1]);
    const { encoder, layers, flops } = await found;
    // Cluster 0 has exp(2) : 1 : 1, cluster 3 exp(1) : 1 : 1.
    const gate = (2 * (Math.exp(2) / (Math.exp(2) + 2)) + Math.E / (Math.E + 2)) / 3;
    expect(layers).toEqual([{ block: 1, expert: 0, votes: [3, 1, 3], gate: expect.closeTo(gate, 10), dead: [2] }]);
    expect(lines).toEqual(['block 1: 1 of 3 experts received under 1/12 of the images in training (2)']);
    expect(flops).toBe(2 * 4 * 16 * 3);
    const { shape, data } = weights.get('blocks.1.mlp.experts.fc2.weight')!;
    expect(encoder.get('blocks.1.mlp.fc2.weight')!.shape).toEqual(shape.slice(1));
    expect(encoder.get('blocks.1.mlp.fc2.weight')!.data).toEqual(data.slice(0, data.length / 3).map((value) => value * layers[0]!.gate));
    expect(encoder.get('blocks.1.mlp.fc1.weight')!.data).toEqual(weights.get('blocks.1.mlp.experts.fc1.weight')!.data.slice(0, 16 * 32));
    expect(encoder.get('blocks.0.mlp.fc1.weight')).toBe(weights.get('blocks.0.mlp.fc1.weight'));
  });

  it('of an expert that is dead fails by name', async () => {
    await expect(searched({ ...small, search: { mode: 'expert', expert: 2, rank: 0 } }, [0]).found).rejects.toMatchObject({ kind: 'job', message: 'expert 2 of block 1 was trained on too few images to be taken' });
    const { layers } = await searched({ ...small, search: { mode: 'expert', expert: 1, rank: 0 }, extract: { gate: 'one' } }, [0]).found;
    expect(layers).toMatchObject([{ expert: 1, gate: 1, votes: [1, 0, 0] }]);
  });

  it('behind a token gate counts every token of every training image', async () => {
    const engine = await openEngine({ threads: 1 });
    const own: MoceOptions = { ...small, gate: 'token' };
    const count = task.train.indices.length;
    const { layers } = await searched(own, [], engine).found;
    // The same network on all images at once.
    const pixels = Uint8Array.from(task.train.indices.flatMap((index) => [...set.pixels.subarray(index * 192, (index + 1) * 192)]));
    const compiled = engine.compile({
      params: Array.from(weights, ([name, { shape, data }]) => ({ name, shape, value: data, trainable: false, decay: false, lrScale: 1 })),
      functions: { all: {
        kind: 'evaluate', inputs: { images: { shape: [count, 8, 8, 3], type: 'uint8' } }, scalars: [],
        body: ({ params: p, inputs }) => {
          const gate = encodeRouted(toyModel, own, p, embedPatches(toyModel, p, patchify(inputs['images']!, 4)), {}).gates.get(1)!;
          return { chosen: argMax(gate.chosen, -1), value: gate.value };
        },
      } },
    });
    const { chosen, value } = compiled.run('all', { images: pixels });
    compiled.dispose();
    expect(chosen!.data).toHaveLength(count * 5);
    const votes = [...clusterSizes(chosen!.data, 3)];
    const { expert, gate } = layers[0]!;
    expect(layers).toMatchObject([{ block: 1, votes, dead: [2] }]);
    expect(expert).toBe(votes[0]! >= votes[1]! ? 0 : 1);
    expect(new Set(chosen!.data).size).toBeGreaterThan(1);
    const values = Array.from(value!.data).filter((_, i) => chosen!.data[i] === expert);
    expect(gate).toBeCloseTo(values.reduce((total, one) => total + one, 0) / values.length, 5);
  });
});

describe('draws', () => {
  const draws: MoceDraws = { batch: 16, patches: 16, kept: 4, seed: 5, layers: 2, experts: 4, noiseStd: 1, noisy: 50, assignments: Int32Array.from({ length: 40 }, (_, i) => i % 7) };

  it('name the clusters of the images that a pre-training step takes', () => {
    for (const step of [0, 1, 2, 9]) {
      const positions = trainPositions({ indices: { length: 40 }, evenOver: draws.assignments!, seed: 5, purpose: 'pretrain', step, batch: 16 });
      expect(drawStep(draws, step)['cluster']).toEqual(Int32Array.from(positions, (position) => position % 7));
    }
    expect(drawStep({ ...draws, assignments: null }, 0)).not.toHaveProperty('cluster');
  });

  it('noise has mean 0 and deviation 1 / N, by seed and step', () => {
    const values = Array.from({ length: 25 }, (_, step) => [...drawNoise(draws, step)]).flat();
    expect(values).toHaveLength(10_000);
    const mean = values.reduce((total, value) => total + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean)).toBeLessThan(4 * 0.25 / 100);
    expect(Math.abs(deviation - 0.25)).toBeLessThan(4 * 0.25 / Math.sqrt(20_000));
    expect(drawNoise({ ...draws, seed: 6 }, 0)).not.toEqual(drawNoise(draws, 0));
    expect(drawNoise({ ...draws, noiseStd: 2 }, 0)).toEqual(drawNoise(draws, 0).map((value) => 2 * value));
    expect(drawStep(draws, 0)['noise']).toEqual(drawNoise(draws, 0));
    expect(drawStep({ ...draws, noiseStd: 0 }, 0)).not.toHaveProperty('noise');
  });
});

describe('options', () => {
  const model: VitConfig = { name: 'custom', imageSize: 16, patchSize: 4, width: 32, depth: 4, heads: 2, mlpRatio: 4 };
  const defaults = (): MoceOptions => {
    const filled: JsonObject = {};
    expect(validator(moceSchema)(filled)).toBe(true);
    return filled as unknown as MoceOptions;
  };

  it('ask for clusters where the gate is of clusters', () => {
    expect(moce.clusters!({ ...defaults() })).toMatchObject({ count: 256, algorithm: 'sinkhorn' });
    expect(moce.clusters!({ ...defaults(), gate: 'token' })).toBeUndefined();
  });

  it('what they come to', () => {
    expect(expertBlocks(4, 'last-two')).toEqual([2, 3]);
    expect(expertBlocks(1, 'last-two')).toEqual([0]);
    expect(expertBlocks(4, [3, 0])).toEqual([0, 3]);
    expect(groupSize({ count: 8, blocks: 'last-two', group: 'auto' }, 256)).toBe(8);
    expect(groupSize({ count: 8, blocks: 'last-two', group: 'auto' }, 16)).toBe(1);
  });

  it('that cannot be are told', () => {
    const problems = (own: Partial<MoceOptions>): readonly string[] => moceProblems(model, { ...defaults(), ...own }, 100, 64);
    const { experts, clusters: clustering } = defaults();
    expect(problems({})).toEqual([]);
    expect(problems({ experts: { ...experts, blocks: [1, 4, 5] } })).toEqual(["experts.blocks names block 4, 5; the model's 4 blocks are counted from 0"]);
    expect(problems({ clusters: { ...clustering, count: 7 } })).toEqual(['clusters.count 7 is less than experts.count 8: an expert without a cluster is never trained']);
    expect(problems({ clusters: { ...clustering, count: 7 }, gate: 'token' })).toEqual([]);
    expect(problems({ experts: { ...experts, group: 65 } })).toEqual(['experts.group 65 is more than batch_size 64']);
    expect(problems({ search: { mode: 'expert', expert: 8, rank: 0 } })).toEqual(['search.expert 8 is not among the 8 experts, which are counted from 0']);
    expect(problems({ gate: 'token', extract: { gate: 'dominant' } })).toEqual(['extract.gate dominant asks for the value of a cluster, and the gate is of tokens; say mean or one']);
    expect(problems({ noise_std: 0 })).toEqual(['noise_std 0 leaves no chance for loss_weights.load 0.01 to even out; say load: 0']);
    expect(problems({ noise_std: 0, loss_weights: { importance: 0.01, load: 0, confidence: 0.01, distillation: 0.1 } })).toEqual([]);
    expect(problems({ warmup_epochs: 100 })).toEqual([expect.stringContaining('warmup_epochs 100 is not shorter')]);
  });

  it('ViT-B at batch 256 costs 16 % more than MAE an image, teacher and padding with it', () => {
    const base: VitConfig = { name: 'vit_base', imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12, mlpRatio: 4 };
    // 9.78 G of MAE, of which the encoder 4.41 (run once more forward: 15.0 %). Of 312 rows 56 are padding: 0.21875 of two blocks' MLPs on 50 tokens, and two gates (1.1 %).
    const [encoder, decoder] = [115_605_504 + 12 * (50 * 7_077_888 + 2 * 2500 * 768), 50 * 768 * 512 + 8 * (197 * 3_145_728 + 2 * 38_809 * 512) + 196 * 512 * 768];
    const experts = 0.21875 * 2 * 50 * 2 * 768 * 3072 + 2 * 768 * 8;
    const cost = moce.flopsPerImage(base, defaults(), 256);
    expect(cost).toBe(6 * (encoder + decoder + experts) + 2 * encoder);
    expect(cost / (6 * (encoder + decoder))).toBeCloseTo(1 + 0.1503 + 0.0106, 3);
    const withoutTeacher = moce.flopsPerImage(base, { ...defaults(), loss_weights: { distillation: 0 } }, 256);
    expect(cost - withoutTeacher).toBe(2 * encoder);
  });
});

describe('a collapse', () => {
  const curve = (shares: readonly number[], idle = 0) => shares.map((share, i) => ({ step: i + 1, loss: 1, lr: 0, diagnostics: { dead_experts_block1: share, idle_experts_block1: idle } }));
  const own = { ...small, experts: { ...small.experts, count: 8 } };

  it('is more than half of the experts dead in the last tenth', () => {
    const early = new Array<number>(18).fill(1);
    expect(moceCollapse(toyModel, own, curve([...early, 0.5, 0.5]))).toBeNull();
    expect(moceCollapse(toyModel, own, curve([...early, 0.5, 0.75]))).toBe('5.0 of the 8 experts of block 1 had received under 3.1 % of the images by the last tenth of training');
    // Long enough used at first not to be dead, and then no more.
    expect(moceCollapse(toyModel, own, curve([...early, 0, 0], 0.5))).toBeNull();
    expect(moceCollapse(toyModel, own, curve([...early, 0, 0], 0.75))).toBe('6.0 of the 8 experts of block 1 got under 3.1 % of the images in the last tenth of training, by the gate without its noise');
    expect(moceCollapse(toyModel, own, [])).toBeNull();
  });
});
