import type { FromSchema } from 'json-schema-to-ts';
import type { JsonObject } from '../../files.js';
import type { Filled } from '../filled.js';
import { maeSchema } from '../mae/options.js';

const weight = (value: number, description: string) => ({ type: 'number', minimum: 0, maximum: 100, default: value, description } as const);

/**
 * Options of MoCE. The paper's method section and hyper-parameters could not be read: what a description calls recalled is
 * from memory of it, what it calls our choice was not found in the sources. Everything else is MAE's.
 */
export const moceSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    experts: {
      type: 'object', additionalProperties: false, default: {}, description: 'The MLPs that take the place of one.',
      properties: {
        count: { type: 'integer', minimum: 2, maximum: 1024, default: 8, description: 'N, in each block that has experts. Recalled.' },
        blocks: {
          anyOf: [{ type: 'string', enum: ['last-two'] }, { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, uniqueItems: true }],
          default: 'last-two',
          description: 'Encoder blocks with experts, counted from 0. last-two: 10 and 11 of 12, where V-MoE\'s "Last 2" are the last two of every other block, 9 and 11. That they are the last two is recalled with low confidence.',
        },
        group: {
          anyOf: [{ type: 'string', enum: ['auto'] }, { type: 'integer', minimum: 1, maximum: 1048576 }], default: 'auto',
          description: 'Images that go through an expert in one product; an expert\'s last group is filled up with zeros. It changes time and memory, no result. auto: batch_size / (4 N), at least 1.',
        },
      },
    },
    gate: {
      type: 'string', enum: ['cluster', 'token'], default: 'cluster',
      description: 'What chooses the expert. cluster: the centre of the image\'s cluster, so that all tokens of all images of a cluster go to one expert. token: each token itself (TokenMoE), a control.',
    },
    noise_std: {
      type: 'number', minimum: 0, maximum: 100, default: 1,
      description: 'Deviation of the normal noise that the gate\'s logits get before the softmax, in training only, in units of 1 / N (V-MoE\'s noise_std, which is 1; that MoCE has the same is recalled). 0: none, which takes loss_weights.load 0.',
    },
    clusters: {
      type: 'object', additionalProperties: false, default: {}, description: 'The clustering of the pre-training images by the start\'s features.',
      properties: {
        count: { type: 'integer', minimum: 2, maximum: 1000000, default: 256, description: 'Clusters; at most as many as images. 256 is recalled for ImageNet.' },
        pool: { type: 'string', enum: ['mean', 'cls'], default: 'mean', description: 'What stands for an image: the mean of its patch tokens or its cls token, after the start\'s norm. Which of them is clustered is not known, our choice.' },
        centred: { type: 'boolean', default: true, description: 'Take the mean over the set from every feature before it is made length 1. Our choice.' },
        algorithm: { type: 'string', enum: ['sinkhorn', 'k-means', 'random'], default: 'sinkhorn', description: 'sinkhorn: learnt centres with balanced assignments. random: a control.' },
        epochs: { type: 'integer', minimum: 1, maximum: 100000, default: 20, description: 'Passes over the features while centres are learnt, or rounds of k-means at most. Our choice.' },
        epsilon: { type: 'number', minimum: 0.001, maximum: 10, default: 0.05, description: 'Entropy weight of Sinkhorn-Knopp (SwAV, recalled).' },
        iterations: { type: 'integer', minimum: 1, maximum: 1000, default: 3, description: 'Passes over rows and columns of Sinkhorn-Knopp (SwAV, recalled).' },
        temperature: { type: 'number', exclusiveMinimum: 0, maximum: 10, default: 0.1, description: 'Of the softmax that centres are learnt against (SwAV, recalled).' },
        batch_size: {
          anyOf: [{ type: 'string', enum: ['auto'] }, { type: 'integer', minimum: 1, maximum: 10_000_000 }], default: 'auto',
          description: 'Images of a step while centres are learnt, at most. auto: 1,024, or 8 a cluster where that is more. Our choice.',
        },
        rate: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 0.5, description: 'Share of the way from what the softmax gives a centre to what the balanced assignment gives it that the first step goes at most; it falls to 0 along half a cosine. Our choice.' },
        last_iterations: { type: 'integer', minimum: 1, maximum: 10_000, default: 100, description: 'Passes over rows and columns of Sinkhorn-Knopp for the last assignment, of all images at once. Our choice.' },
      },
    },
    loss_weights: {
      type: 'object', additionalProperties: false, default: {}, description: 'Of the losses beside the reconstruction; those of the gates are means over the blocks with experts. MoCE\'s were not found in the sources: our choice.',
      properties: {
        importance: weight(0.01, 'Squared coefficient of variation of the experts\' summed gate values (V-MoE, which has 0.005 for each block, summed: for two blocks the default).'),
        load: weight(0.01, 'The same of the experts\' chances to be chosen under the gate\'s noise (V-MoE, with the same weight).'),
        confidence: weight(0.01, 'Minus the squared coefficient of variation of an image\'s gate values: makes each choice a clear one.'),
        distillation: weight(0.1, 'Mean squared difference of the encoder\'s output tokens from those of the start, which stays as it is. 0: no teacher is run.'),
      },
    },
    search: {
      type: 'object', additionalProperties: false, default: {}, description: 'Which expert a task gets, in each block with experts.',
      properties: {
        mode: { type: 'string', enum: ['vote', 'cluster', 'random', 'expert'], default: 'vote', description: 'vote: the one that most of the task\'s training images are routed to. cluster: the one that the task\'s largest cluster is routed to, so that the experts of all blocks are one image\'s way; which of the two the authors take is not known. random: one drawn for the seed. expert: the one named below. The last two are controls.' },
        rank: { type: 'integer', minimum: 0, maximum: 1023, default: 0, description: 'For mode vote: 0 takes the one with most votes, 1 the next, and so on, begun again behind the last that can be taken.' },
        expert: { type: 'integer', minimum: 0, maximum: 1023, default: 0, description: 'For mode expert, counted from 0.' },
      },
    },
    extract: {
      type: 'object', additionalProperties: false, default: {}, description: 'How an expert becomes an ordinary MLP.',
      properties: {
        gate: {
          type: 'string', enum: ['mean', 'dominant', 'one'], default: 'mean',
          description: 'The factor that the gate leaves in the second layer. mean: the gate value, averaged over the votes for this expert. dominant: that of the cluster with most of them. one: 1. Our choice.',
        },
      },
    },
    ...maeSchema.properties,
  },
} as const satisfies JsonObject;

/** Options after validation, every default filled in. */
export type MoceOptions = Filled<Omit<FromSchema<typeof moceSchema>, 'augment'>> & { readonly augment: JsonObject };

/** Validated options by their type; the suite has checked them and filled in the defaults. */
export const moceOptions = (options: JsonObject): MoceOptions => options as unknown as MoceOptions;
