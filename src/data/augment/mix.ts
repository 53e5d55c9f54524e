import type { Stream } from '../../random.js';
import { symmetricBeta } from './beta.js';
import type { Box } from './crop.js';
import type { Mix } from './options.js';

/** How one batch is mixed. `share`: weight of an image's own label, 0..1. */
export type Mixing =
  | { readonly kind: 'none'; readonly share: 1 }
  | { readonly kind: 'mixup'; readonly share: number }
  | { readonly kind: 'cutmix'; readonly share: number; readonly box: Box };

const unmixed: Mixing = { kind: 'none', share: 1 };

/** Draws how a batch of size x size images is mixed. */
export function drawMixing({ mixup, cutmix, switch_probability, probability }: Mix, size: number, draws: Stream): Mixing {
  if ((mixup === 0 && cutmix === 0) || draws.uniform() >= probability) return unmixed;
  const cut = cutmix > 0 && (mixup === 0 || draws.uniform() < switch_probability);
  const share = symmetricBeta(cut ? cutmix : mixup, draws);
  if (!cut) return { kind: 'mixup', share };
  const box = cutBox(size, share, draws);
  // The rectangle is cut off at the edge, so that what stays is more than what was drawn.
  return { kind: 'cutmix', share: 1 - (box.width * box.height) / (size * size), box };
}

/** A square of the area 1 - share with its centre anywhere in the picture, cut off at the edge. timm: rand_bbox. */
export function cutBox(size: number, share: number, draws: Pick<Stream, 'integer'>): Box {
  const side = Math.trunc(size * Math.sqrt(1 - share));
  const y = draws.integer(size);
  const x = draws.integer(size);
  const top = Math.max(0, y - Math.floor(side / 2));
  const left = Math.max(0, x - Math.floor(side / 2));
  return {
    left, top,
    width: Math.min(size, x + Math.floor((side + 1) / 2)) - left,
    height: Math.min(size, y + Math.floor((side + 1) / 2)) - top,
  };
}

const own = new Float32Array(256);
const other = new Float32Array(256);
/** Adding and taking away 2^23 leaves a single-precision value below it rounded to whole, halves to even. */
const whole = 2 ** 23;

/**
 * Mixes a batch in place: uint8 [batch, size, size, 3], image i with image batch - 1 - i. Mixup in single precision,
 * rounded, as timm's FastCollateMixup does it on bytes.
 */
export function mixImages(images: Uint8Array, batch: number, size: number, mixing: Mixing): void {
  if (mixing.kind === 'none') return;
  const length = size * size * 3;
  if (mixing.kind === 'cutmix') {
    const { left, top, width, height } = mixing.box;
    for (let i = 0; i < Math.floor(batch / 2); i++) {
      for (let y = top; y < top + height; y++) {
        const start = (y * size + left) * 3;
        exchange(images, i * length + start, (batch - 1 - i) * length + start, width * 3);
      }
    }
    return;
  }
  for (let value = 0; value < 256; value++) {
    own[value] = value * Math.fround(mixing.share);
    other[value] = value * Math.fround(1 - mixing.share);
  }
  for (let i = 0; i < Math.floor(batch / 2); i++) {
    for (let a = i * length, b = (batch - 1 - i) * length; a < (i + 1) * length; a++, b++) {
      const first = images[a]!;
      const second = images[b]!;
      images[a] = Math.fround(Math.fround(own[first]! + other[second]!) + whole) - whole;
      images[b] = Math.fround(Math.fround(own[second]! + other[first]!) + whole) - whole;
    }
  }
}

function exchange(images: Uint8Array, a: number, b: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const held = images[a + i]!;
    images[a + i] = images[b + i]!;
    images[b + i] = held;
  }
}
