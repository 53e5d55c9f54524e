import type { Stream } from '../../random.js';
import type { ImageSet } from '../image-set.js';
import { type Augment, defaultAugment } from './options.js';
import type { Place } from './place.js';
import { trainView } from './view.js';

/** Several views of one image: two large ones and some small ones (SwAV, DINO, iBOT). */
export interface MultiCrop {
  /** Area of the two global crops as a fraction of the picture, low and high. */
  readonly globalScale: readonly [number, number];
  readonly localScale: readonly [number, number];
  readonly localCount: number;
  /** Pixels a side. */
  readonly globalSize: number;
  readonly localSize: number;
}

export interface View {
  /** Of the input that it becomes part of: views of one name have one size. */
  readonly name: string;
  readonly size: number;
  readonly augment: Augment;
}

/**
 * The views `global` and `local` of DINO and iBOT (DataAugmentationiBOT, main_ibot.py), global ones first: each is cropped, flipped, jittered
 * (0.8) and made grey (0.2); the first global view is always blurred; the second seldom (0.1), and solarised (0.2); local
 * views are blurred by half. `base` says what concerns the data: margin, background, interpolation, crop ratio, flip, shift.
 */
export function multiCrop({ globalScale, localScale, localCount, globalSize, localSize }: MultiCrop, base: Augment = defaultAugment): readonly View[] {
  const colours = { ...base, color_jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }, grayscale: 0.2 };
  const blur = (probability: number) => ({ probability, sigma: [0.1, 2] as const });
  const local: View = { name: 'local', size: localSize, augment: { ...colours, crop_scale: localScale, blur: blur(0.5) } };
  return [
    { name: 'global', size: globalSize, augment: { ...colours, crop_scale: globalScale, blur: blur(1) } },
    { name: 'global', size: globalSize, augment: { ...colours, crop_scale: globalScale, blur: blur(0.1), solarize: 0.2 } },
    ...Array.from({ length: localCount }, () => local),
  ];
}

/** Draws every view of image `index`: view v from `draws(v)` into `places[v]`, whose size is the view's. */
export function multiCropViews(set: ImageSet, index: number, views: readonly View[], draws: (view: number) => Stream, places: readonly Place[]): void {
  views.forEach(({ augment, size }, v) => {
    const place = places[v];
    if (place?.size !== size) throw new RangeError(`multiCropViews: view ${v} is ${size} pixels a side, its place is ${place?.size ?? 'missing'}`);
    trainView(set, index, augment, draws(v), place);
  });
}
