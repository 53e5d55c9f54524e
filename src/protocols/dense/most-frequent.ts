import { ignoredLabel } from '../../data/dense.js';

/** mIoU on label maps of saying their most frequent class of every pixel: its share of them, over the classes that are there. 0 where no pixel counts. */
export function mostFrequentScore(maps: Iterable<Uint8Array>): number {
  const pixels = new Map<number, number>();
  for (const map of maps) for (const label of map) if (label !== ignoredLabel) pixels.set(label, (pixels.get(label) ?? 0) + 1);
  const counts = [...pixels.values()];
  return counts.length === 0 ? 0 : Math.max(...counts) / counts.reduce((sum, count) => sum + count, 0) / counts.length;
}
