import { averagePrecisionOf, miouOf, resample, type Statistic } from '../../metrics/stats/index.js';
import { stream } from '../../random.js';
import { unpackBits } from '../baseline/bits.js';
import type { Baseline, BaselineCell } from '../baseline/types.js';
import type { Measure } from '../comparison.js';
import { sampleSd } from '../intervals.js';

type TestImages = Baseline['images'][string];

/** Variance of now - before under other test images. RangeError for cells of different kinds. */
export function imageVariance(measure: Measure, images: TestImages, before: BaselineCell, now: BaselineCell): number {
  const [a, b] = [before.perImage, now.perImage];
  if (a.kind === 'classification' && b.kind === 'classification') {
    const [first, second] = [unpackBits(a.correct, images.n), unpackBits(b.correct, images.n)];
    return accuracyVariance(first.map((right, at) => Number(second[at]) - Number(right)), images.labels ?? first.map(() => 0), now.primary);
  }
  return resampledVariance(statisticOf(measure, before), statisticOf(measure, now), images.n);
}

/** Of images drawn anew within their classes: near (fell + rose) / n^2, the variance under which McNemar's test asks whether they fell as often as they rose. */
function accuracyVariance(changes: readonly number[], labels: readonly number[], primary: string): number {
  const classes = new Map<number, number[]>();
  changes.forEach((change, at) => {
    const own = classes.get(labels[at]!);
    if (own === undefined) classes.set(labels[at]!, [change]);
    else own.push(change);
  });
  const shares = [...classes.values()].map((own) => ({ weight: primary === 'mean_per_class' ? 1 / classes.size : own.length / changes.length, variance: own.length < 2 ? 0 : sampleSd(own) ** 2 / own.length }));
  return shares.reduce((sum, { weight, variance }) => sum + weight ** 2 * variance, 0);
}

/** A standard deviation from so many draws is right to 5 %. */
const draws = 200;

/** The same draws each time: the same files give the same verdict. */
function resampledVariance(before: Statistic, now: Statistic, images: number): number {
  const { uniform } = stream(0, 'gate/images');
  const all = [Array.from({ length: images }, (_, at) => at)];
  const replicates = Array.from({ length: draws }, () => {
    const weights = resample(all, images, uniform);
    return now(weights) - before(weights);
  }).filter(Number.isFinite);
  return replicates.length < 2 ? 0 : sampleSd(replicates) ** 2;
}

function statisticOf(measure: Measure, { perImage }: BaselineCell): Statistic {
  switch (perImage.kind) {
    case 'segmentation': return miouOf(perImage.counts);
    case 'detection': return averagePrecisionOf(measure === 'mask_ap' ? (perImage.mask ?? []) : perImage.box);
    case 'classification': throw new RangeError('cells of different kinds of task');
  }
}
