import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { averagePrecision, type CocoOptions, type CocoSummary, type Compat, type Detection, evaluateCoco, iouThresholds, recallPoints } from '../../../src/metrics/index.js';
import { generated, type Instances, type Result } from './generated.js';
import { type Inputs, inputs } from './inputs.js';

interface Case {
  readonly name: string; readonly truth: Instances; readonly results: readonly Result[]; readonly stats: readonly number[];
  readonly ties?: true; readonly maxDets?: [number, number, number]; readonly limited?: readonly number[];
  readonly categories: readonly { id: number; AP: number; AP50: number; AP75: number; curve50: number[]; curve75: number[] }[];
}
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const cases = read('./cases.json') as readonly Case[];
const expected = read('./generated.reference.json') as readonly (readonly (readonly number[])[])[];
const compat: Compat = 'pycocotools';

/** pycocotools' order of the twelve numbers. */
const numbers = ({ AP, AP50, AP75, APs, APm, APl, AR1, AR10, AR100, ARs, ARm, ARl }: CocoSummary): readonly number[] => [AP, AP50, AP75, APs, APm, APl, AR1, AR10, AR100, ARs, ARm, ARl];
const evaluate = ({ truths, found, categories }: Inputs, type: 'bbox' | 'segm', options: Omit<CocoOptions, 'classes'> = {}) => evaluateCoco(truths, found, type, { classes: categories.length, ...options });
const farthest = (a: readonly number[], b: readonly number[]): number => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe('checked-in cases, as pycocotools', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, { truth, results, stats, ties, maxDets, limited, categories }) => {
    const given = inputs(truth, results);
    // Without equal scores the two rules for ties are one.
    for (const rule of ties === true ? [compat] : [compat, null]) {
      const got = evaluate(given, 'bbox', { compat: rule });
      expect(farthest(numbers(got.summary), stats)).toBeLessThan(1e-12);
      expect(got.categories.map(({ category }) => given.categories[category])).toEqual(categories.map(({ id }) => id));
      got.categories.forEach((own, i) => {
        expect(farthest([own.AP, own.AP50, own.AP75, ...own.curve50, ...own.curve75], [categories[i]!.AP, categories[i]!.AP50, categories[i]!.AP75, ...categories[i]!.curve50, ...categories[i]!.curve75])).toBeLessThan(1e-12);
      });
      if (maxDets !== undefined) expect(farthest(numbers(evaluate(given, 'bbox', { compat: rule, maxDets }).summary), limited!)).toBeLessThan(1e-12);
    }
  });

  it('thresholds are numpy\'s to the bit', () => {
    expect(iouThresholds).toEqual([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95]);
    expect([recallPoints[7], recallPoints[29], recallPoints[57], recallPoints[100], recallPoints.length]).toEqual([0.07, 0.29, 0.5700000000000001, 1, 101]);
  });
});

it('equals pycocotools on 200 generated data sets: boxes, masks, and masks whose areas are those of boxes', () => {
  let worst = 0;
  for (const [seed, [boxes, boxAreas, masks]] of expected.entries()) {
    const { truth, results } = generated(seed);
    const given = inputs(truth, results);
    // Ties go by the rule; and the object with id 0 in every tenth set is never found for pycocotools.
    for (const rule of seed % 2 === 0 && seed % 10 !== 0 ? [compat, null] : [compat]) {
      worst = Math.max(
        worst,
        farthest(numbers(evaluate(given, 'bbox', { compat: rule }).summary), boxes!),
        farthest(numbers(evaluate(given, 'segm', { compat: rule, detectionArea: 'box' }).summary), boxAreas!),
        farthest(numbers(evaluate(given, 'segm', { compat: rule }).summary), masks!),
      );
    }
  }
  expect(expected).toHaveLength(200);
  expect(worst).toBeLessThan(1e-12);
});

describe('ties', () => {
  const tied = cases.filter(({ ties }) => ties === true);
  const byName = (name: string): Inputs => {
    const { truth, results } = tied.find((one) => one.name === name)!;
    return inputs(truth, results);
  };
  const reversed = ({ truths, found, categories }: Inputs): Inputs => ({ truths: [...truths].reverse(), found: [...found].reverse().map((own) => [...own].reverse()), categories });

  it('enter together: two right of five is a precision of 0.4 up to recall 1', () => {
    const { AP50, curve50 } = evaluate(byName('equal scores: by image, then in the order of the file'), 'bbox').categories[0]!;
    expect(new Set(curve50)).toEqual(new Set([2 / (5 + Number.EPSILON)]));
    expect(AP50).toBeCloseTo(0.4, 12);
  });

  it('in one image the one further left takes the object', () => {
    // [10, ...] overlaps by 1, [18, ...] by 2/3: the one at 10 comes first, whatever the file says; at both thresholds below 2/3 the other is wrong.
    const { summary } = evaluate(byName('equal scores in one image'), 'bbox');
    expect(summary.AR1).toBe(1);
    expect(summary.AP).toBeCloseTo(0.5, 12);
  });

  it('no order of images and detections changes a number, and compat\'s does', () => {
    let changed = 0;
    for (let seed = 1; seed < 60; seed += 2) {
      const { truth, results } = generated(seed);
      const given = inputs(truth, results);
      const turned = reversed(given);
      for (const type of ['bbox', 'segm'] as const) expect(farthest(numbers(evaluate(given, type).summary), numbers(evaluate(turned, type).summary))).toBeLessThan(1e-12);
      if (evaluate(given, 'bbox', { compat }).summary.AP !== evaluate(turned, 'bbox', { compat }).summary.AP) changed++;
    }
    expect(changed).toBeGreaterThan(10);
  });

  it('masks in equal boxes with equal scores are matched in an order of their own', () => {
    // 4 x 4 pixels, column by column. `large` overlaps the first object by 6/8 and the second by 4/8, `small` the first alone, by 5/8.
    const mask = (...counts: readonly number[]) => ({ size: [4, 4] as const, counts });
    const [large, small] = [mask(0, 2, 2, 4, 8), mask(0, 5, 11)];
    const found = (one: typeof large): Detection => ({ category: 0, score: 0.5, box: [0, 0, 4, 4], mask: one });
    const truths = [[mask(0, 8, 8), mask(4, 6, 6)].map((one, i) => ({ id: i + 1, category: 0, box: [0, 0, 4, 4] as const, area: 8, mask: one, crowd: false, difficult: false }))];
    const scores = (rule: Compat) => [[small, large], [large, small]].map((order) => evaluateCoco(truths, [order.map(found)], 'segm', { classes: 1, compat: rule }).summary.AP50);
    expect(new Set(scores(compat)).size).toBe(2);
    // The larger first: it takes the first object, and none is left for the other. Both enter the curve together: precision 1/2 up to a recall of 1/2.
    scores(null).forEach((score) => { expect(score).toBeCloseTo((0.5 * 51) / 101, 12); });
  });

  it('an object whose id is 0 counts as found, but not for pycocotools', () => {
    expect(evaluate(byName('an object whose id is 0'), 'bbox').summary.AP).toBeCloseTo(1, 12);
    expect(evaluate(byName('an object whose id is 0'), 'bbox', { compat }).summary.AP).toBeCloseTo(0.2525, 3);
  });
});

describe('stored matches', () => {
  it('give AP again, through JSON', () => {
    for (const seed of [3, 4, 17, 20]) {
      const { truth, results } = generated(seed);
      const { summary, categories, matches } = evaluate(inputs(truth, results), 'segm');
      const again = averagePrecision(JSON.parse(JSON.stringify(matches)) as typeof matches);
      expect([again.AP, again.AP50, again.AP75, again.categories]).toEqual([summary.AP, summary.AP50, summary.AP75, categories]);
    }
  });

  it('of images drawn with repetition are an evaluation of those images', () => {
    const { truth, results } = generated(8);
    const { truths, found, categories } = inputs(truth, results);
    const drawn = [0, 0, 2, 1, 2, 2].map((i) => i % truths.length);
    const direct = evaluate({ truths: drawn.map((i) => truths[i]!), found: drawn.map((i) => found[i]!), categories }, 'bbox');
    const { matches } = evaluate({ truths, found, categories }, 'bbox');
    expect(averagePrecision(drawn.map((i) => matches[i]!)).AP).toBe(direct.summary.AP);
  });

  it('say which detection is right at which threshold', () => {
    // IoU 2/3: right from 0.5 to 0.65, which are bits 0 to 3.
    const truth = { id: 1, category: 0, box: [10, 10, 40, 40], area: 1600, mask: null, crowd: false, difficult: false } as const;
    const crowd = { ...truth, id: 2, box: [100, 100, 50, 50], crowd: true } as const;
    const detection = (left: number, score: number) => ({ category: 0, score, box: [left, left, 40, 40], mask: null }) as const;
    const { matches } = evaluateCoco([[truth, crowd]], [[detection(105, 0.2), { ...detection(18, 0.5), box: [18, 10, 40, 40] }]], 'bbox', { classes: 1 });
    expect(matches).toEqual([[{ category: 0, truths: 1, scores: [0.5, 0.2], matched: [0b1111, 0b1111111111], ignored: [0, 0b1111111111] }]]);
  });

  it('a difficult object is neither to be found nor wrong when it is', () => {
    const truth = { id: 1, category: 0, box: [10, 10, 40, 40], area: 1600, mask: null, crowd: false, difficult: false } as const;
    const hard = { ...truth, id: 2, box: [100, 100, 40, 40], difficult: true } as const;
    const found = [{ category: 0, score: 0.9, box: [100, 100, 40, 40], mask: null }, { category: 0, score: 0.5, box: [10, 10, 40, 40], mask: null }] as const;
    expect(evaluateCoco([[truth, hard]], [found], 'bbox', { classes: 1 }).summary).toMatchObject({ AP: expect.closeTo(1, 12) as number, AR100: 1 });
    expect(evaluateCoco([[hard]], [found], 'bbox', { classes: 1 }).summary.AP).toBe(-1);
  });

  it('any number of detections of a difficult object count neither way, each by plain IoU', () => {
    const hard = { id: 1, category: 0, box: [100, 100, 40, 40], area: 1600, mask: null, crowd: false, difficult: true } as const;
    // IoU 1, 3/4 (right up to 0.75: six thresholds) and, wholly inside, 1/4.
    const found = [[40, 0.9], [30, 0.8], [10, 0.7]].map(([height, score]) => ({ category: 0, score: score!, box: [100, 100, 40, height!] as const, mask: null }));
    const { matches } = evaluateCoco([[hard]], [found], 'bbox', { classes: 1 });
    expect(matches).toEqual([[{ category: 0, truths: 0, scores: [0.9, 0.8, 0.7], matched: [0b1111111111, 0b111111, 0], ignored: [0b1111111111, 0b111111, 0] }]]);
  });
});

describe('refuses', () => {
  const truth = { id: 1, category: 0, box: [0, 0, 4, 4], area: 16, mask: null, crowd: false, difficult: false } as const;
  const detection = { category: 0, score: 0.5, box: [0, 0, 4, 4], mask: null } as const;
  it.each<[string, () => unknown, RegExp]>([
    ['lists of different lengths', () => evaluateCoco([[truth]], [], 'bbox', { classes: 1 }), /objects of 1 images but detections of 0/],
    ['an unknown category', () => evaluateCoco([[truth]], [[{ ...detection, category: 1 }]], 'bbox', { classes: 1 }), /detection 0 of image 0 has the category 1, expected an integer in 0..0/],
    ['a score that is no number', () => evaluateCoco([[truth]], [[detection, { ...detection, score: NaN }]], 'bbox', { classes: 1 }), /detection 1 of image 0 has the score NaN/],
    ['a box that is not finite', () => evaluateCoco([[{ ...truth, box: [0, 0, Infinity, 1] }]], [[]], 'bbox', { classes: 1 }), /object 0 of image 0 has the box/],
    ['an area that is no number', () => evaluateCoco([[{ ...truth, area: NaN }]], [[]], 'bbox', { classes: 1 }), /area NaN/],
    ['a missing mask', () => evaluateCoco([[truth]], [[detection]], 'segm', { classes: 1 }), /has none/],
    ['limits that fall', () => evaluateCoco([[truth]], [[detection]], 'bbox', { classes: 1, maxDets: [1, 100, 10] }), /ascending, got 1, 100, 10/],
  ])('%s', (_, make, message) => expect(make).toThrow(message));
});
