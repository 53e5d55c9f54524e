import { describe, expect, it } from 'vitest';
import { packBits } from '../../../src/results/baseline/bits.js';
import type { Baseline, BaselineCell, CompactImages } from '../../../src/results/baseline/index.js';
import { imageVariance } from '../../../src/results/gate/image-variance.js';

const cell = (perImage: CompactImages, primary = 'top1'): BaselineCell =>
  ({ entry: 'e', task: 't', protocol: 'p', seed: 0, key: 'k', protocolHash: 'h', optionsHash: 'o', metricVersion: 1, primary, values: {}, images: 'i', perImage });
const told = (right: readonly number[], primary?: string): BaselineCell => cell({ kind: 'classification', correct: packBits(right.map(Boolean)) }, primary);
const images = (labels: readonly number[] | null, n = labels?.length ?? 0): Baseline['images'][string] => ({ n, classes: 3, labels });

describe('what the test images alone make a change vary by', () => {
  it('is, of accuracy, McNemar\'s variance with n - 1 below, class by class', () => {
    // In each class of four images one fell and one rose: -1, 1, 0, 0 have the sample variance 2/3 (McNemar's 2/4 times 4/3).
    const [before, now] = [told([1, 0, 1, 0, 0, 1, 0, 1]), told([0, 1, 1, 0, 1, 0, 0, 1])];
    expect(imageVariance('accuracy', images([0, 0, 0, 0, 1, 1, 1, 1]), before, now)).toBeCloseTo(2 * 0.25 * (2 / 3) / 4, 12);
    // Unlabelled, as one class: sample variance 4/7 of eight images.
    expect(imageVariance('accuracy', images(null, 8), before, now)).toBeCloseTo(4 / 7 / 8, 12);
  });

  it('is, of mean per class, that of the classes\' means', () => {
    // Classes of 4 and 2 images: changes -1, 1, 0, 0 and 1, 0: (2/3 / 4 + 1/2 / 2) / 2^2.
    const [before, now] = [told([1, 0, 1, 0, 0, 1], 'mean_per_class'), told([0, 1, 1, 0, 1, 1], 'mean_per_class')];
    expect(imageVariance('accuracy', images([0, 0, 0, 0, 1, 1]), before, now)).toBeCloseTo((1 / 6 + 1 / 4) / 4, 12);
  });

  it('is 0 where nothing changed, also of pixels and objects', () => {
    const map = cell({ kind: 'segmentation', counts: [[0, 5, 1, 1], [0, 4, 2, 0]] });
    const objects = cell({ kind: 'detection', box: [[{ category: 0, truths: 1, scores: [1], matched: [1023], ignored: [0] }], []], mask: null });
    expect(imageVariance('miou', images(null, 2), map, map)).toBe(0);
    expect(imageVariance('box_ap', images(null, 2), objects, objects)).toBe(0);
  });

  it('is, of mIoU on images of one pixel, that of accuracy', () => {
    const right = Array.from({ length: 60 }, (_, at) => at % 3);
    // An image is right in both, fell, or rose; IoU of the one true class is the share of right pixels.
    const map = (wrong: number): BaselineCell => cell({ kind: 'segmentation', counts: right.map((kind) => (kind === wrong ? [0, 0, 0, 1] : [0, 1, 0, 0])) });
    const expected = imageVariance('accuracy', images(null, 60), told(right.map((kind) => Number(kind !== 1))), told(right.map((kind) => Number(kind !== 2))));
    // 200 draws: 5 % of the deviation, 10 % of the variance.
    expect(Math.abs(imageVariance('miou', images(null, 60), map(1), map(2)) / expected - 1)).toBeLessThan(0.2);
    expect(imageVariance('miou', images(null, 60), map(1), map(2))).toBe(imageVariance('miou', images(null, 60), map(1), map(2)));
  });
});
