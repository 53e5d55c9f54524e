import type { JsonObject } from '../../files.js';

/** What lies behind the transparent part of an RGBA picture. `textures`: gradients, soft noise, stripes, checks and dots; `gradients`: gradients only. */
export type Background = 'textures' | 'gradients' | 'white';

/** Augmentation of one training image. Validated against `augmentSchema`, which holds the defaults (MAE's recipe). */
export interface Augment {
  /** Area of the random resized crop as a fraction of the picture, low and high. [1, 1] with crop_ratio [1, 1]: no crop. */
  readonly crop_scale: readonly [number, number];
  /** Width / height of the crop, low and high. */
  readonly crop_ratio: readonly [number, number];
  readonly interpolation: 'bicubic' | 'bilinear';
  /** Probability of a horizontal flip. */
  readonly flip: number;
  /** The crop moves by up to this fraction of the picture's side in x and y; what lies outside repeats the edge (RGBA: shows the background). */
  readonly shift: number;
  /** RGBA sets only: transparent border around the picture, as a fraction of its side, before the crop is drawn. */
  readonly margin: number;
  /** RGBA sets only. */
  readonly background: Background;
}

const range = (description: string, low: number, high: number, value: readonly [number, number]): JsonObject => ({
  type: 'array',
  description,
  items: { type: 'number', minimum: low, maximum: high },
  minItems: 2,
  maxItems: 2,
  default: [...value],
});

/**
 * Schema of an `augment` option. Defaults are MAE's: random resized crop (0.2 to 1, 3/4 to 4/3, bicubic) and a flip
 * (facebookresearch/mae, main_pretrain.py). Every property has a default, so `augment: {}` is the default recipe.
 */
export const augmentSchema = {
  type: 'object',
  description: 'Augmentation of training images: random resized crop, flip, shift.',
  additionalProperties: false,
  default: {},
  properties: {
    crop_scale: range('Area of the random resized crop as a fraction of the picture, [low, high].', 0.01, 1, [0.2, 1]),
    crop_ratio: range('Width / height of the crop, [low, high].', 0.1, 10, [3 / 4, 4 / 3]),
    interpolation: { enum: ['bicubic', 'bilinear'], description: 'Filter of the resize (antialiased).', default: 'bicubic' },
    flip: { type: 'number', description: 'Probability of a horizontal flip.', minimum: 0, maximum: 1, default: 0.5 },
    shift: { type: 'number', description: "The crop moves by up to this fraction of the picture's side.", minimum: 0, maximum: 0.5, default: 0 },
    margin: { type: 'number', description: 'Pictures with transparency: border around the picture before the crop, as a fraction of its side.', minimum: 0, maximum: 0.5, default: 0.125 },
    background: { enum: ['textures', 'gradients', 'white'], description: 'Pictures with transparency: what lies behind.', default: 'textures' },
  },
} as const satisfies JsonObject;

/** The defaults of `augmentSchema`. */
export const defaultAugment: Augment = {
  crop_scale: [0.2, 1],
  crop_ratio: [3 / 4, 4 / 3],
  interpolation: 'bicubic',
  flip: 0.5,
  shift: 0,
  margin: 0.125,
  background: 'textures',
};
