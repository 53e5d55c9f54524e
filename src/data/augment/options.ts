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
  // What follows is off where it is absent, so that a recipe without it keeps its hash.
  readonly color_jitter?: ColorJitter;
  /** Probability that the view loses its colours. */
  readonly grayscale?: number;
  readonly blur?: Blur;
  /** Probability that values from 128 on are inverted. */
  readonly solarize?: number;
  readonly rand_augment?: RandAugment;
  readonly random_erasing?: RandomErasing;
}

/** torchvision's ColorJitter behind a RandomApply: factors from [max(0, 1 - v), 1 + v], a hue turn from [-hue, hue], in random order. */
export interface ColorJitter {
  readonly probability: number;
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Share of the colour circle, 0..0.5. */
  readonly hue: number;
}

export interface Blur {
  readonly probability: number;
  /** Standard deviation in pixels of the view, low and high. */
  readonly sigma: readonly [number, number];
}

/** timm's RandAugment with increasing severity: `rand-m<magnitude>-n<layers>-mstd<std>-inc1`. */
export interface RandAugment {
  /** Mean strength of an operation, 0..10. */
  readonly magnitude: number;
  /** Operations drawn for a view; each is carried out with probability 1/2. */
  readonly layers: number;
  /** Standard deviation of the strength. */
  readonly std: number;
}

/** timm's RandomErasing in its mode `pixel`: a rectangle of noise. */
export interface RandomErasing {
  readonly probability: number;
  /** Area of the rectangle as a fraction of the view, low and high. */
  readonly area: readonly [number, number];
  /** Height / width of the rectangle, low and high; log-uniform. */
  readonly aspect: readonly [number, number];
}

/** timm's Mixup in its mode `batch`: one draw for a batch, whose images are mixed with those of the batch in reverse order. */
export interface Mix {
  /** alpha of mixup's Beta(alpha, alpha); 0: no mixup. */
  readonly mixup: number;
  /** alpha of cutmix's Beta(alpha, alpha); 0: no cutmix. */
  readonly cutmix: number;
  /** Share of the mixed batches that cutmix mixes, where both are on. */
  readonly switch_probability: number;
  /** Share of the batches that are mixed at all. */
  readonly probability: number;
}

const range = (description: string, low: number, high: number, value: readonly [number, number]): JsonObject => ({
  type: 'array',
  description,
  items: { type: 'number', minimum: low, maximum: high },
  minItems: 2,
  maxItems: 2,
  ascending: true,
  default: [...value],
});

const probability = (description: string, value?: number): JsonObject => ({ type: 'number', description, minimum: 0, maximum: 1, ...(value === undefined ? {} : { default: value }) });

/**
 * Schema of an `augment` option. Defaults are MAE's: random resized crop (0.2 to 1, 3/4 to 4/3, bicubic) and a flip
 * (facebookresearch/mae, main_pretrain.py). `augment: {}` is the default recipe. Colour jitter, blur,
 * greyscale and solarise are off unless named; their own defaults are iBOT's and DINO's (DataAugmentationiBOT, main_ibot.py).
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
    color_jitter: {
      type: 'object',
      description: "Brightness, contrast, saturation and hue change, in random order (torchvision's ColorJitter). Off unless given.",
      additionalProperties: false,
      properties: {
        probability: probability('Share of the views that it changes.', 0.8),
        brightness: { type: 'number', minimum: 0, maximum: 1, default: 0.4, description: 'Factor from 1 - brightness to 1 + brightness.' },
        contrast: { type: 'number', minimum: 0, maximum: 1, default: 0.4, description: 'Factor from 1 - contrast to 1 + contrast.' },
        saturation: { type: 'number', minimum: 0, maximum: 1, default: 0.2, description: 'Factor from 1 - saturation to 1 + saturation.' },
        hue: { type: 'number', minimum: 0, maximum: 0.5, default: 0.1, description: 'Turn of the colour circle, from -hue to hue.' },
      },
    },
    grayscale: probability('Probability that a view loses its colours. Off unless given.'),
    blur: {
      type: 'object',
      description: 'Gaussian blur. Off unless given.',
      additionalProperties: false,
      properties: {
        probability: probability('Share of the views that it changes.', 0.5),
        sigma: range('Standard deviation in pixels of the view, [low, high].', 0, 100, [0.1, 2]),
      },
    },
    solarize: probability('Probability that values from 128 on are inverted. Off unless given.'),
  },
} as const satisfies JsonObject;

/** Schema of RandAugment; defaults are MAE's for fine-tuning (`rand-m9-mstd0.5-inc1`, main_finetune.py). */
export const randAugmentSchema = {
  type: 'object',
  description: "timm's RandAugment with operations that grow with their strength (`inc1`). Off unless given.",
  additionalProperties: false,
  properties: {
    magnitude: { type: 'number', minimum: 0, maximum: 10, default: 9, description: 'Mean strength of an operation.' },
    layers: { type: 'integer', minimum: 0, maximum: 15, default: 2, description: 'Operations drawn for a view; each is carried out with probability 1/2.' },
    std: { type: 'number', minimum: 0, maximum: 10, default: 0.5, description: 'Standard deviation of the strength, which is cut off to 0..10.' },
  },
} as const satisfies JsonObject;

/** Schema of random erasing; defaults are MAE's for fine-tuning, area and aspect timm's. */
export const randomErasingSchema = {
  type: 'object',
  description: "A rectangle of a view becomes noise of ImageNet's mean and deviation (timm's RandomErasing, mode pixel). Off unless given.",
  additionalProperties: false,
  properties: {
    probability: probability('Share of the views that lose a rectangle.', 0.25),
    area: range('Area of the rectangle as a fraction of the view, [low, high].', 0.001, 1, [0.02, 1 / 3]),
    aspect: range('Height / width of the rectangle, [low, high].', 0.01, 100, [0.3, 1 / 0.3]),
  },
} as const satisfies JsonObject;

/** Schema of a `mix` option; defaults are MAE's for fine-tuning (main_finetune.py in FINETUNE.md). */
export const mixSchema = {
  type: 'object',
  description: "Mixup and cutmix of each batch with itself in reverse order (timm's Mixup, mode batch). Off unless given.",
  additionalProperties: false,
  properties: {
    mixup: { type: 'number', minimum: 0, maximum: 100, default: 0.8, description: 'alpha of Beta(alpha, alpha), which the share of an image comes from; 0: no mixup.' },
    cutmix: { type: 'number', minimum: 0, maximum: 100, default: 1, description: 'alpha of Beta(alpha, alpha), which the area that stays comes from; 0: no cutmix.' },
    switch_probability: probability('Share of cutmix, where both are on.', 0.5),
    probability: probability('Share of the batches that are mixed.', 1),
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
