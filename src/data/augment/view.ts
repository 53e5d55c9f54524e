import type { Stream } from '../../random.js';
import type { ImageSet } from '../image-set.js';
import { paintBackground } from './background.js';
import { gaussianBlur } from './blur.js';
import { colorJitter } from './color-jitter.js';
import { type Box, randomCrop } from './crop.js';
import { greyscale } from './enhance.js';
import type { Augment, Background } from './options.js';
import type { Place } from './place.js';
import { randAugment } from './rand-augment.js';
import { randomErasing } from './random-erasing.js';
import { type Filter, resample } from './resample.js';
import { solarize } from './tone.js';

/**
 * A random training view of image `index`. Draws come in a fixed order (crop, shift, flip, background; then RandAugment,
 * jitter, greyscale, blur, solarise, erasing), so one stream gives one view. What is off draws nothing.
 */
export function trainView(set: ImageSet, index: number, augment: Augment, draws: Stream, place: Place): void {
  const margin = set.channels === 4 ? Math.round(set.size * augment.margin) : 0;
  const side = set.size + 2 * margin;
  const crop = randomCrop(side, side, augment.crop_scale, augment.crop_ratio, draws);
  const shift = augment.shift * set.size;
  const dx = shift === 0 ? 0 : Math.round(draws.between(-shift, shift));
  const dy = shift === 0 ? 0 : Math.round(draws.between(-shift, shift));
  const flip = draws.uniform() < augment.flip;
  const box = { left: crop.left - margin + dx, top: crop.top - margin + dy, width: crop.width, height: crop.height };
  draw(set, index, box, augment.interpolation, flip, augment.background, draws, place);
  recolour(augment, draws, place);
  const { random_erasing: erasing } = augment;
  if (erasing !== undefined && draws.uniform() < erasing.probability) randomErasing(place, erasing, draws);
}

/** The order is timm's (RandAugment behind crop and flip) and DINO's. */
function recolour({ interpolation, rand_augment, color_jitter, grayscale, blur, solarize: inverted }: Augment, draws: Stream, place: Place): void {
  if (rand_augment !== undefined) randAugment(place, rand_augment, interpolation, draws);
  if (color_jitter !== undefined && draws.uniform() < color_jitter.probability) colorJitter(place, color_jitter, draws);
  if (grayscale !== undefined && draws.uniform() < grayscale) greyscale(place);
  if (blur !== undefined && draws.uniform() < blur.probability) gaussianBlur(place, draws.between(blur.sigma[0], blur.sigma[1]));
  if (inverted !== undefined && draws.uniform() < inverted) solarize(place, 128);
}

/** The whole picture, resized where the set has another size. */
export function wholeView(set: ImageSet, index: number, background: Background, draws: Stream, place: Place): void {
  draw(set, index, { left: 0, top: 0, width: set.size, height: set.size }, 'bicubic', false, background, draws, place);
}

// Work memory of one picture.
let premultiplied = new Uint8Array(0);
let resized = new Uint8Array(0);

function draw(set: ImageSet, index: number, box: Box, filter: Filter, flip: boolean, background: Background, draws: Stream, place: Place): void {
  const { target, offset, size } = place;
  const length = set.size * set.size * set.channels;
  if (set.channels === 3) {
    const picture = { pixels: set.pixels, offset: index * length, width: set.size, height: set.size, channels: 3 } as const;
    resample(picture, box, size, filter, 'edge', target, offset);
    if (flip) mirror(target, offset, size);
    return;
  }
  if (premultiplied.length < length) premultiplied = new Uint8Array(length);
  if (resized.length < size * size * 4) resized = new Uint8Array(size * size * 4);
  premultiply(set.pixels, index * length, length, premultiplied);
  const picture = { pixels: premultiplied, offset: 0, width: set.size, height: set.size, channels: 4 } as const;
  resample(picture, box, size, filter, 'zero', resized, 0);
  paintBackground(target, offset, size, background, draws);
  putOver(resized, size, flip, target, offset);
}

/** x / 255, rounded, for 0 <= x <= 255 * 255. */
const by255 = (x: number): number => {
  const v = x + 128;
  return (v + (v >> 8)) >> 8;
};

/** The filter's overshoot can lift a colour above its alpha. */
const atMost255 = (x: number): number => (x > 255 ? 255 : x);

/** Straight to premultiplied alpha: filtering then takes no colour from transparent pixels. */
function premultiply(source: Uint8Array, start: number, length: number, target: Uint8Array): void {
  for (let i = 0; i < length; i += 4) {
    const alpha = source[start + i + 3]!;
    target[i] = by255(source[start + i]! * alpha);
    target[i + 1] = by255(source[start + i + 1]! * alpha);
    target[i + 2] = by255(source[start + i + 2]! * alpha);
    target[i + 3] = alpha;
  }
}

/** Premultiplied RGBA over the RGB that lies in `target`, mirrored when `flip`. */
function putOver(over: Uint8Array, size: number, flip: boolean, target: Uint8Array, offset: number): void {
  let to = offset;
  for (let y = 0; y < size; y++) {
    let from = (flip ? (y + 1) * size - 1 : y * size) * 4;
    const step = flip ? -4 : 4;
    for (let x = 0; x < size; x++, to += 3, from += step) {
      const rest = 255 - over[from + 3]!;
      target[to] = atMost255(over[from]! + by255(target[to]! * rest));
      target[to + 1] = atMost255(over[from + 1]! + by255(target[to + 1]! * rest));
      target[to + 2] = atMost255(over[from + 2]! + by255(target[to + 2]! * rest));
    }
  }
}

function mirror(target: Uint8Array, offset: number, size: number): void {
  for (let y = 0; y < size; y++) {
    let left = offset + y * size * 3;
    let right = left + (size - 1) * 3;
    for (; left < right; left += 3, right -= 3) {
      for (let c = 0; c < 3; c++) {
        const held = target[left + c]!;
        target[left + c] = target[right + c]!;
        target[right + c] = held;
      }
    }
  }
}
