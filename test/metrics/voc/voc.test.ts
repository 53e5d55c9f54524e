import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Box, type Detection, type GroundTruth, vocAveragePrecision } from '../../../src/metrics/index.js';

type Corners = [number, number, number, number];
interface Case {
  readonly truths: readonly { image: number; category: number; box: Corners; difficult: boolean }[];
  readonly found: readonly { image: number; category: number; box: Corners; score: number }[];
  readonly '11-point': readonly (number | null)[];
  readonly area: readonly (number | null)[];
}
const cases = JSON.parse(readFileSync(new URL('./reference.json', import.meta.url), 'utf8')) as readonly Case[];

const truth = (box: Box, more: Partial<GroundTruth> = {}): GroundTruth => ({ id: 1, category: 0, box, area: box[2] * box[3], mask: null, crowd: false, difficult: false, ...more });
const detection = (box: Box, score: number, category = 0): Detection => ({ category, score, box, mask: null });
/** VOC's inclusive corners, from 1 on. */
const inclusive = ([xmin, ymin, xmax, ymax]: Corners): Box => [xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1];

describe('Pascal VOC', () => {
  it.each(['11-point', 'area'] as const)('%s equals the reference on random detections', (rule) => {
    for (const { truths, found, ...expected } of cases) {
      const images = [0, 1, 2, 3, 4];
      const got = vocAveragePrecision(
        images.map((image) => truths.filter((one) => one.image === image).map(({ box, category, difficult }) => truth(inclusive(box), { category, difficult }))),
        images.map((image) => found.filter((one) => one.image === image).map(({ box, score, category }) => detection(inclusive(box), score, category))),
        { classes: 4, rule },
      );
      expect(got.absent).toEqual(expected[rule].flatMap((value, i) => (value === null ? [i] : [])));
      got.perClass.forEach((value, i) => (value === null ? expect(expected[rule][i]).toBeNull() : expect(value).toBeCloseTo(expected[rule][i]!, 12)));
      const present = expected[rule].filter((value) => value !== null);
      expect(got.mAP).toBeCloseTo(present.reduce((sum, value) => sum + value, 0) / present.length, 12);
    }
  });

  const [a, b, far]: Box[] = [[0, 0, 10, 10], [50, 50, 10, 10], [90, 0, 5, 5]] as [Box, Box, Box];

  it('comes to what one works out by hand', () => {
    // Right, wrong, right: precision 1 to recall 1/2, then 2/3. 11 points: 6 x 1 and 5 x 2/3.
    const found = [[detection(a, 0.9), detection(far, 0.8)], [detection(b, 0.7)]];
    const truths = [[truth(a)], [truth(b)]];
    expect(vocAveragePrecision(truths, found, { classes: 1, rule: 'area' }).mAP).toBeCloseTo(5 / 6, 12);
    expect(vocAveragePrecision(truths, found, { classes: 1, rule: '11-point' }).mAP).toBeCloseTo((6 + 10 / 3) / 11, 12);
  });

  // NumPy's arange(0, 1.1, 0.1) has 0.30000000000000004, 0.6000000000000001 and 0.7000000000000001: that many tenths do not reach them.
  it.each([[1, 2], [2, 3], [3, 3], [4, 5], [5, 6], [6, 6], [7, 7], [8, 9], [9, 10], [10, 11]])('%i of 10 objects, each found at once, are %i of 11 points', (right, points) => {
    const truths = Array.from({ length: 10 }, () => [truth(a)]);
    const found = truths.map((_, image) => (image < right ? [detection(a, 1 - image / 16)] : []));
    expect(vocAveragePrecision(truths, found, { classes: 1, rule: '11-point' }).mAP).toBeCloseTo(points / 11, 12);
  });

  it('an overlap of exactly a half is enough, less is not', () => {
    const ap = (height: number): number => vocAveragePrecision([[truth(a)]], [[detection([0, 0, 10, height], 1)]], { classes: 1, rule: 'area' }).mAP;
    expect([ap(5), ap(4.9)]).toEqual([1, 0]);
  });

  it('a detection of a difficult object counts for nothing, also twice', () => {
    const found = [[detection(b, 0.9), detection(b, 0.8), detection(a, 0.7)]];
    expect(vocAveragePrecision([[truth(a), truth(b, { difficult: true })]], found, { classes: 1, rule: 'area' }).mAP).toBe(1);
    expect(vocAveragePrecision([[truth(b, { difficult: true })]], found, { classes: 1, rule: 'area' })).toEqual({ mAP: NaN, perClass: [null], absent: [0] });
  });

  it('equal scores enter together, in any order', () => {
    const mixed = [[detection(a, 0.5), detection(far, 0.5)]];
    const value = (found: readonly (readonly Detection[])[]): number => vocAveragePrecision([[truth(a)]], found, { classes: 1, rule: 'area' }).mAP;
    expect([value(mixed), value([[...mixed[0]!].reverse()])]).toEqual([0.5, 0.5]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['lists of different lengths', () => vocAveragePrecision([[]], [], { classes: 1, rule: 'area' }), /1 images but detections of 0/],
    ['an unknown category', () => vocAveragePrecision([[truth([0, 0, 1, 1], { category: 3 })]], [[]], { classes: 3, rule: 'area' }), /category 3 is not an integer in 0..2/],
    ['a score that is no number', () => vocAveragePrecision([[]], [[detection([0, 0, 1, 1], NaN)]], { classes: 1, rule: 'area' }), /score NaN/],
  ])('refuses %s', (_, make, message) => expect(make).toThrow(message));
});
