import type { Stream } from '../../random.js';
import { adjustBrightness, adjustContrast, adjustSaturation } from './enhance.js';
import { adjustHue } from './hue.js';
import type { ColorJitter } from './options.js';
import type { Place } from './place.js';

const order = new Uint8Array(4);

/** torchvision's ColorJitter: each change once, by factors of the draws, in an order of the draws. `probability` is not looked at. */
export function colorJitter(place: Place, { brightness, contrast, saturation, hue }: ColorJitter, draws: Stream): void {
  for (let i = 0; i < 4; i++) {
    const j = draws.integer(i + 1);
    order[i] = order[j]!;
    order[j] = i;
  }
  const brightnessFactor = factor(brightness, draws);
  const contrastFactor = factor(contrast, draws);
  const saturationFactor = factor(saturation, draws);
  const turn = draws.between(-hue, hue);
  for (const change of order) {
    if (change === 0 && brightness > 0) adjustBrightness(place, brightnessFactor);
    else if (change === 1 && contrast > 0) adjustContrast(place, contrastFactor);
    else if (change === 2 && saturation > 0) adjustSaturation(place, saturationFactor);
    else if (change === 3 && hue > 0) adjustHue(place, turn);
  }
}

const factor = (spread: number, draws: Stream): number => draws.between(Math.max(0, 1 - spread), 1 + spread);
