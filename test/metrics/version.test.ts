import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { boxIou, type Box, classify, type Detection, evaluateCoco, failsToLearn, type GroundTruth, jaccard, metricVersion, poolCounts, type Rle, segmentationCounts, segmentationMask, segmentationScores, vocAveragePrecision } from '../../src/metrics/index.js';
import { stream } from '../../src/random.js';

/**
 * What the metrics say of the same predictions, by `metricVersion`. Where this fails, a metric gives another value than it did: raise the version and
 * note the new digest beside it, so that stored numbers of before are not taken for the same measurement.
 */
const digests: Readonly<Record<number, string>> = { 1: '62f6508900826134' };

/** A kite in the box, as COCO's tools rasterise it. */
const maskOf = ([x, y, w, h]: Box): Rle => segmentationMask([[x + w / 2, y, x + w, y + h / 3, x + w / 2, y + h, x, y + h / 3]], 720, 720);

/** Objects and detections with crowds, difficult ones, equal scores, several classes and sizes in each area range. */
function scenes(): { readonly truths: readonly (readonly GroundTruth[])[]; readonly found: readonly (readonly Detection[])[] } {
  const { uniform } = stream(7, 'metric-version');
  const int = (below: number): number => Math.floor(below * uniform());
  const box = (): Box => [int(300), int(300), 4 + int(20) ** 2, 4 + int(20) ** 2];
  let id = 1;
  const truths = Array.from({ length: 40 }, () => Array.from({ length: int(6) }, (): GroundTruth => {
    const own = box();
    return { id: id++, category: int(3), box: own, area: own[2] * own[3] * 0.8, mask: maskOf(own), crowd: uniform() < 0.1, difficult: uniform() < 0.1 };
  }));
  const found = truths.map((objects) => [
    ...objects.flatMap(({ category, box: [x, y, w, h] }) => Array.from({ length: int(3) }, (): Detection => ({ category: uniform() < 0.9 ? category : int(3), score: int(20) / 20, box: [x + int(5), y + int(5), w, h], mask: maskOf([x + int(9), y, w, h]) }))),
    ...Array.from({ length: int(4) }, (): Detection => ({ category: int(3), score: int(20) / 20, box: box(), mask: maskOf(box()) })),
  ]);
  return { truths, found };
}

/** Nine digits: what another order of sums changes is no other metric. */
const rounded = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toPrecision(9)) : String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, rounded);
  if (Array.isArray(value)) return value.map(rounded);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rounded(one)])) : value;
};

it('the metrics give what their version gave', () => {
  const { truths, found } = scenes();
  const draws = stream(8, 'metric-version');
  const classes = (count: number, of: number): number[] => Array.from({ length: count }, () => Math.floor(of * draws.uniform()));
  const [labels, predictions] = [classes(300, 7), classes(300, 7)];
  const maps = Array.from({ length: 5 }, () => segmentationCounts(classes(400, 6).map((one) => (one === 5 ? 255 : one)), classes(400, 5), 5));
  const values = {
    classification: classify(labels, labels.map((label, i) => (i % 3 === 0 ? predictions[i]! : label)), 7),
    learns: [failsToLearn(0.2, 0.1, 0.15), failsToLearn(0.1999, 0.1, 0.15), failsToLearn(0.3, 0.1, 0.3)],
    coco: (['bbox', 'segm'] as const).map((type) => evaluateCoco(truths, found, type, { classes: 3 })),
    polygon: maskOf([3, 4, 50, 70]),
    voc: (['11-point', 'area'] as const).map((rule) => vocAveragePrecision(truths, found, { classes: 3, rule })),
    segmentation: segmentationScores(poolCounts(maps)),
    overlap: jaccard(Uint8Array.from(classes(64, 2)), Uint8Array.from(classes(64, 2))),
    iou: boxIou([[0, 0, 10, 10]], [[5, 5, 15, 15], [0, 0, 20, 20]], [false, true]),
  };
  expect(createHash('sha256').update(JSON.stringify(rounded(values))).digest('hex').slice(0, 16), 'a metric has changed: raise metricVersion').toBe(digests[metricVersion]);
});
