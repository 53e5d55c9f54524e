import { describe, expect, test } from 'vitest';
import {
  accuracyOf, averagePrecisionOf, hierarchical, hierarchicalInterval, hierarchicalP, imagesAlone, interquartileEstimate, interquartileMean, mcnemar, mean, meanPerClassOf, miouOf, percentileInterval, resample, strataOf, tInterval,
  type Hierarchical, type Interval, type Statistic,
} from '../../../src/metrics/stats/index.js';
import type { ImageMatches } from '../../../src/metrics/index.js';
import { stream, type Stream } from '../../../src/random.js';

/*
 * Simulated data, of which the truth is known. Shares are over `repetitions`, so that a true 95 % lies within 93 and 97 in all but one of 40 cases; the draws are always the same.
 */
const repetitions = 600;
const covers = ({ low, high }: Interval, truth: number): boolean => low <= truth && truth <= high;
const share = (times: number, of: (time: number) => boolean): number => Array.from({ length: times }, (_, time) => of(time)).filter(Boolean).length / times;
const nominal = (covered: number): void => {
  expect(covered).toBeGreaterThanOrEqual(0.93);
  expect(covered).toBeLessThanOrEqual(0.97);
};

/** first - second with its bootstrap, on the same draws. */
function paired(first: Statistic, second: Statistic, strata: readonly (readonly number[])[], images: number, draws: number, { uint32 }: Stream): { readonly estimate: Hierarchical; readonly replicates: Float64Array } {
  const uniform = (): number => uint32() / 2 ** 32;
  const replicates = Float64Array.from({ length: draws }, () => {
    const weights = resample(strata, images, uniform);
    return first(weights) - second(weights);
  });
  const all = new Float64Array(images).fill(1);
  return { estimate: imagesAlone(first(all) - second(all), replicates, images), replicates };
}
const holds = (estimate: Hierarchical, truth: number): boolean => covers(hierarchicalInterval(estimate), truth);
const rejects = (estimate: Hierarchical): boolean => hierarchicalP(estimate) <= 0.05;
const single = (images: number): readonly (readonly number[])[] => [Array.from({ length: images }, (_, i) => i)];
const nothing: Statistic = () => 0;

describe('other test images', () => {
  /** Two classifiers that find the same images hard; the first is right more often by `better`. */
  function simulated(classes: number, perClass: number, better: number, time: number, measure: 'top1' | 'mean_per_class'): Hierarchical {
    const draw = stream(time, `two classifiers/${better}`);
    const labels = Array.from({ length: classes * perClass }, (_, i) => i % classes);
    const ease = labels.map((label) => 0.2 + 0.4 * (label / classes) + 0.3 * draw.uniform());
    const [first, second] = [better, 0].map((more) => ease.map((one) => draw.uniform() < one + more)) as [boolean[], boolean[]];
    const of = (right: boolean[]): Statistic => (measure === 'top1' ? accuracyOf(right) : meanPerClassOf(labels, right));
    return paired(of(first), of(second), strataOf(labels), labels.length, 150, draw).estimate;
  }

  test.each([[10, 12, 'top1'], [30, 3, 'mean_per_class']] as const)('paired bootstrap, %d classes of %d images, %s', (classes, perClass, measure) => {
    nominal(share(repetitions, (time) => holds(simulated(classes, perClass, 0.07, time, measure), 0.07)));
    nominal(1 - share(repetitions, (time) => rejects(simulated(classes, perClass, 0, time, measure))));
  });

  describe('AP', () => {
    /**
     * What two detectors make of one image with one to four objects of some classes, the first of them the most frequent (`skew` times): both find the same images hard, the first finds objects
     * more often by `better` and has tighter boxes. The surer of a detection they are, the tighter it is, mostly; up to three detections have no object.
     */
    function image(draw: Stream, classes: number, skew: number, better: number): readonly [first: ImageMatches, second: ImageMatches] {
      const ease = draw.uniform();
      const objects = Array.from({ length: 1 + draw.integer(4) }, () => Math.floor(classes * draw.uniform() ** skew));
      const of = (more: number): ImageMatches => {
        const found = objects.flatMap((category): readonly { readonly category: number; readonly score: number; readonly bits: number }[] => {
          if (draw.uniform() >= 0.35 + 0.35 * ease + 0.1 * (category % 2) + more) return [];
          const tight = 1 + Math.floor(10 * Math.min(0.99, 0.3 * ease + 0.5 * draw.uniform() + more));
          return [{ category, score: 0.25 + 0.5 * draw.uniform() + 0.025 * tight, bits: (1 << tight) - 1 }];
        });
        const wrong = Array.from({ length: draw.integer(4) }, () => ({ category: draw.integer(classes), score: 0.7 * draw.uniform(), bits: 0 }));
        return Array.from({ length: classes }, (_, category) => {
          const own = [...found, ...wrong].filter((one) => one.category === category).sort((a, b) => b.score - a.score);
          return { category, truths: objects.filter((one) => one === category).length, scores: own.map(({ score }) => score), matched: own.map(({ bits }) => bits), ignored: own.map(() => 0) };
        }).filter(({ truths, scores }) => truths + scores.length > 0);
      };
      return [of(better), of(0)];
    }
    const detectors = (draw: Stream, images: number, classes: number, skew: number, better: number): readonly [Statistic, Statistic] => {
      const judged = Array.from({ length: images }, () => image(draw, classes, skew, better));
      return [averagePrecisionOf(judged.map(([first]) => first)), averagePrecisionOf(judged.map(([, second]) => second))];
    };
    const [images, times] = [100, 300];
    const strata = single(images);
    /** AP of the first and its difference to the second, of very many images. */
    function truths(classes: number, skew: number): { readonly level: number; readonly difference: number } {
      const many = new Float64Array(20_000).fill(1);
      const [first, second] = detectors(stream(0, 'the truth'), many.length, classes, skew, 0.08).map((statistic) => statistic(many)) as [number, number];
      return { level: first, difference: first - second };
    }
    /** What sets of this size have on average. */
    const ofSizeIn = (found: readonly Hierarchical[]): number => mean(found.map((one) => one.mean));

    test('of a detector, and paired of two', () => {
      const { level, difference } = truths(3, 2);
      const intervals = Array.from({ length: times }, (_, time) => {
        const draw = stream(time, 'two detectors');
        const [first, second] = detectors(draw, images, 3, 2, 0.08);
        return { level: paired(first, nothing, strata, images, 60, draw).estimate, difference: paired(first, second, strata, images, 60, draw).estimate };
      });
      const ofSize = ofSizeIn(intervals.map((one) => one.level));
      nominal(share(times, (time) => holds(intervals[time]!.level, ofSize)));
      nominal(share(times, (time) => holds(intervals[time]!.level, level)));
      nominal(share(times, (time) => holds(intervals[time]!.difference, difference)));
    });

    test('both detectors alike', () => {
      nominal(1 - share(times, (time) => {
        const draw = stream(time, 'detectors that are alike');
        const [first, second] = detectors(draw, images, 3, 2, 0);
        return rejects(paired(first, second, strata, images, 60, draw).estimate);
      }));
    });

    test('of few objects of many classes lies above that of many images, by what percentiles of its bootstrap double', () => {
      // About 18 objects a class: the best precision at a recall or above it is one of few.
      const { level } = truths(14, 1);
      const found = Array.from({ length: 150 }, (_, time) => {
        const draw = stream(time, 'many classes');
        const { estimate, replicates } = paired(detectors(draw, images, 14, 1, 0.08)[0], nothing, strata, images, 60, draw);
        return { estimate, percentiles: percentileInterval(replicates), above: mean([...replicates]) - estimate.mean };
      });
      const ofSize = ofSizeIn(found.map(({ estimate }) => estimate));
      // Two points of standard deviation over the root of 150 are 0.16 points.
      expect(ofSize - level).toBeGreaterThan(0.01);
      expect(ofSize - level).toBeLessThan(0.019);
      expect(mean(found.map(({ above }) => above))).toBeGreaterThan(0.004);
      // 150 of them tell a share to within 3.5 points, twice their standard error.
      expect(share(150, (time) => holds(found[time]!.estimate, ofSize))).toBeGreaterThan(0.915);
      // Of the AP of many images the interval covers less, and percentiles far less.
      expect(share(150, (time) => holds(found[time]!.estimate, level))).toBeGreaterThan(0.87);
      expect(share(150, (time) => covers(found[time]!.percentiles, level))).toBeLessThan(0.85);
    });
  });

  describe('mIoU', () => {
    /** Counts of one image as two segmenters have them: up to three of five classes, the smaller the class the worse. Both find the same images hard; the first is right on `better` more of the pixels. */
    function image(draw: Stream, better: number): readonly [first: readonly number[], second: readonly number[]] {
      const ease = 0.3 * draw.uniform();
      const present = [0, ...[1, 2, 3, 4].filter((label) => draw.uniform() < 0.6 / label)];
      const sizes = present.map((label) => Math.round((40 + 60 * draw.uniform()) / (1 + label)));
      const of = (more: number): readonly number[] => {
        const right = present.map((label, i) => sizes[i]! * Math.min(1, 0.35 + 0.3 / (1 + label) + ease + 0.1 * draw.uniform() + more));
        const lost = right.map((one, i) => sizes[i]! - one);
        // What a class loses is said to be the next one.
        return present.flatMap((label, i) => [label, right[i]!, lost[(i + present.length - 1) % present.length]!, lost[i]!]);
      };
      return [of(better), of(0)];
    }
    const imagesOf = (draw: Stream, images: number, better: number): readonly [Statistic, Statistic] => {
      const counts = Array.from({ length: images }, () => image(draw, better));
      return [miouOf(counts.map(([first]) => first)), miouOf(counts.map(([, second]) => second))];
    };
    const one = new Float64Array(20_000).fill(1);
    const two = (time: number, better: number): Hierarchical => {
      const draw = stream(time, `two segmenters/${better}`);
      const [first, second] = imagesOf(draw, 200, better);
      return paired(first, second, single(200), 200, 200, draw).estimate;
    };

    test('paired bootstrap of two segmenters', () => {
      const [first, second] = imagesOf(stream(0, 'the truth'), one.length, 0.05);
      const truth = first(one) - second(one);
      nominal(share(300, (time) => holds(two(time, 0.05), truth)));
      nominal(1 - share(300, (time) => rejects(two(time, 0))));
    });

    // The rarest class is in every seventh image: of 30 in about four.
    test.each([[200, 300], [30, repetitions]])('of one segmenter, %d images', (images, times) => {
      const truth = imagesOf(stream(0, 'the truth'), one.length, 0)[0](one);
      const found = Array.from({ length: times }, (_, time) => {
        const draw = stream(time, 'one segmenter');
        return paired(imagesOf(draw, images, 0)[0], nothing, single(images), images, 200, draw);
      });
      const covered = share(times, (time) => holds(found[time]!.estimate, truth));
      if (images > 30) nominal(covered);
      else {
        // A little too narrow there, and percentiles more so.
        expect(covered).toBeGreaterThan(0.91);
        expect(covered).toBeGreaterThan(share(times, (time) => covers(percentileInterval(found[time]!.replicates), truth)));
      }
    });
  });

  test("McNemar's exact test rejects at most at its level, and at it where that can be", () => {
    const rejected = (n: number): number => {
      // Binomial(n, 1/2), by Pascal's rule.
      let row = [1];
      for (let i = 0; i < n; i++) row = Array.from({ length: i + 2 }, (_, k) => ((row[k - 1] ?? 0) + (row[k] ?? 0)) / 2);
      return row.reduce((sum, probability, k) => sum + (mcnemar(k, n - k) <= 0.05 ? probability : 0), 0);
    };
    const shares = Array.from({ length: 150 }, (_, n) => rejected(n));
    expect(Math.max(...shares)).toBeLessThanOrEqual(0.05);
    expect(shares.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    // Six on one side: 2 / 64.
    expect(shares[6]).toBeCloseTo(2 / 64, 14);
    expect(Math.max(...shares)).toBeGreaterThan(0.045);
  });
});

test('other seeds: the t-interval', () => {
  for (const n of [3, 5]) {
    nominal(share(4 * repetitions, (time) => {
      const draw = stream(time, `seeds/${n}`);
      return covers(tInterval(Array.from({ length: n }, () => 0.4 + 0.02 * draw.normal()))!, 0.4);
    }));
  }
});

describe('other seeds and other test images', () => {
  /** Standard deviations of what a difference on an image is made of: the seed, the image, both together. */
  interface Noise { readonly seed: number; readonly image: number; readonly both: number }
  /** `shift`: of `perSeed` images, how many the next seed has not. */
  interface Design extends Noise { readonly seeds: number; readonly shift: number }
  const perSeed = 40;

  function simulated({ seeds, shift, seed: bySeed, image: byImage, both }: Design, time: number) {
    const draw = stream(time, 'seeds and images');
    const all = perSeed + shift * (seeds - 1);
    const images = Array.from({ length: all }, () => byImage * draw.normal());
    const differences = Array.from({ length: seeds }, (_, at) => {
      const own = bySeed * draw.normal();
      return Array.from({ length: perSeed }, (_, i) => own + images[at * shift + i]! + both * draw.normal());
    });
    const values = differences.map(mean);
    const replicates = values.map(() => new Float64Array(100));
    const everything = [Array.from({ length: all }, (_, i) => i)];
    for (let at = 0; at < 100; at++) {
      const weights = resample(everything, all, () => draw.uint32() / 2 ** 32);
      differences.forEach((own, index) => {
        let [sum, weight] = [0, 0];
        for (let i = 0; i < perSeed; i++) {
          sum += weights[index * shift + i]! * own[i]!;
          weight += weights[index * shift + i]!;
        }
        replicates[index]![at] = sum / weight;
      });
    }
    return { values, replicates, images: all, draw };
  }
  const estimateOf = (design: Design, time: number) => {
    const { values, replicates, images } = simulated(design, time);
    return hierarchical(values, replicates, images, (a, b) => Math.abs(a - b) * design.shift < perSeed);
  };
  const coverageOf = (design: Design): number => share(repetitions, (time) => covers(hierarchicalInterval(estimateOf(design, time)), 0));

  const same = { shift: 0 };
  const disjoint = { shift: perSeed };
  const designs: readonly (readonly [string, Omit<Design, 'seeds'>])[] = [
    ['the same images, seeds differ little', { ...same, seed: 0.03, image: 0.6, both: 0.3 }],
    ['the same images, seeds differ much', { ...same, seed: 0.3, image: 0.3, both: 0.3 }],
    ['the same images, seeds differ by chance alone', { ...same, seed: 0, image: 0.2, both: 0.6 }],
    ['images of their own', { ...disjoint, seed: 0.05, image: 0.4, both: 0.4 }],
    ['images in common with some seeds', { shift: 10, seed: 0.05, image: 0.4, both: 0.3 }],
  ];
  describe.each([3, 5])('%d seeds', (seeds) => {
    test.each(designs)('%s', (_, design) => nominal(coverageOf({ ...design, seeds })));
  });

  test('where three seeds and their common images count alike, the interval is a little too wide', () => {
    const covered = coverageOf({ ...same, seeds: 3, seed: 0.1, image: 0.37, both: 0.05 });
    expect(covered).toBeGreaterThan(0.95);
    expect(covered).toBeLessThan(0.985);
  });

  test('p is at most 0.05 where the interval leaves out 0', () => {
    for (let time = 0; time < 200; time++) {
      const estimate = estimateOf({ ...designs[0]![1], seeds: 3 }, time);
      expect(hierarchicalP(estimate) <= 0.05).toBe(!covers(hierarchicalInterval(estimate), 0));
    }
  });

  test('the uncorrected bootstrap (seeds, then images) and the t-interval cover too little', () => {
    const uncorrected = share(repetitions, (time) => {
      const { values, replicates, draw } = simulated({ ...designs[1]![1], seeds: 3 }, time);
      const drawn = Float64Array.from({ length: 100 }, (_, at) => mean(values.map(() => replicates[draw.integer(values.length)]![at]!)));
      return covers(percentileInterval(drawn), 0);
    });
    expect(uncorrected).toBeLessThan(0.85);
    const seedsAlone = share(repetitions, (time) => covers(tInterval(simulated({ ...designs[0]![1], seeds: 3 }, time).values)!, 0));
    expect(seedsAlone).toBeLessThan(0.75);
  });
});

describe('the interquartile mean over tasks', () => {
  const images = 30;
  const strata = single(images);
  const all = new Float64Array(images).fill(1);
  /** Standard deviations of what a seed is worth on all tasks, of what it is on one, and of an image; tasks lie 15 points about one half. */
  interface Noise { readonly tasks: number; readonly seed: number; readonly task: number; readonly image: number }
  const weighted = (own: readonly number[]): Statistic => (weights) => own.reduce((sum, value, i) => sum + weights[i]! * value, 0) / weights.reduce((sum, weight) => sum + weight, 0);
  /** [task][seed]: what is judged on the same images at all seeds. */
  function simulated({ tasks, seed, task, image }: Noise, seeds: number, draw: Stream): readonly (readonly Statistic[])[] {
    const common = Array.from({ length: seeds }, () => seed * draw.normal());
    return Array.from({ length: tasks }, (_, at) => {
      const ease = 0.5 + 0.3 * ((at + 0.5) / tasks - 0.5);
      const noise = Array.from({ length: images }, () => image * draw.normal());
      return common.map((shift) => {
        const own = ease + shift + task * draw.normal();
        return weighted(noise.map((one) => own + one + 0.5 * image * draw.normal()));
      });
    });
  }
  const valuesOf = (statistics: readonly (readonly Statistic[])[]): readonly (readonly number[])[] => statistics.map((own) => own.map((statistic) => statistic(all)));
  function coverageOf(noise: Noise, seeds: number): number {
    // Of very many seeds, each with its own images.
    const truth = interquartileMean(Array.from({ length: 6000 }, (_, time) => valuesOf(simulated(noise, 1, stream(time, 'the truth')))).flat(2));
    return share(400, (time) => {
      const draw = stream(time, `over tasks/${seeds}`);
      const statistics = simulated(noise, seeds, draw);
      const replicates = statistics.map((own) => own.map(() => new Float64Array(60)));
      for (let at = 0; at < 60; at++) {
        statistics.forEach((own, task) => {
          const weights = resample(strata, images, () => draw.uint32() / 2 ** 32);
          own.forEach((statistic, seed) => { replicates[task]![seed]![at] = statistic(weights); });
        });
      }
      return covers(hierarchicalInterval(interquartileEstimate(valuesOf(statistics), replicates, noise.tasks * images)), truth);
    });
  }

  test.each([
    [3, { tasks: 8, seed: 0.02, task: 0.02, image: 0.05 }],
    [3, { tasks: 4, seed: 0, task: 0.03, image: 0.05 }],
    [3, { tasks: 5, seed: 0.03, task: 0.01, image: 0.15 }],
    [5, { tasks: 8, seed: 0.02, task: 0.02, image: 0.15 }],
    [5, { tasks: 4, seed: 0.03, task: 0.01, image: 0.05 }],
  ])('%d seeds, %o', (seeds, noise) => nominal(coverageOf(noise, seeds)));
});
