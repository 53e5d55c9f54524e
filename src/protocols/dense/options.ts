import type { FromSchema } from 'json-schema-to-ts';
import { SuiteError } from '../../errors.js';
import { trainingProperties } from '../training-options.js';
import type { Jitter } from './view.js';

/** Options that protocols of segmentation share. */
export const segmentationProperties = {
  steps: { type: 'integer', minimum: 1, maximum: 10_000_000, default: 100, description: 'Optimiser updates.' },
  batch_size: { type: 'integer', minimum: 1, maximum: 65_536, default: 8, description: 'Images an update; batches run on from one epoch into the next.' },
  warmup: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.05, description: 'Share of the steps in which the learning rate rises from 0. It falls on a straight line to 0.' },
  weight_decay: trainingProperties.weight_decay,
  scale: { type: 'array', items: { type: 'number', exclusiveMinimum: 0, maximum: 10 }, minItems: 2, maxItems: 2, default: [0.75, 1.5], description: 'Range of the random factor on the size of a training picture, of which a random part of the network\'s size is taken. [1, 1]: none.' },
  flip: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'Probability that a training picture is mirrored.' },
  window: {
    anyOf: [
      { type: 'null' },
      {
        type: 'object', additionalProperties: false, required: ['size', 'stride'],
        properties: { size: { type: 'integer', minimum: 1, description: 'Pixels a side: a multiple of the patch size, at most the pictures\'.' }, stride: { type: 'integer', minimum: 1, description: 'Pixels from one window to the next, at most their size.' } },
      },
    ],
    default: null,
    description: 'null: the network sees whole pictures. Else it is trained on parts of this size, and the logits of overlapping windows are averaged.',
  },
} as const;

/** Options of a protocol that has these, every default filled in. */
export type SegmentationOptions = Readonly<FromSchema<{ readonly type: 'object'; readonly additionalProperties: false; readonly properties: typeof segmentationProperties }>>;

export const jitterOf = ({ scale, flip }: Pick<SegmentationOptions, 'scale' | 'flip'>): Jitter => ({ scale: [scale[0]!, scale[1]!], flip });

/** What a view is cut into. */
interface Patches {
  /** Pixels a side of the pictures. */
  readonly square: number;
  readonly patchSize: number;
  /** Fewest patches a side that the head can take. */
  readonly least: number;
}

/** Pixels a side that the network takes. SuiteError for a range or a window that cannot be meant. */
export function viewOf({ scale, window }: Pick<SegmentationOptions, 'scale' | 'window'>, protocol: string, { square, patchSize, least }: Patches): number {
  const wrong = (what: string, fix: string): SuiteError => new SuiteError(what, { where: `options of protocol ${protocol}`, fix });
  const [low, high] = scale;
  if (low! > high!) throw wrong(`scale goes from ${low} to ${high}`, 'Give the smaller factor first.');
  const tooFew = (of: string, side: number): string => `${of} of ${side} pixels are ${side / patchSize} ${side === patchSize ? 'patch' : 'patches'} a side, and the head takes at least ${least}`;
  if (window === null) {
    if (square / patchSize < least) throw wrong(tooFew('pictures', square), 'Prepare larger pictures, or use a model of smaller patches.');
    return square;
  }
  if (window.size > square) throw wrong(`windows of ${window.size} pixels do not fit into pictures of ${square}`, 'Use a smaller window.size, or null.');
  if (window.size % patchSize !== 0) throw wrong(`windows of ${window.size} pixels cannot be cut into patches of ${patchSize}`, `Use a window.size that is a multiple of ${patchSize}.`);
  if (window.size / patchSize < least) throw wrong(tooFew('windows', window.size), `Use a window.size of at least ${least * patchSize}.`);
  if (window.stride > window.size) throw wrong(`windows of ${window.size} pixels every ${window.stride} leave gaps`, 'Use a window.stride of at most window.size.');
  return window.size;
}
