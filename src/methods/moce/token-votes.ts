import { mul, reshape, stack, sum, type Tensor } from '@tensorflow/tfjs-core';
import { openLoader } from '../../data/loader/index.js';
import type { CompileSpec } from '../../engine/contract.js';
import { patchCount, type VitConfig } from '../../models/config.js';
import { encoderMacs } from '../../models/flops.js';
import { patchify } from '../../models/images.js';
import { embedPatches } from '../../models/vit.js';
import type { SearchArguments, Weights } from '../method.js';
import type { Gate } from './gate.js';
import { encodeRouted } from './network.js';
import { moceOptions, type MoceOptions } from './options.js';
import { expertMacs } from './plan.js';
import type { Votes } from './votes.js';

/** Images of a call. */
const batch = 32;

/**
 * The encoder with experts behind a token gate, with one function: for each block, image and expert how many of the image's
 * tokens go there, and the sums of their gate values and of all tokens' values: `counts`, `chosen`, `values`, each [layers, batch, N].
 */
function votingSpec(model: VitConfig, options: MoceOptions, weights: Weights): CompileSpec {
  const tokens = patchCount(model) + 1;
  const { count } = options.experts;
  return {
    params: Array.from(weights, ([name, { shape, data }]) => ({ name, shape, value: data, trainable: false, decay: false, lrScale: 1 })),
    functions: {
      votes: {
        kind: 'evaluate',
        inputs: { images: { shape: [batch, model.imageSize, model.imageSize, 3], type: 'uint8' } },
        scalars: [],
        body: ({ params, inputs }) => {
          const { gates } = encodeRouted(model, options, params, embedPatches(model, params, patchify(inputs['images']!, model.patchSize)), {});
          const all = [...gates.values()];
          const ofImages = (f: (gate: Gate) => Tensor): Tensor => stack(all.map((gate) => sum(reshape(f(gate), [batch, tokens, count]), 1)));
          return { counts: ofImages(({ chosen }) => chosen), chosen: ofImages(({ chosen, values }) => mul(chosen, values)), values: ofImages(({ values }) => values) };
        },
      },
    },
  };
}

/**
 * The votes of all tokens of a task's training images, none hidden, in the network with all experts.
 */
export async function tokenVotes({ engine, model, options: json, weights, set, indices }: SearchArguments, blocks: readonly number[]): Promise<{ readonly votes: readonly Votes[]; readonly flops: number }> {
  const options = moceOptions(json);
  const { count } = options.experts;
  const compiled = engine.compile(votingSpec(model, options, weights));
  const loader = openLoader(set, [{ kind: 'evaluation', indices, size: model.imageSize, batch, background: 'white' }]);
  const totals = { counts: new Float64Array(blocks.length * count), chosen: new Float64Array(blocks.length * count), values: new Float64Array(blocks.length * count) };
  try {
    for (let start = 0; start < indices.length; start += batch) {
      const filled = Math.min(batch, indices.length - start);
      const outputs = compiled.run('votes', await loader.next(start / batch));
      for (const name of ['counts', 'chosen', 'values'] as const) {
        const { data } = outputs[name]!;
        for (let layer = 0; layer < blocks.length; layer++) {
          for (let i = 0; i < filled * count; i++) totals[name][layer * count + (i % count)]! += data[layer * batch * count + i]!;
        }
      }
    }
  } finally {
    loader.close();
    compiled.dispose();
  }
  const tokens = indices.length * (patchCount(model) + 1);
  const votes = blocks.map((_, layer): Votes => {
    const of = (name: keyof typeof totals): readonly number[] => [...totals[name].subarray(layer * count, (layer + 1) * count)];
    const counts = of('counts');
    const liking = of('values').map((value) => value / tokens);
    // One that no token is routed to, which noise alone has trained, has its mean gate value over all of them.
    const factor = (total: number, expert: number): number => (options.extract.gate === 'one' ? 1 : counts[expert] === 0 ? liking[expert]! : total / counts[expert]!);
    return { votes: counts, liking, largest: null, factors: of('chosen').map(factor) };
  });
  return { votes, flops: 2 * indices.length * (encoderMacs(model) + expertMacs(model, options, patchCount(model) + 1, batch)) };
}
