import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Augment, augmentSchema, type Background, defaultAugment, type Filter, paintBackground, randomCrop, resample, trainView, wholeView } from '../../src/data/augment/index.js';
import type { ImageSet } from '../../src/data/image-set.js';
import { type Stream, stream } from '../../src/random.js';
import { ajvOf, check as problemsIn } from '../../src/suite/validate.js';
import { flatSet, lcg, noisePicture, noiseSet } from './pictures.js';

interface Reference {
  readonly resizes: readonly {
    readonly picture: { readonly width: number; readonly height: number; readonly channels: 3 | 4; readonly seed: number };
    readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
    readonly out: number;
    readonly filter: Filter;
    readonly pixels: string;
  }[];
  readonly crops: readonly { readonly width: number; readonly height: number; readonly scale: [number, number]; readonly ratio: [number, number]; readonly boxes: readonly (readonly number[])[] }[];
}
const reference = JSON.parse(readFileSync(new URL('augment.reference.json', import.meta.url), 'utf8')) as Reference;

const noCrop: Augment = { ...defaultAugment, crop_scale: [1, 1], crop_ratio: [1, 1], flip: 0, margin: 0 };
const view = (set: ImageSet, index: number, augment: Augment, size = set.size, seed = 0): Uint8Array => {
  const target = new Uint8Array(size * size * 3);
  trainView(set, index, augment, stream(seed, 'test'), { target, offset: 0, size });
  return target;
};

describe('resample', () => {
  it.each(reference.resizes.map((c) => [`${c.picture.width}x${c.picture.height}x${c.picture.channels} box ${c.box.width}x${c.box.height} -> ${c.out} ${c.filter}`, c] as const))(
    'equals torchvision on Pillow to the bit: %s',
    (_, { picture, box, out, filter, pixels }) => {
      const { width, height, channels, seed } = picture;
      const target = new Uint8Array(out * out * channels + 2).fill(99);
      resample({ pixels: noisePicture(width, height, channels, seed), offset: 0, width, height, channels }, box, out, filter, 'edge', target, 1);
      expect(Buffer.from(target.subarray(1, -1)).toString('base64')).toBe(pixels);
      expect([target[0], target.at(-1)]).toEqual([99, 99]);
    },
  );

  it('repeats the edge outside the picture, or counts it as zero', () => {
    const picture = { pixels: Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120), offset: 0, width: 2, height: 2, channels: 3 } as const;
    const box = { left: -1, top: -1, width: 3, height: 3 };
    const edge = new Uint8Array(27);
    resample(picture, box, 3, 'bicubic', 'edge', edge, 0);
    expect([...edge]).toEqual([10, 20, 30, 10, 20, 30, 40, 50, 60, 10, 20, 30, 10, 20, 30, 40, 50, 60, 70, 80, 90, 70, 80, 90, 100, 110, 120]);
    const zero = new Uint8Array(27);
    resample(picture, box, 3, 'bicubic', 'zero', zero, 0);
    expect([...zero]).toEqual([...Array<number>(12).fill(0), 10, 20, 30, 40, 50, 60, 0, 0, 0, 70, 80, 90, 100, 110, 120]);
    const beyond = new Uint8Array(12);
    resample(picture, { left: 5, top: 7, width: 2, height: 2 }, 2, 'bicubic', 'edge', beyond, 0);
    expect([...beyond]).toEqual([100, 110, 120, 100, 110, 120, 100, 110, 120, 100, 110, 120]);
  });

  it('does not carry anything over from an earlier, larger call', () => {
    const small = { pixels: noisePicture(8, 8, 3, 1), offset: 0, width: 8, height: 8, channels: 3 } as const;
    const box = { left: 1, top: 2, width: 5, height: 6 };
    const before = new Uint8Array(75);
    resample(small, box, 5, 'bicubic', 'edge', before, 0);
    resample({ pixels: noisePicture(90, 80, 3, 2), offset: 0, width: 90, height: 80, channels: 3 }, { left: 0, top: 0, width: 90, height: 80 }, 7, 'bicubic', 'edge', new Uint8Array(147), 0);
    const after = new Uint8Array(75);
    resample(small, box, 5, 'bicubic', 'edge', after, 0);
    expect(after).toEqual(before);
  });
});

describe('randomCrop', () => {
  it.each(reference.crops.map((c) => [`${c.width}x${c.height}, scale ${c.scale.join('..')}`, c] as const))("gives torchvision's boxes from the same draws: %s", (_, { width, height, scale, ratio, boxes }) => {
    const found = boxes.map((__, i) => {
      const draws = lcg(Math.imul(i, 2654435761) >>> 0);
      const uniform = (): number => draws.next().value / 2 ** 32;
      const box = randomCrop(width, height, scale, ratio, { between: (low, high) => low + (high - low) * uniform(), integer: (n) => Math.floor(uniform() * n) });
      return [box.left, box.top, box.width, box.height];
    });
    expect(found).toEqual(boxes);
  });

  it('covers areas and ratios evenly over many draws', () => {
    const side = 1000;
    const boxes = Array.from({ length: 4000 }, (_, i) => randomCrop(side, side, [0.2, 0.5], [0.5, 2], stream(5, 'crop', 0, i)));
    // Every first try fits here (area 0.5, ratio 2: both sides at most 1000), so area is uniform and log ratio too.
    const areas = boxes.map(({ width, height }) => ((width * height) / side ** 2 - 0.2) / 0.3);
    const ratios = boxes.map(({ width, height }) => (Math.log(width / height) / Math.log(2) + 1) / 2);
    for (const values of [areas, ratios]) {
      const bins = new Array<number>(10).fill(0);
      for (const v of values) bins[Math.min(9, Math.max(0, Math.floor(v * 10)))]!++;
      const chiSquare = bins.reduce((sum, n) => sum + (n - 400) ** 2 / 400, 0);
      expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
    }
    expect(boxes.every(({ left, top, width, height }) => left >= 0 && top >= 0 && left + width <= side && top + height <= side)).toBe(true);
  });
});

describe('trainView', () => {
  it('without crop and flip is the picture itself', () => {
    const set = noiseSet(3, 16, 3);
    expect(view(set, 1, noCrop)).toEqual(set.pixels.slice(768, 1536));
  });

  it('flips exactly', () => {
    const set = noiseSet(2, 16, 3);
    const flipped = view(set, 0, { ...noCrop, flip: 1 });
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        const from = (y * 16 + 15 - x) * 3;
        expect([...flipped.subarray((y * 16 + x) * 3, (y * 16 + x) * 3 + 3)]).toEqual([...set.pixels.subarray(from, from + 3)]);
      }
    }
  });

  it('flips RGBA exactly and leaves the background of the draw unmirrored', () => {
    const set = flatSet([[200, 100, 50, 255]], 8);
    // Left half transparent: after the flip the right half shows the background.
    for (let y = 0; y < 8; y++) for (let x = 0; x < 4; x++) set.pixels[(y * 8 + x) * 4 + 3] = 0;
    const plain = view(set, 0, { ...noCrop, background: 'white' });
    const flipped = view(set, 0, { ...noCrop, background: 'white', flip: 1 });
    const row = (pixels: Uint8Array): number[] => Array.from({ length: 8 }, (_, x) => pixels[x * 3 + 1]!);
    expect(row(plain)).toEqual([255, 255, 255, 255, 100, 100, 100, 100]);
    expect(row(flipped)).toEqual([100, 100, 100, 100, 255, 255, 255, 255]);
  });

  it('flips with the probability that it is given', () => {
    const set = flatSet([[0, 0, 0]], 2);
    set.pixels.set([255, 255, 255], 0);
    let flips = 0;
    for (let seed = 0; seed < 2000; seed++) flips += view(set, 0, { ...noCrop, flip: 0.3 }, 2, seed)[0] === 0 ? 1 : 0;
    expect(Math.abs(flips - 600)).toBeLessThan(3.3 * Math.sqrt(2000 * 0.3 * 0.7));
  });

  it('shifts by whole pixels up to its limit in every direction', () => {
    const set = flatSet([[0, 0, 0]], 9);
    set.pixels.set([255, 255, 255], (4 * 9 + 4) * 3);
    const seen = new Set<string>();
    for (let seed = 0; seed < 1500; seed++) {
      const at = view(set, 0, { ...noCrop, shift: 2 / 9 }, 9, seed).indexOf(255) / 3;
      seen.add(`${(at % 9) - 4},${Math.floor(at / 9) - 4}`);
    }
    const expected = [-2, -1, 0, 1, 2].flatMap((x) => [-2, -1, 0, 1, 2].map((y) => `${x},${y}`));
    expect([...seen].sort()).toEqual(expected.sort());
  });

  it('puts straight alpha over the background', () => {
    const set = flatSet([[200, 100, 0, 128], [200, 100, 0, 255], [200, 100, 0, 0]], 4);
    const white = { ...noCrop, background: 'white' } as const;
    // 200 * 128/255 + 255 * 127/255 = 227.4, 100 -> 177.2, 0 -> 127; premultiplied and background are rounded on their own.
    expect([...view(set, 0, white).subarray(0, 3)]).toEqual([227, 177, 127]);
    expect([...view(set, 1, white).subarray(0, 3)]).toEqual([200, 100, 0]);
    expect([...view(set, 2, white).subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it('lets no colour of transparent pixels through when it resizes', () => {
    const set = flatSet([[255, 0, 0, 0]], 8);
    for (let y = 0; y < 8; y++) for (let x = 4; x < 8; x++) set.pixels.set([0, 0, 255, 255], (y * 8 + x) * 4);
    const resized = view(set, 0, { ...noCrop, background: 'white' }, 5);
    // Over white, with blue alone, green is never above red: a red fringe would lift it.
    for (let i = 0; i < 25; i++) expect(resized[i * 3]).toBe(resized[i * 3 + 1]);
  });

  it('gives RGBA pictures a margin that the crop is drawn from', () => {
    const set = flatSet([[0, 0, 0, 255]], 8);
    const bordered = view(set, 0, { ...noCrop, margin: 0.25, background: 'white' }, 12);
    const dark = Array.from({ length: 144 }, (_, i) => bordered[i * 3] === 0 ? [i % 12, Math.floor(i / 12)] : null).filter((p) => p !== null);
    expect(dark).toHaveLength(64);
    expect([dark[0], dark.at(-1)]).toEqual([[2, 2], [9, 9]]);
    const photo = flatSet([[7, 8, 9]], 8);
    expect(view(photo, 0, { ...noCrop, margin: 0.25 }, 12).every((v, i) => v === 7 + (i % 3))).toBe(true);
  });
});

describe('wholeView', () => {
  it('is the picture over a background of its draws', () => {
    const set = flatSet([[1, 2, 3, 255], [1, 2, 3, 0]], 4);
    const at = (index: number, seed: number): Uint8Array => {
      const target = new Uint8Array(48);
      wholeView(set, index, 'textures', stream(seed, 'view'), { target, offset: 0, size: 4 });
      return target;
    };
    expect(at(0, 1)).toEqual(at(0, 2));
    expect(at(1, 1)).not.toEqual(at(1, 2));
    expect(at(1, 1)).toEqual(at(1, 1));
  });
});

describe('paintBackground', () => {
  const paint = (kind: Background, size: number, draws: Stream): Uint8Array => {
    const target = new Uint8Array(size * size * 3 + 6).fill(7);
    paintBackground(target, 3, size, kind, draws);
    expect([...target.subarray(0, 3), ...target.subarray(-3)]).toEqual([7, 7, 7, 7, 7, 7]);
    return target.slice(3, -3);
  };

  it('stays within its place, differs between draws and is equal for equal draws', () => {
    for (const kind of ['textures', 'gradients'] as const) {
      const all = Array.from({ length: 60 }, (_, i) => Buffer.from(paint(kind, 16, stream(0, 'paint', 0, i))).toString('base64'));
      expect(new Set(all).size).toBe(60);
      expect(Buffer.from(paint(kind, 16, stream(0, 'paint', 0, 3))).toString('base64')).toBe(all[3]);
    }
  });

  it('is smooth: neighbouring pixels of a gradient differ by little, and textures by more', () => {
    const roughness = (kind: Background): number => {
      let sum = 0;
      for (let i = 0; i < 200; i++) {
        const pixels = paint(kind, 32, stream(1, 'rough', 0, i));
        for (let p = 0; p < 32 * 31; p++) sum += Math.abs(pixels[p * 3]! - pixels[(p + 1) * 3]!) / (200 * 32 * 31);
      }
      return sum;
    };
    const gradients = roughness('gradients');
    expect(gradients).toBeLessThan(6);
    expect(roughness('textures')).toBeGreaterThan(gradients * 1.2);
  });

  it('looks alike at another size', () => {
    for (let i = 0; i < 20; i++) {
      const small = paint('gradients', 16, stream(2, 'size', 0, i));
      const large = paint('gradients', 64, stream(2, 'size', 0, i));
      const centre = (pixels: Uint8Array, size: number): number => pixels[((size / 2) * size + size / 2) * 3]!;
      expect(Math.abs(centre(small, 16) - centre(large, 64))).toBeLessThan(14);
    }
  });

  it('uses the whole range of hues', () => {
    const strongest = [0, 0, 0];
    for (let i = 0; i < 600; i++) {
      const [r, g, b] = paint('gradients', 2, stream(3, 'hue', 0, i));
      const most = Math.max(r!, g!, b!);
      strongest[most === r ? 0 : most === g ? 1 : 2]!++;
    }
    for (const count of strongest) expect(Math.abs(count - 200)).toBeLessThan(50);
  });
});

describe('augmentSchema', () => {
  const check = ajvOf({ useDefaults: true, strict: true, strictTuples: false }).compile({ type: 'object', properties: { augment: augmentSchema } });
  const validate = (value: unknown): { ok: boolean; value: unknown } => {
    const holder: { augment?: unknown } = value === undefined ? {} : { augment: value };
    return { ok: check(holder), value: holder.augment };
  };

  it('takes no range that begins behind its end', () => {
    for (const name of ['crop_scale', 'crop_ratio']) {
      expect([[0.3, 0.9], [0.9, 0.9], [0.9, 0.3]].map((value) => validate({ [name]: value }).ok), name).toEqual([true, true, false]);
    }
    expect(validate({ blur: { sigma: [3, 0.1] } }).ok).toBe(false);
    expect(problemsIn(augmentSchema, { crop_scale: [0.9, 0.5] })).toMatchObject([{ path: ['crop_scale'], message: '[0.9,0.5] begins behind its end: the lower value comes first' }]);
  });

  it('fills in every default, which are those of defaultAugment', () => {
    expect(validate({})).toEqual({ ok: true, value: defaultAugment });
    expect(validate(undefined)).toEqual({ ok: true, value: defaultAugment });
    expect(validate({ flip: 0 })).toEqual({ ok: true, value: { ...defaultAugment, flip: 0 } });
  });

  it('refuses unknown names and values out of range', () => {
    for (const wrong of [{ flipp: 1 }, { flip: 1.5 }, { crop_scale: [0.2] }, { crop_scale: [0, 1] }, { interpolation: 'nearest' }, { shift: -0.1 }, { background: 'green' }]) {
      expect(validate(wrong).ok).toBe(false);
    }
  });
});
