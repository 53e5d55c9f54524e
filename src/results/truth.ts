import type { TransferBody } from './types.js';

/** What each test image shows, as far as per-image statistics tell: its label, the pixels of each class, the objects of each. */
export function truthOf(result: TransferBody): readonly unknown[] {
  switch (result.taskKind) {
    case 'classification': return result.perImage.labels;
    case 'segmentation': return result.perImage.counts.map(truePixels);
    case 'detection': return result.perImage.box.map((image) => image.flatMap(({ category, truths }) => (truths === 0 ? [] : [[category, truths]])));
  }
}

/** Class and pixels of every class that the image shows, from its counts as SegmentationTransfer has them: class, right, wrong, missed. */
function truePixels(counts: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: counts.length / 4 }, (_, at) => {
    const [category, right, , missed] = counts.slice(4 * at) as [number, number, number, number];
    return [category, right + missed];
  }).filter(([, pixels]) => pixels! > 0).sort(([a], [b]) => a! - b!);
}
