import { readFileSync } from 'node:fs';
import jstat from 'jstat';
import { describe, expect, it } from 'vitest';
import { symmetricBeta } from '../../src/data/augment/beta.js';
import { colorJitter } from '../../src/data/augment/color-jitter.js';
import { adjustBrightness, adjustContrast, adjustSaturation } from '../../src/data/augment/enhance.js';
import { adjustHue } from '../../src/data/augment/hue.js';
import { type Augment, defaultAugment, drawMixing, mixImages, type Mixing, multiCrop, multiCropViews, trainView } from '../../src/data/augment/index.js';
import { cutBox } from '../../src/data/augment/mix.js';
import type { Place } from '../../src/data/augment/place.js';
import { randAugment, randAugmentOperations } from '../../src/data/augment/rand-augment.js';
import { erasedBox, randomErasing } from '../../src/data/augment/random-erasing.js';
import { trainBatch } from '../../src/data/loader/index.js';
import { sha256 } from '../../src/files.js';
import { mixTargets, smoothTargets } from '../../src/protocols/fine-tune/targets.js';
import { type Stream, stream } from '../../src/random.js';
import { flatSet, lcg, noisePicture, noiseSet } from './pictures.js';

interface Reference {
  readonly erased_boxes: readonly { readonly size: number; readonly area: [number, number]; readonly aspect: [number, number]; readonly boxes: readonly (readonly number[] | null)[] }[];
  readonly mixes: readonly {
    readonly kind: 'mixup' | 'cutmix'; readonly share: number; readonly centre: readonly [number, number] | null; readonly batch: number; readonly size: number;
    readonly classes: number; readonly smoothing: number; readonly labels: readonly number[]; readonly pixels: string; readonly targets: readonly number[];
  }[];
}
const reference = JSON.parse(readFileSync(new URL('augment-operations.reference.json', import.meta.url), 'utf8')) as Reference;

/** Distribution functions of the package that the intervals take Student's t from; its types name no more. */
const { normal, beta } = jstat as unknown as { readonly normal: { cdf(x: number, mean: number, std: number): number }; readonly beta: { cdf(x: number, a: number, b: number): number } };

const text = (pixels: Uint8Array): string => Buffer.from(pixels).toString('base64');
const placed = (pixels: Uint8Array, size: number): Place => ({ target: Uint8Array.from(pixels), offset: 0, size });
const still: Augment = { ...defaultAugment, crop_scale: [1, 1], crop_ratio: [1, 1], flip: 0, margin: 0 };
/** Sum of (found - expected)^2 / expected. */
const chiSquare = (found: readonly number[], expected: readonly number[]): number => found.reduce((sum, n, i) => sum + (n - expected[i]!) ** 2 / expected[i]!, 0);
/** Largest distance of the draws' distribution from `cdf`, times the root of their number: above 1.95 once in a thousand. */
const kolmogorov = (draws: readonly number[], cdf: (x: number) => number): number => {
  const sorted = [...draws].sort((a, b) => a - b);
  return Math.sqrt(sorted.length) * Math.max(...sorted.map((x, i) => Math.max(cdf(x) - i / sorted.length, (i + 1) / sorted.length - cdf(x))));
};

describe('what is off', () => {
  it('changes no byte of a batch', () => {
    // Computed before there was anything but crop, shift, flip and background.
    const known = { 3: '636f8dbecf21fc3fa01476df734ba28ee5af627c650019812b14fed4ee9c8b35', 4: '210439509a5db2e8444e5653f100bc7bd16865934b54f2083beceb182c32076c' };
    for (const channels of [3, 4] as const) {
      const set = noiseSet(11, 16, channels);
      const batches = [0, 1, 2, 7].map((step) => trainBatch({ set, indices: [10, 3, 4, 7, 8, 1, 0], augment: defaultAugment, seed: 1, purpose: 'pretrain', step, size: 20, batch: 6 }));
      expect(sha256(Buffer.concat(batches))).toBe(known[channels]);
    }
  });
});

describe('a view', () => {
  const set = noiseSet(1, 16, 3);
  const draw = (augment: Augment, seed: number): Uint8Array => {
    const target = new Uint8Array(768);
    trainView(set, 0, augment, stream(seed, 'view'), { target, offset: 0, size: 16 });
    return target;
  };
  const plain = text(draw(still, 0));

  it.each([
    ['color_jitter', (probability: number) => ({ color_jitter: { probability, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 } })],
    ['grayscale', (grayscale: number) => ({ grayscale })],
    ['blur', (probability: number) => ({ blur: { probability, sigma: [0.6, 2] } })],
    ['solarize', (solarize: number) => ({ solarize })],
    ['random_erasing', (probability: number) => ({ random_erasing: { probability, area: [0.02, 0.3], aspect: [0.5, 2] } })],
  ] as readonly (readonly [string, (probability: number) => Partial<Augment>])[])('is changed by %s with the probability that it is given', (_, option) => {
    const changed = (probability: number): number => Array.from({ length: 400 }, (__, seed) => text(draw({ ...still, ...option(probability) }, seed)) === plain ? 0 : 1).reduce<number>((sum, n) => sum + n, 0);
    expect(changed(0)).toBe(0);
    expect(changed(1)).toBe(400);
    expect(Math.abs(changed(0.3) - 120)).toBeLessThan(3.3 * Math.sqrt(400 * 0.3 * 0.7));
  });

  it('does everything at once, a function of its stream alone', () => {
    const all: Augment = {
      ...defaultAugment, color_jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }, grayscale: 0.2, blur: { probability: 0.5, sigma: [0.1, 2] }, solarize: 0.2,
      rand_augment: { magnitude: 9, layers: 2, std: 0.5 }, random_erasing: { probability: 0.25, area: [0.02, 1 / 3], aspect: [0.3, 1 / 0.3] },
    };
    const forward = Array.from({ length: 30 }, (_, seed) => text(draw(all, seed)));
    const backward = Array.from({ length: 30 }, (_, i) => text(draw(all, 29 - i))).reverse();
    expect(backward).toEqual(forward);
    expect(new Set(forward).size).toBe(30);
  });

  it('is erased behind all that recolours it', () => {
    const black = flatSet([[0, 0, 0]], 8);
    const target = new Uint8Array(192);
    trainView(black, 0, { ...still, grayscale: 1, random_erasing: { probability: 1, area: [0.5, 0.6], aspect: [1, 1] } }, stream(0, 'view'), { target, offset: 0, size: 8 });
    const coloured = Array.from({ length: 64 }, (_, i) => [...target.subarray(3 * i, 3 * i + 3)]).filter((pixel) => new Set(pixel).size > 1);
    expect(coloured.length).toBeGreaterThan(20);
  });
});

describe('colorJitter', () => {
  const options = { probability: 1, brightness: 0, contrast: 0, saturation: 0, hue: 0 };
  const pixel = (colour: readonly number[], given: Partial<typeof options>, seed: number): Uint8Array => {
    const place = placed(Uint8Array.from(colour), 1);
    colorJitter(place, { ...options, ...given }, stream(seed, 'jitter'));
    return place.target;
  };
  const seeds = Array.from({ length: 2000 }, (_, seed) => seed);
  /** Values in [0, 1): evenly over ten bins. */
  const even = (values: readonly number[]): number => {
    const bins = new Array<number>(10).fill(0);
    for (const value of values) bins[Math.max(0, Math.min(9, Math.floor(value * 10)))]!++;
    return chiSquare(bins, bins.map(() => values.length / 10));
  };

  it('draws brightness and hue evenly from their ranges', () => {
    // Half a level is added for the truncation.
    expect(even(seeds.map((seed) => ((pixel([150, 150, 150], { brightness: 0.4 }, seed)[0]! + 0.5) / 150 - 0.6) / 0.8))).toBeLessThan(27.9);
    // Pure red turned by up to a sixth, in Pillow's steps of 1/255 cut towards 0: green is 6 a step; blue is 6 a step but the first.
    const steps = seeds.map((seed) => pixel([255, 0, 0], { hue: 1 / 6 }, seed)).map(([, green, blue]) => (green! > 0 ? green! : -blue!) / 6);
    const edges = [-Infinity, -28, -14, 0, 1, 15, 29, Infinity];
    const found = edges.slice(1).map((end, i) => steps.filter((step) => step >= edges[i]! && step < end).length);
    expect(chiSquare(found, [12.5, 14, 14, 3, 14, 14, 13.5].map((length) => (2000 * length) / 85))).toBeLessThan(22.5); // 6 degrees of freedom, p = 0.001
  });

  it('draws no factor below 0', () => {
    expect(Math.min(...seeds.map((seed) => pixel([100, 100, 100], { brightness: 1 }, seed)[0]!))).toBe(0);
    expect(Math.max(...seeds.map((seed) => pixel([100, 100, 100], { brightness: 1 }, seed)[0]!))).toBeGreaterThan(195);
  });

  it('makes each change once, in every order alike', () => {
    const picture = noisePicture(6, 6, 3, 4);
    const change = [(p: Place) => { adjustBrightness(p, 1.3); }, (p: Place) => { adjustContrast(p, 1.2); }, (p: Place) => { adjustSaturation(p, 1.2); }, (p: Place) => { adjustHue(p, 0.12); }];
    const orders = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].flatMap((b) => [0, 1, 2, 3].flatMap((c) => [0, 1, 2, 3].map((d) => [a, b, c, d])))).filter((order) => new Set(order).size === 4);
    const wanted = orders.map((order) => {
      const place = placed(picture, 6);
      for (const i of order) change[i]!(place);
      return text(place.target);
    });
    const found = [0, 1].flatMap((i) => [0, 1, 2].flatMap((j) => [0, 1, 2, 3].map((k) => {
      const integers = [0, i, j, k];
      const place = placed(picture, 6);
      // Each factor at three quarters of the way up, the turn too: 1 + 0.6 / 2 and so on.
      colorJitter(place, { probability: 1, brightness: 0.6, contrast: 0.4, saturation: 0.4, hue: 0.24 }, { ...stream(0, ''), integer: () => integers.shift()!, between: (low, high) => low + 0.75 * (high - low) });
      return text(place.target);
    })));
    expect(found.sort()).toEqual(wanted.sort());
    expect(new Set(wanted).size).toBeGreaterThan(20);
  });
});

describe('randAugment', () => {
  it('draws operations evenly, carries out half of them, and takes either direction', () => {
    // Large enough for equalize, which leaves pictures of fewer than 255 pixels alone.
    const picture = noisePicture(17, 17, 3, 9);
    const result = (act: (place: Place) => void): string => {
      const place = placed(picture, 17);
      act(place);
      return text(place.target);
    };
    const expected = new Map([[text(picture), 0.5]]);
    for (const operation of Object.values(randAugmentOperations)) {
      for (const sign of [-1, 1]) {
        const outcome = result((place) => { operation(place, 0.9, sign, 'bicubic'); });
        expected.set(outcome, (expected.get(outcome) ?? 0) + 1 / 60);
      }
    }
    expect(expected.size).toBe(1 + 6 + 9 * 2);
    const count = 3000;
    const found = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const outcome = result((place) => { randAugment(place, { magnitude: 9, layers: 1, std: 0 }, 'bicubic', stream(2, 'rand-augment', 0, i)); });
      found.set(outcome, (found.get(outcome) ?? 0) + 1);
    }
    expect([...found.keys()].every((outcome) => expected.has(outcome))).toBe(true);
    expect(chiSquare([...expected.keys()].map((outcome) => found.get(outcome) ?? 0), [...expected.values()].map((share) => share * count))).toBeLessThan(51.2); // 24 degrees of freedom, p = 0.001
  });

  it('draws strengths normally and cuts them off at 10', () => {
    const index = Object.keys(randAugmentOperations).indexOf('SolarizeAdd');
    const counts = new Map<number, number>();
    const count = 4000;
    for (let i = 0; i < count; i++) {
      const draws: Stream = { ...stream(3, 'strength', 0, i), integer: () => index, uniform: () => 0 };
      const place = placed(new Uint8Array(3), 1);
      randAugment(place, { magnitude: 9, layers: 1, std: 0.5 }, 'bicubic', draws);
      counts.set(place.target[0]!, (counts.get(place.target[0]!) ?? 0) + 1);
    }
    // A black pixel becomes trunc(11 * strength), at most 110.
    const below = (add: number): number => normal.cdf(add / 11, 9, 0.5);
    const edges = [0, 88, 91, 94, 97, 100, 103, 106, 110, Infinity];
    const expected = edges.slice(1).map((end, i) => count * ((end === Infinity ? 1 : below(end)) - below(edges[i]!)));
    const found = edges.slice(1).map((end, i) => [...counts].filter(([add]) => add >= edges[i]! && add < end).reduce((sum, [, n]) => sum + n, 0));
    expect(Math.max(...counts.keys())).toBe(110);
    expect(chiSquare(found, expected)).toBeLessThan(26.1); // 8 degrees of freedom, p = 0.001
  });

  it('goes on from one layer to the next, and does nothing without any', () => {
    const picture = noisePicture(8, 8, 3, 9);
    const indices = [2, 2];
    const place = placed(picture, 8);
    randAugment(place, { magnitude: 9, layers: 2, std: 0 }, 'bicubic', { ...stream(0, ''), integer: () => indices.shift()!, uniform: () => 0 });
    expect(place.target).toEqual(picture); // inverted twice
    expect(indices).toEqual([]);
    randAugment(place, { magnitude: 9, layers: 0, std: 0 }, 'bicubic', stream(0, ''));
    expect(place.target).toEqual(picture);
  });
});

describe('randomErasing', () => {
  it.each(reference.erased_boxes.map((c) => [c.size, c] as const))("takes timm's rectangles from the same draws: %i pixels", (_, { size, area, aspect, boxes }) => {
    const found = boxes.map((__, i) => {
      const draws = lcg(Math.imul(i, 2654435761) >>> 0);
      const uniform = (): number => draws.next().value / 2 ** 32;
      const box = erasedBox(size, { probability: 1, area, aspect }, { between: (low, high) => low + (high - low) * uniform(), integer: (n) => Math.floor(uniform() * n) });
      return box === null ? null : [box.left, box.top, box.width, box.height];
    });
    expect(found).toEqual(boxes);
  });

  it("fills the rectangle with noise of ImageNet's statistics, and leaves the rest", () => {
    const size = 64;
    const options = { probability: 1, area: [0.3, 0.3], aspect: [1, 1] } as const;
    const means = [0.485, 0.456, 0.406];
    const deviations = [0.229, 0.224, 0.225];
    const values: number[][] = [[], [], []];
    let outside = 0;
    for (let i = 0; i < 8; i++) {
      const place = placed(new Uint8Array(size * size * 3).fill(7), size);
      randomErasing(place, options, stream(1, 'erase', 0, i));
      const box = erasedBox(size, options, stream(1, 'erase', 0, i))!;
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const inside = x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height;
          for (let c = 0; c < 3; c++) {
            const value = place.target[(y * size + x) * 3 + c]!;
            if (inside) values[c]!.push(value);
            else if (value !== 7) outside++;
          }
        }
      }
    }
    expect(outside).toBe(0);
    values.forEach((noise, c) => {
      for (const sigmas of [-1.5, -1, 0, 1, 1.5]) {
        // Levels up to the nearest one: its upper edge is where the normal distribution is asked.
        const level = Math.round(255 * (means[c]! + sigmas * deviations[c]!));
        const share = normal.cdf((level + 0.5) / 255, means[c]!, deviations[c]!);
        const found = noise.filter((value) => value <= level).length / noise.length;
        expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / noise.length));
      }
    });
  });
});

describe('symmetricBeta', () => {
  it.each([0.2, 0.8, 1, 1.7, 6])('is distributed as Beta(alpha, alpha): %d', (alpha) => {
    const draws = Array.from({ length: 4000 }, (_, i) => symmetricBeta(alpha, stream(4, 'beta', 0, i)));
    expect(kolmogorov(draws, (x) => beta.cdf(x, alpha, alpha))).toBeLessThan(1.95);
  });

  it('stays a number for a tiny alpha: one end or the other', () => {
    const draws = Array.from({ length: 500 }, (_, i) => symmetricBeta(1e-9, stream(4, 'beta', 1, i)));
    expect(draws.every((draw) => draw < 1e-6 || draw > 1 - 1e-6)).toBe(true);
    expect(Math.abs(draws.filter((draw) => draw > 0.5).length - 250)).toBeLessThan(3.3 * Math.sqrt(125));
  });
});

describe('mixing', () => {
  it.each(reference.mixes.map((c) => [`${c.kind} ${c.share}${c.centre === null ? '' : ` at ${c.centre.join()}`}, batch ${c.batch}`, c] as const))("gives timm's bytes and targets: %s", (_, { kind, share, centre, batch, size, classes, smoothing, labels, pixels, targets }) => {
    const images = Uint8Array.from(Array.from({ length: batch }, (__, i) => [...noisePicture(size, size, 3, i + 1)]).flat());
    let mixing: Mixing;
    if (kind === 'mixup') mixing = { kind, share };
    else {
      const centres = [...centre!];
      const box = cutBox(size, share, { integer: () => centres.shift()! });
      mixing = { kind, share: 1 - (box.width * box.height) / size ** 2, box };
    }
    mixImages(images, batch, size, mixing);
    expect(text(images)).toBe(pixels);
    const found = smoothTargets(labels, classes, smoothing);
    mixTargets(found, classes, mixing.share);
    found.forEach((value, i) => { expect(Math.abs(value - targets[i]!)).toBeLessThan(1e-6); });
  });

  it('mixes the middle image of an odd batch with itself', () => {
    const images = noisePicture(4, 12, 3, 1);
    const before = images.slice();
    mixImages(images, 3, 4, { kind: 'mixup', share: 0.3 });
    expect(images.subarray(48, 96)).toEqual(before.subarray(48, 96));
    expect(images.subarray(0, 48)).not.toEqual(before.subarray(0, 48));
    const targets = Float32Array.of(1, 0, 0, 1, 0, 1);
    mixTargets(targets, 2, 0.25);
    expect([...targets]).toEqual([0.25, 0.75, 0, 1, 0.75, 0.25]);
  });

  const options = { mixup: 0.8, cutmix: 1, switch_probability: 0.3, probability: 0.9 };
  const count = 3000;
  const drawn = Array.from({ length: count }, (_, step) => drawMixing(options, 32, stream(5, 'mix', step)));

  it('draws kinds with their probabilities', () => {
    const found = (['none', 'mixup', 'cutmix'] as const).map((kind) => drawn.filter((mixing) => mixing.kind === kind).length);
    expect(chiSquare(found, [0.1, 0.63, 0.27].map((share) => share * count))).toBeLessThan(13.8); // 2 degrees of freedom, p = 0.001
    const kinds = (given: Partial<typeof options>): Set<string> => new Set(Array.from({ length: 50 }, (_, step) => drawMixing({ ...options, probability: 1, ...given }, 32, stream(5, 'mix', step)).kind));
    expect(kinds({ cutmix: 0 })).toEqual(new Set(['mixup']));
    expect(kinds({ mixup: 0 })).toEqual(new Set(['cutmix']));
    expect(kinds({ mixup: 0, cutmix: 0 })).toEqual(new Set(['none']));
    expect(kinds({ probability: 0 })).toEqual(new Set(['none']));
  });

  it('draws shares from the beta distribution of its kind, and cuts with the area that it says', () => {
    expect(kolmogorov(drawn.filter(({ kind }) => kind === 'mixup').map(({ share }) => share), (x) => beta.cdf(x, 0.8, 0.8))).toBeLessThan(1.95);
    const cuts = drawn.filter((mixing) => mixing.kind === 'cutmix');
    for (const { share, box } of cuts) {
      expect(share).toBe(1 - (box.width * box.height) / 1024);
      expect(box.left >= 0 && box.top >= 0 && box.width >= 0 && box.height >= 0 && box.left + box.width <= 32 && box.top + box.height <= 32).toBe(true);
    }
    // Rectangles that no edge cuts are squares, of the side that was drawn.
    expect(cuts.filter(({ box }) => box.left > 0 && box.top > 0 && box.left + box.width < 32 && box.top + box.height < 32).every(({ box }) => box.width === box.height)).toBe(true);
    // Cutting at the edge can only leave more than was drawn: Beta(1, 1) is uniform, its mean a half.
    expect(cuts.reduce((sum, { share }) => sum + share, 0) / cuts.length).toBeGreaterThan(0.55);
  });
});

describe('multiCrop', () => {
  const views = multiCrop({ globalScale: [0.32, 1], localScale: [0.05, 0.32], localCount: 10, globalSize: 24, localSize: 8 });

  it('is the recipe of iBOT', () => {
    expect(views.map(({ name }) => name)).toEqual(['global', 'global', ...Array.from({ length: 10 }, () => 'local')]);
    expect(views.map(({ size, augment }) => [size, augment.crop_scale, augment.blur?.probability, augment.solarize])).toEqual([
      [24, [0.32, 1], 1, undefined], [24, [0.32, 1], 0.1, 0.2], ...Array.from({ length: 10 }, () => [8, [0.05, 0.32], 0.5, undefined]),
    ]);
    for (const { augment } of views) {
      expect(augment.color_jitter).toEqual({ probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 });
      expect([augment.grayscale, augment.flip, augment.blur?.sigma]).toEqual([0.2, 0.5, [0.1, 2]]);
    }
  });

  it('draws each view from a stream of its own', () => {
    const set = noiseSet(2, 32, 3);
    const places = views.map(({ size }) => ({ target: new Uint8Array(size * size * 3), offset: 0, size }));
    multiCropViews(set, 1, views, (view) => stream(6, `crops/${view}`, 3, 1), places);
    views.forEach(({ size, augment }, v) => {
      const target = new Uint8Array(size * size * 3);
      trainView(set, 1, augment, stream(6, `crops/${v}`, 3, 1), { target, offset: 0, size });
      expect(places[v]!.target).toEqual(target);
    });
    expect(new Set(places.map(({ target }) => text(target))).size).toBe(12);
    expect(() => { multiCropViews(set, 1, views, () => stream(6, ''), places.slice(0, 2)); }).toThrow('view 2 is 8 pixels a side, its place is missing');
  });
});
