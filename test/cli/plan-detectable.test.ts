import { describe, expect, test } from 'vitest';
import { detectableIn, detectableText } from '../../src/cli/plan-detectable.js';
import type { Plan, PlannedJob } from '../../src/runner/job.js';

const job = (task: string, tested: number | undefined, seed = 0): PlannedJob => ({
  id: `transfer/mae/${task}/knn/s${seed}`, kind: 'transfer', config: {}, inputs: {}, modules: [], threads: 1, tags: { entry: 'mae', task, protocol: 'knn', seed: String(seed) }, key: `${task}${seed}`, code: '',
  cost: { images: 1, flops: 1, bytes: 1, ...(tested === undefined ? {} : { tested }) },
});
const planOf = (...jobs: PlannedJob[]): Plan => ({ suite: 's', jobs });

describe('what a suite can see', () => {
  test('each task of classification once, and their average', () => {
    const rows = detectableIn(planOf(job('data/a', 50), job('data/a', 50, 1), job('data/masks', undefined), job('data/b', 200)), 5);
    // Five seeds: statsmodels finds an effect of 1.6820 (test/metrics/stats); a seed's spread is sqrt(0.2 / n). Of the average it is sqrt(0.2 / 50 + 0.2 / 200) / 2 = sqrt(0.2 / 160).
    const five = 1.6819971;
    expect(rows.map(({ task, images }) => [task, images])).toEqual([['data/a', 50], ['data/b', 200], [null, 250]]);
    [50, 200, 160].forEach((images, row) => expect(rows[row]!.allSeeds).toBeCloseTo(five * Math.sqrt(0.2 / images), 5));
    // Of one seed about (1.96 + 0.84) sqrt(0.2 / n), a little less for few images.
    [50, 200, 160].forEach((images, row) => {
      const ratio = rows[row]!.oneSeed! / (2.8016 * Math.sqrt(0.2 / images));
      expect(ratio).toBeLessThan(1);
      expect(ratio).toBeGreaterThan(0.95);
    });
  });

  test('two seeds have no interval, and so few images no difference', () => {
    const rows = detectableIn(planOf(job('data/a', 10)), 2);
    expect(rows).toEqual([{ task: 'data/a', images: 10, oneSeed: null, allSeeds: null }]);
    const text = detectableText(rows, 2);
    expect(text.split('\n').slice(0, 2)).toEqual(['task     test images   one seed', 'data/a            10          \u2013']);
    expect(text).toContain('fewer than 3 seeds tell nothing of how others would do');
  });

  test('in points', () => {
    const text = detectableText([{ task: null, images: 100, oneSeed: 0.1234, allSeeds: 0.0567 }], 3);
    expect(text.split('\n').slice(0, 2)).toEqual(['task      test images   one seed   3 seeds', 'average           100       12.3       5.7']);
    expect(text).toContain('disagree on 20 % of the images');
    expect(detectableText(detectableIn(planOf(job('data/masks', undefined)), 3), 3)).toBe('');
  });
});
