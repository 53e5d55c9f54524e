import { describe, expect, test } from 'vitest';
import { detectableIn, detectableText } from '../../src/cli/plan-detectable.js';
import type { Plan, PlannedJob } from '../../src/runner/job.js';

const job = (task: string, images: number, kind = 'classification', seed = 0, protocol = ({ segmentation: 'upernet', detection: 'mask-rcnn' } as Record<string, string>)[kind] ?? 'knn'): PlannedJob => ({
  id: `transfer/mae/${task}/${protocol}/s${seed}`, kind: 'transfer', config: {}, inputs: {}, modules: [], threads: 1, tags: { entry: 'mae', task, protocol, seed: String(seed) }, key: `${task}${protocol}${seed}`, code: '',
  cost: { images: 1, flops: 1, bytes: 1, tested: { images, kind } },
});
const planOf = (...jobs: PlannedJob[]): Plan => ({ suite: 's', jobs });

describe('what a suite can see', () => {
  test('each task of classification once, and their average', () => {
    const rows = detectableIn(planOf(job('data/a', 50), job('data/a', 50, 'classification', 1), job('data/b', 200)), 5, 5);
    // Five seeds: statsmodels finds an effect of 1.6820 (test/metrics/stats); a seed's spread is sqrt(0.2 / n). Of the average it is sqrt(0.2 / 50 + 0.2 / 200) / 2 = sqrt(0.2 / 160).
    const five = 1.6819971;
    expect(rows.map(({ measure, task, images }) => [measure, task, images])).toEqual([['accuracy', 'data/a', 50], ['accuracy', 'data/b', 200], ['accuracy', null, 250]]);
    [50, 200, 160].forEach((images, row) => expect(rows[row]!.allSeeds).toBeCloseTo(five * Math.sqrt(0.2 / images), 5));
    // Of ten pairs of five entries: the same at 0.05 / 10, by scipy's normal and chi distributions, integrated and solved (its noncentral t gives no number there).
    [50, 200, 160].forEach((images, row) => expect(rows[row]!.anyPair).toBeCloseTo(3.1553486 * Math.sqrt(0.2 / images), 5));
    expect(detectableIn(planOf(job('data/a', 50)), 5, 2)[0]!.anyPair).toBeNull();
    // Of one seed about (1.96 + 0.84) sqrt(0.2 / n), a little less for few images.
    [50, 200, 160].forEach((images, row) => {
      const ratio = rows[row]!.oneSeed! / (2.8016 * Math.sqrt(0.2 / images));
      expect(ratio).toBeLessThan(1);
      expect(ratio).toBeGreaterThan(0.95);
    });
  });

  test('two seeds have no interval, and so few images no difference', () => {
    const rows = detectableIn(planOf(job('data/a', 10)), 2, 5);
    expect(rows).toEqual([{ measure: 'accuracy', protocol: null, task: 'data/a', images: 10, oneSeed: null, allSeeds: null, anyPair: null }]);
    const text = detectableText(rows, 2);
    expect(text.split('\n').slice(0, 2)).toEqual(['task      measure   test images   one seed', 'data/a   accuracy            10          \u2013']);
    expect(text).toContain('fewer than 3 seeds tell nothing of how others would do');
  });

  test('in points', () => {
    const text = detectableText([{ measure: 'accuracy', protocol: null, task: null, images: 100, oneSeed: 0.1234, allSeeds: 0.0567, anyPair: 0.0891 }], 3);
    expect(text.split('\n').slice(0, 2)).toEqual(['task       measure   test images   one seed   3 seeds   any pair', 'average   accuracy           100       12.3       5.7        8.9']);
    expect(text).toContain('disagree on 20 % of the images');
    expect(text).not.toContain('embedded scenes');
    expect(detectableText(detectableIn(planOf(), 3, 5), 3)).toBe('');
  });

  test('of segmentation and detection by what was measured on the embedded scenes, each measure with its rows', () => {
    const rows = detectableIn(planOf(job('data/objects', 400, 'detection'), job('data/a', 50), job('data/maps', 100, 'segmentation'), job('data/objects', 400, 'detection', 1), job('data/more', 40, 'segmentation'), job('data/maps', 100, 'segmentation', 0, 'linear-segmentation')), 3, 2);
    // statsmodels, paired t-test: effects of 3.26404 for 3, 0.454257 for 40, 0.282912 for 100, 0.140417 for 400; 40 and 100 tell as much as 114.3 in each task would, 0.264312.
    const byImages = (sd: number, effect: number): number => sd * effect;
    const bySeeds = (image: number, training: number): number => 3.264044 * Math.hypot(image, training);
    const expected = [
      ['miou', 'data/maps', 100, byImages(0.05, 0.282912), bySeeds(0.005, 0.011)],
      ['miou', 'data/maps', 100, byImages(0.05, 0.282912), bySeeds(0.005, 0.037)],
      ['miou', 'data/more', 40, byImages(0.05, 0.454257), bySeeds(0.05 / Math.sqrt(40), 0.037)],
      ['miou', null, 140, byImages(0.05, 0.264312), bySeeds(0.05 / Math.sqrt(4 / (1 / 40 + 1 / 100)), 0.037 / Math.SQRT2)],
      ['box_ap', 'data/objects', 400, byImages(0.065, 0.140417), bySeeds(0.065 / 20, 0.009)],
      ['mask_ap', 'data/objects', 400, byImages(0.046, 0.140417), bySeeds(0.046 / 20, 0.005)],
    ];
    expect(rows.slice(1).map(({ measure, task, images, oneSeed, allSeeds }) => [measure, task, images, oneSeed, allSeeds]))
      .toEqual(expected.map(([measure, task, images, ...seen]) => [measure, task, images, ...seen.map((one) => expect.closeTo(one as number, 6) as number)]));
    const text = detectableText(rows, 3).split('\n');
    expect(text.find((line) => /^data\/objects +box AP/.test(line))!.split(/ {2,}/)).toEqual(['data/objects', 'box AP, mask-rcnn', '400', '0.9', '3.1']);
    expect(text).toContain('  mIoU, upernet: their difference spreads by 5.0 / sqrt(test images) points over images, and training adds a spread of 3.7 over seeds, as measured on the embedded scenes.');
    expect(text).toContain('Masks are judged where every test object has one.');
    expect(detectableText(detectableIn(planOf(job('data/maps', 100, 'segmentation')), 2, 2), 2)).not.toContain('training adds');
  });
});
