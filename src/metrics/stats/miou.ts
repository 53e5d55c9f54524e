import type { Statistic } from './resample.js';

/**
 * mIoU of pooled pixels (segmentationScores), from the counts of each image: of each class in its truth or its prediction, one after the
 * other, the class, then pixels right, wrongly predicted and missed. Classes that are in no truth are left out.
 */
export function miouOf(counts: readonly (readonly number[])[]): Statistic {
  const rows = counts.flatMap((flat, image) => Array.from({ length: flat.length / 4 }, (_, i) => [image, ...flat.slice(4 * i, 4 * i + 4)]));
  const column = (at: number): Float64Array => Float64Array.from(rows, (row) => row[at]!);
  const [images, labels, right, wrong, missed] = [0, 1, 2, 3, 4].map(column) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const [tp, fp, fn] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)];
  return (weights) => {
    for (const one of [tp, fp, fn]) one.fill(0);
    for (let row = 0; row < images.length; row++) {
      const weight = weights[images[row]!]!;
      const label = labels[row]!;
      tp[label]! += weight * right[row]!;
      fp[label]! += weight * wrong[row]!;
      fn[label]! += weight * missed[row]!;
    }
    let [sum, present] = [0, 0];
    for (let label = 0; label < classes; label++) {
      if (tp[label]! + fn[label]! === 0) continue;
      sum += tp[label]! / (tp[label]! + fp[label]! + fn[label]!);
      present++;
    }
    return sum / present;
  };
}
