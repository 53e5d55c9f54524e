import type { Stream } from '../../random.js';
import { type Fill, rotate, shearX, shearY, translateX, translateY } from './affine.js';
import { adjustBrightness, adjustContrast, adjustSaturation, adjustSharpness } from './enhance.js';
import type { RandAugment } from './options.js';
import type { Place } from './place.js';
import type { Filter } from './resample.js';
import { autocontrast, equalize, invert, posterize, solarize, solarizeAdd } from './tone.js';

/** ImageNet's mean colour: what comes from outside a turned, sheared or shifted picture. */
const meanColour: Fill = [124, 116, 104];

/** An operation at a strength of 0..1; `sign` (1 or -1) is its direction, where it has one. */
type Operation = (place: Place, strength: number, sign: number, filter: Filter) => void;

/** Factor of an enhancement: away from 1 in either direction, never below 0.1. */
const enhancement = (strength: number, sign: number): number => Math.max(0.1, 1 + sign * strength * 0.9);

/** timm's `_RAND_INCREASING_TRANSFORMS` (data/auto_augment.py): their names there, order and strengths. */
export const randAugmentOperations: Readonly<Record<string, Operation>> = {
  AutoContrast: (place) => { autocontrast(place); },
  Equalize: (place) => { equalize(place); },
  Invert: (place) => { invert(place); },
  Rotate: (place, strength, sign, filter) => { rotate(place, sign * (strength * 30), filter, meanColour); },
  PosterizeIncreasing: (place, strength) => { posterize(place, 4 - Math.trunc(strength * 4)); },
  SolarizeIncreasing: (place, strength) => { solarize(place, 256 - Math.min(256, Math.trunc(strength * 256))); },
  SolarizeAdd: (place, strength) => { solarizeAdd(place, Math.min(128, Math.trunc(strength * 110))); },
  ColorIncreasing: (place, strength, sign) => { adjustSaturation(place, enhancement(strength, sign)); },
  ContrastIncreasing: (place, strength, sign) => { adjustContrast(place, enhancement(strength, sign)); },
  BrightnessIncreasing: (place, strength, sign) => { adjustBrightness(place, enhancement(strength, sign)); },
  SharpnessIncreasing: (place, strength, sign) => { adjustSharpness(place, enhancement(strength, sign)); },
  ShearX: (place, strength, sign, filter) => { shearX(place, sign * (strength * 0.3), filter, meanColour); },
  ShearY: (place, strength, sign, filter) => { shearY(place, sign * (strength * 0.3), filter, meanColour); },
  TranslateXRel: (place, strength, sign, filter) => { translateX(place, sign * (strength * 0.45), filter, meanColour); },
  TranslateYRel: (place, strength, sign, filter) => { translateY(place, sign * (strength * 0.45), filter, meanColour); },
};

const operations = Object.values(randAugmentOperations);

/**
 * `layers` times an operation is drawn (the same may come again), carried out with probability 1/2 at a normally
 * distributed strength in a random direction. RandAugment (arXiv:1909.13719) as timm varies it.
 */
export function randAugment(place: Place, { magnitude, layers, std }: RandAugment, filter: Filter, draws: Stream): void {
  for (let layer = 0; layer < layers; layer++) {
    const operation = operations[draws.integer(operations.length)]!;
    if (draws.uniform() >= 0.5) continue;
    const level = std === 0 ? magnitude : magnitude + std * draws.normal();
    operation(place, Math.max(0, Math.min(10, level)) / 10, draws.uniform() < 0.5 ? -1 : 1, filter);
  }
}
