import { type Annotations, placement } from '../../data/dense.js';
import type { PreparedSet } from '../../data/image-set.js';
import { trainPositions } from '../../data/loader/index.js';
import { pictureOf } from '../../data/loader/picture.js';
import { DataError } from '../../errors.js';
import { stream } from '../../random.js';
import { drawView, type Jitter, viewLabels, viewPixels } from './view.js';

export interface DenseBatch {
  readonly set: PreparedSet;
  readonly annotations: Annotations;
  /** Records to train on. */
  readonly indices: readonly number[];
  readonly jitter: Jitter;
  readonly seed: number;
  /** What the draws are for: equal purposes at equal seeds draw the same. */
  readonly purpose: string;
  readonly batch: number;
  /** Pixels a side of a view. */
  readonly view: number;
}

/** Pixels of a record, uint8 [size, size, 3], to be read at once. DataError for a set with transparency. */
export function squareOf(set: PreparedSet, index: number): Uint8Array {
  if (set.channels !== 3) throw new DataError('pictures with transparency have no background to be trained on', { where: set.name, fix: 'Prepare them as RGB.' });
  const { set: { pixels, size }, index: at } = pictureOf(set, index);
  return pixels.subarray(at * size * size * 3, (at + 1) * size * size * 3);
}

/** Labels of a record. DataError where the set has none. */
function labelsOf(set: PreparedSet, annotations: Annotations, index: number): Uint8Array {
  const labels = annotations.labels(index);
  if (labels === null) throw new DataError('the set has no label maps', { where: set.name, fix: 'Segmentation needs a source with masks of the pixels\' classes.' });
  return labels;
}

/**
 * Pictures and label maps of one training step: uint8 [batch, view, view, 3] and [batch, view, view]. A pure function of its
 * arguments: image i is drawn from the stream (seed, `<purpose>/view`, step, i), its place in the order is that of
 * `trainPositions`.
 */
export function denseBatch({ set, annotations, indices, jitter, seed, purpose, batch, view }: DenseBatch, step: number): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const images = new Uint8Array(batch * view * view * 3);
  const labels = new Uint8Array(batch * view * view);
  trainPositions({ indices, seed, purpose, step, batch }).forEach((position, i) => {
    const index = indices[position]!;
    const original = annotations.sizes[index]!;
    const placed = placement(original, set.size);
    const drawn = drawView(jitter, placed, view, stream(seed, `${purpose}/view`, step, i));
    viewPixels(squareOf(set, index), set.size, placed, drawn, view, images.subarray(i * view * view * 3, (i + 1) * view * view * 3));
    viewLabels(labelsOf(set, annotations, index), original, set.size, drawn, view, labels.subarray(i * view * view, (i + 1) * view * view));
  });
  return { images, labels };
}
