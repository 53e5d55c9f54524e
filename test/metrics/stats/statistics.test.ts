import { describe, expect, test } from 'vitest';
import { averagePrecision, classify, confusion, evaluateCoco, meanPerClass, poolCounts, segmentationScores, type ImageMatches, type SegmentationCounts } from '../../../src/metrics/index.js';
import { accuracyOf, averagePrecisionOf, meanPerClassOf, miouOf, resample, strataOf } from '../../../src/metrics/stats/index.js';
import { stream } from '../../../src/random.js';
import { generated } from '../coco/generated.js';
import { inputs } from '../coco/inputs.js';

/** Whole weights, and each image as often as its weight says. */
function drawn(items: number, seed: number): { readonly weights: Float64Array; readonly repeated: readonly number[] } {
  const draw = stream(seed, 'weights');
  const weights = Float64Array.from({ length: items }, () => draw.integer(4));
  return { weights, repeated: [...weights].flatMap((weight, item) => Array.from({ length: weight }, () => item)) };
}
const ones = (items: number): Float64Array => new Float64Array(items).fill(1);

describe('a statistic under weights is the metric of images that are literally repeated', () => {
  test('accuracy and mean per class', () => {
    const draw = stream(3, 'labels');
    const labels = Array.from({ length: 60 }, () => draw.integer(7));
    const predictions = labels.map((label) => (draw.uniform() < 0.6 ? label : draw.integer(7)));
    const right = labels.map((label, i) => label === predictions[i]);
    const [accuracy, perClass] = [accuracyOf(right), meanPerClassOf(labels, right)];
    for (let seed = 0; seed < 20; seed++) {
      const { weights, repeated } = drawn(labels.length, seed);
      const expected = classify(repeated.map((i) => labels[i]!), repeated.map((i) => predictions[i]!), 7);
      expect(accuracy(weights)).toBeCloseTo(expected.top1, 13);
      expect(perClass(weights)).toBeCloseTo(expected.mean_per_class, 13);
      expect(perClass(weights.map((weight) => 0.3 * weight))).toBeCloseTo(expected.mean_per_class, 13);
    }
    // Without the images of class 2 the class is left out.
    const without = Float64Array.from(labels, (label) => Number(label !== 2));
    const kept = labels.flatMap((label, i) => (label === 2 ? [] : [i]));
    expect(perClass(without)).toBeCloseTo(meanPerClass(confusion(kept.map((i) => labels[i]!), kept.map((i) => predictions[i]!), 7)).value, 13);
  });

  test('mIoU', () => {
    const draw = stream(4, 'counts');
    const classes = 5;
    // Class 4 is predicted and in no truth.
    const images = Array.from({ length: 12 }, (): SegmentationCounts => ({
      tp: Array.from({ length: classes }, (_, label) => (label === 4 ? 0 : draw.integer(50))),
      fp: Array.from({ length: classes }, () => draw.integer(30)),
      fn: Array.from({ length: classes }, (_, label) => (label === 4 ? 0 : draw.integer(30))),
    }));
    const flat = images.map(({ tp, fp, fn }) => tp.flatMap((right, label) => (right + fp[label]! + fn[label]! === 0 ? [] : [label, right, fp[label]!, fn[label]!])));
    const miou = miouOf(flat);
    for (let seed = 0; seed < 20; seed++) {
      const { weights, repeated } = drawn(images.length, seed);
      expect(miou(weights)).toBeCloseTo(segmentationScores(poolCounts(repeated.map((i) => images[i]!))).mIoU, 13);
    }
    expect(miouOf([[0, 3, 1, 0, 1, 2, 0, 1], [0, 1, 0, 1]])(Float64Array.of(1, 2))).toBeCloseTo((5 / 8 + 2 / 3) / 2, 14);
  });

  test('AP, of boxes and masks, with and without equal scores', () => {
    let compared = 0;
    for (let seed = 1; seed < 60; seed++) {
      const { truth, results } = generated(seed);
      const { truths, found, categories } = inputs(truth, results);
      const type = seed % 3 === 0 ? 'segm' : 'bbox';
      const classes = categories.length;
      const { matches, summary } = evaluateCoco(truths, found, type, { classes });
      const statistic = averagePrecisionOf(matches);
      if (summary.AP !== -1) expect(statistic(ones(truths.length))).toBeCloseTo(summary.AP, 12);
      const { weights, repeated } = drawn(truths.length, seed);
      const again = evaluateCoco(repeated.map((i) => truths[i]!), repeated.map((i) => found[i]!), type, { classes }).summary.AP;
      if (again === -1) expect(statistic(weights)).toBeNaN();
      else {
        compared++;
        expect(statistic(weights)).toBeCloseTo(again, 12);
      }
    }
    expect(compared).toBeGreaterThan(40);
  });

  test('AP of many images, where a class has detections of all kinds', () => {
    const draw = stream(5, 'matches');
    const images = Array.from({ length: 80 }, (): ImageMatches => [0, 1, 2].map((category) => {
      const scores = Array.from({ length: draw.integer(6) }, () => draw.integer(40) / 40).sort((a, b) => b - a);
      return { category, truths: draw.integer(3), scores, matched: scores.map(() => (draw.uniform() < 0.5 ? (1 << draw.integer(11)) - 1 : 0)), ignored: scores.map(() => (draw.uniform() < 0.1 ? 1023 : draw.uniform() < 0.1 ? 992 : 0)) };
    }));
    const statistic = averagePrecisionOf(images);
    for (let seed = 0; seed < 10; seed++) {
      const { weights, repeated } = drawn(images.length, seed);
      expect(statistic(weights)).toBeCloseTo(averagePrecision(repeated.map((i) => images[i]!)).AP, 12);
    }
  });
});

describe('resampling', () => {
  test('strata keep their sizes, and what is in none counts nothing', () => {
    const { uniform } = stream(0, 'draws');
    const weights = resample([[0, 2, 4], [1, 3], [6]], 8, uniform);
    const sum = (items: readonly number[]): number => items.reduce((all, item) => all + weights[item]!, 0);
    expect([sum([0, 2, 4]), sum([1, 3]), weights[6], weights[5], weights[7]]).toEqual([expect.closeTo(3, 12), expect.closeTo(2, 12), 1, 0, 0]);
    // Of two images one is drawn, and counts twice.
    expect([...weights.filter((_, i) => i === 1 || i === 3)].sort()).toEqual([0, 2]);
  });

  test('the spread of draws is the unbiased variance of the mean, stratum by stratum', () => {
    const { uniform } = stream(1, 'draws');
    const right = [true, false, false, true, true, false, true, true];
    const strata = [[0, 1, 2], [3, 4, 5, 6, 7]];
    const accuracy = accuracyOf(right);
    const values = Array.from({ length: 40_000 }, () => accuracy(resample(strata, right.length, uniform)));
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
    // Sample variances of the strata, n / (n - 1) p (1 - p): (3/2)(1/3)(2/3) = 1/3 and (5/4)(4/5)(1/5) = 1/5; the total's is 3 (1/3) + 5 (1/5) = 2, over 8 squared.
    expect(centre).toBeCloseTo(5 / 8, 2);
    expect(variance / (2 / 64)).toBeGreaterThan(0.97);
    expect(variance / (2 / 64)).toBeLessThan(1.03);
  });

  test('labels of one image alone share a stratum', () => {
    expect(strataOf(['a', 'b', 'a', 'c', 'b', 'd'])).toEqual([[0, 2], [1, 4], [3, 5]]);
    expect(strataOf([7, 7, 9, 7])).toEqual([[0, 1, 3, 2]]);
    expect(strataOf(['x'])).toEqual([[0]]);
    expect(strataOf([])).toEqual([]);
  });
});
