import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../../src/metrics/index.js';
import {
  boxIou, boxMask, checkRle, compressCounts, decodeMask, encodeMask, expandCounts, maskArea, maskBox, maskIou, mergeMasks, polygonMask,
  type Rle, segmentationMask,
} from '../../../src/metrics/index.js';

type Size = [number, number];
interface Reference {
  readonly polygons: readonly { size: Size; polygons: number[][]; each: string[]; union: string; intersection: string; area: number; box: number[] }[];
  readonly boxes: readonly { size: Size; box: [number, number, number, number]; mask: string }[];
  readonly pixels: readonly { size: Size; rows: string[]; mask: string; area: number; box: number[] }[];
  readonly overlaps: readonly { size: Size; found: string[]; truths: string[]; crowd: number[]; iou: number[][]; boxesFound: Box[]; boxesTrue: Box[]; boxIou: number[][] }[];
}
const reference = JSON.parse(readFileSync(new URL('./reference.json', import.meta.url), 'utf8')) as Reference;
const text = ({ counts }: Rle): string => compressCounts(counts);
const mask = (size: Size, counts: string): Rle => ({ size, counts: expandCounts(counts) });

describe('as pycocotools', () => {
  it('polygons become the same masks, byte for byte, and so do their unions and intersections', () => {
    for (const { size: [height, width], polygons, each, union, intersection, area, box } of reference.polygons) {
      const masks = polygons.map((polygon) => polygonMask(polygon, height, width));
      expect(masks.map(text)).toEqual(each);
      const merged = mergeMasks(masks, 'union');
      expect([text(merged), text(mergeMasks(masks, 'intersection')), maskArea(merged), maskBox(merged)]).toEqual([union, intersection, area, box]);
      expect(segmentationMask(polygons, height, width)).toEqual(merged);
    }
  });

  it('boxes become the same masks', () => {
    for (const { size: [height, width], box, mask: expected } of reference.boxes) expect(text(boxMask(box, height, width))).toBe(expected);
  });

  it('pixels become the same run lengths, areas and boxes, and come back', () => {
    for (const { size: [height, width], rows, mask: expected, area, box } of reference.pixels) {
      const pixels = Uint8Array.from(rows.join(''), Number);
      const encoded = encodeMask(pixels, height, width);
      expect([text(encoded), maskArea(encoded), maskBox(encoded)]).toEqual([expected, area, box]);
      expect(decodeMask(mask([height, width], expected))).toEqual(pixels);
    }
  });

  it('masks and boxes overlap to the last bit as much, crowds by their own rule', () => {
    for (const { size, found, truths, crowd, iou, boxesFound, boxesTrue, boxIou: boxes } of reference.overlaps) {
      const crowds = crowd.map((flag) => flag === 1);
      expect([...maskIou(found.map((m) => mask(size, m)), truths.map((m) => mask(size, m)), crowds)]).toEqual(iou.flat());
      expect([...boxIou(boxesFound, boxesTrue, crowds)]).toEqual(boxes.flat());
    }
  });
});

describe('a polygon that reaches far out of the picture', () => {
  it('becomes the same mask', () => {
    // pycocotools 2.0.11: frPyObjects([polygon], 20, 30).
    expect(text(polygonMask([4e5, 2, 12, 2, 12, 4e5, 2, 12], 20, 30))).toBe('d18<00000000000000000F28000000000000000000000000000000000N');
    expect(text(polygonMask([-3e5, -7.5, 14.2, 3, 9.9, 2e5], 20, 30))).toBe('3a030000000000000000000000000m9');
  });

  it('takes no longer however far, and is refused where integers of 32 bits end', () => {
    // Nearly upright edges: ten thousand million steps on the grid of fifths.
    expect(polygonMask([2, -4.2e8, 12, 4.2e8, 1, 4.2e8], 20, 30).size).toEqual([20, 30]);
    expect(() => polygonMask([2, -1e15, 12, 4e8, 1, 4e8], 20, 30)).toThrow(/at most 429496728, got -1000000000000000/);
    expect(() => polygonMask([1, 1, 5, 1, 5, 5], 65_536, 65_536)).toThrow(/under 2\^32 pixels, got 65536 x 65536/);
    expect(() => polygonMask([1, 1, Infinity, 1, 5, 5], 20, 30)).toThrow(/finite/);
  }, 2_000);
});

describe('properties', () => {
  it('merging is what pixels say', () => {
    for (const { polygons, size: [height, width] } of reference.polygons.slice(0, 40)) {
      const masks = polygons.map((polygon) => polygonMask(polygon, height, width));
      const pixels = masks.map(decodeMask);
      const of = (how: (values: readonly number[]) => number): Rle => encodeMask(pixels[0]!.map((_, i) => how(pixels.map((p) => p[i]!))), height, width);
      expect(mergeMasks(masks, 'union')).toEqual(of((v) => Math.max(...v)));
      expect(mergeMasks(masks, 'intersection')).toEqual(of((v) => Math.min(...v)));
    }
  });

  it('a mask overlaps itself by 1, its complement by 0 and a crowd that holds it by 1', () => {
    const [small, rest, all] = [[7, 3, 10], [0, 7, 3, 10], [0, 20]].map((counts): Rle => ({ size: [5, 4], counts })) as [Rle, Rle, Rle];
    expect([...maskIou([small], [small, rest, all, all], [false, false, false, true])]).toEqual([1, 0, 3 / 20, 1]);
  });

  it('run lengths come back from the string, also large and falling ones', () => {
    for (const counts of [[0], [6, 1, 40, 4, 5, 4, 5, 4, 21], [0, 1_000_000, 3, 17, 2_000_000_000, 1, 0, 16], [15, 16, 31, 32, 1023, 1024]]) expect(expandCounts(compressCounts(counts))).toEqual(counts);
    expect(compressCounts([6, 1, 40, 4, 5, 4, 5, 4, 21])).toBe('61X13mN000`0');
  });

  it('run lengths of zero in the middle say nothing', () => {
    const odd: Rle = { size: [3, 3], counts: [2, 1, 0, 2, 0, 0, 4] };
    const plain: Rle = { size: [3, 3], counts: [2, 3, 4] };
    expect([maskArea(odd), maskBox(odd), mergeMasks([odd, plain], 'union'), maskIou([odd], [plain], [false])[0]]).toEqual([3, maskBox(plain), plain, 1]);
  });
});

describe('refuses', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['run lengths that are too short', () => checkRle({ size: [4, 5], counts: [3, 2] }), /come to 5 pixels, a mask of 4 x 5 has 20/],
    ['a negative run length', () => checkRle({ size: [1, 2], counts: [3, -1] }), /run length is -1/],
    ['a size that is none', () => checkRle({ size: [1.5, 2], counts: [3] }), /\[1.5, 2\]/],
    ['another number of pixels', () => encodeMask([1, 0], 2, 2), /2 pixels for a mask of 2 x 2/],
    ['masks of two sizes', () => maskIou([{ size: [2, 2], counts: [0, 4] }], [{ size: [1, 4], counts: [0, 4] }], [false]), /2 x 2 and 1 x 4/],
    ['no mask to merge', () => mergeMasks([], 'union'), /no mask/],
    ['two corners', () => polygonMask([0, 0, 1, 1], 4, 4), /at least three corners/],
    ['half a corner', () => polygonMask([0, 0, 1, 1, 2, 2, 3], 4, 4), /7 numbers/],
    ['a corner that is no number', () => polygonMask([0, 0, 1, NaN, 2, 2], 4, 4), /finite/],
    ['a segmentation without a polygon', () => segmentationMask([], 4, 4), /without a polygon/],
    ['a mask of another size', () => segmentationMask({ size: [4, 5], counts: [20] }, 5, 4), /4 x 5 in a picture of 5 x 4/],
    ['a string with other characters', () => expandCounts('61 1'), /character 2 .* " "/],
    ['a string that ends early', () => expandCounts('61X'), /end within a number/],
  ])('%s', (_, make, message) => expect(make).toThrow(message));
});
