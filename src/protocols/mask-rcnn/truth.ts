import { type AnnotatedObject, type Annotations, placement, type PictureSize } from '../../data/dense.js';
import { DataError } from '../../errors.js';
import { decodeMask } from '../../metrics/index.js';

/** Objects of a picture as a step learns from them, in pixels of the square that it lies in. */
interface PictureTruth {
  /** Part of the square that the picture fills. */
  readonly extent: PictureSize;
  readonly labels: readonly number[];
  /** [n, 4], [left, top, right, bottom] */
  readonly boxes: Float32Array;
  /** uint8 [size, size] an object; null where it has none. */
  readonly masks: readonly (Uint8Array | null)[];
}

/** Objects of a record. DataError where the set has none for any picture. */
export function objectsOf(annotations: Annotations, index: number): readonly AnnotatedObject[] {
  const objects = annotations.objects(index);
  if (objects === null) throw new DataError('its pictures have no annotated objects', { fix: 'Give it to a protocol for another kind of task.' });
  return objects;
}

/** Those that are learnt from: groups of objects are not. */
export const learntOf = (objects: readonly AnnotatedObject[]): readonly AnnotatedObject[] => objects.filter(({ crowd }) => !crowd);

/** size: pixels a side of the square. */
export function pictureTruth(annotations: Annotations, index: number, size: number): PictureTruth {
  const picture = annotations.sizes[index]!;
  const extent = placement(picture, size);
  const objects = learntOf(objectsOf(annotations, index));
  const [across, down] = [extent.width / picture.width, extent.height / picture.height];
  const boxes = Float32Array.from(objects.flatMap(({ box: [left, top, width, height] }) => [left * across, top * down, (left + width) * across, (top + height) * down]));
  return { extent, labels: objects.map(({ category }) => category), boxes, masks: objects.map(({ mask }) => (mask === null ? null : scaled(decodeMask(mask), picture, extent, size))) };
}

/** A mask of a picture in its square: what lies under the middle of each pixel. */
function scaled(mask: Uint8Array, picture: PictureSize, extent: PictureSize, size: number): Uint8Array {
  const result = new Uint8Array(size * size);
  const columns = Int32Array.from({ length: extent.width }, (_, x) => Math.floor((x + 0.5) * picture.width / extent.width));
  for (let y = 0; y < extent.height; y++) {
    const row = Math.floor((y + 0.5) * picture.height / extent.height) * picture.width;
    for (let x = 0; x < extent.width; x++) result[y * size + x] = mask[row + columns[x]!]!;
  }
  return result;
}

/** Mirrors a picture in place, within the part of the square that it fills. pixels: [size, size, channels]. */
export function mirrorPixels(pixels: Uint8Array, { height, width }: PictureSize, size: number, channels: number): void {
  for (let y = 0; y < height; y++) {
    for (let a = y * size, b = a + width - 1; a < b; a++, b--) {
      for (let c = 0; c < channels; c++) {
        const [i, j] = [a * channels + c, b * channels + c];
        const held = pixels[i]!;
        pixels[i] = pixels[j]!;
        pixels[j] = held;
      }
    }
  }
}

/** The truth of the mirrored picture; the masks are changed in place. */
export function mirrored({ extent, labels, boxes, masks }: PictureTruth, size: number): PictureTruth {
  const turned = boxes.map((value, i) => (i % 4 === 0 ? extent.width - boxes[i + 2]! : i % 4 === 2 ? extent.width - boxes[i - 2]! : value));
  const flipped = masks.map((mask) => {
    if (mask !== null) mirrorPixels(mask, extent, size, 1);
    return mask;
  });
  return { extent, labels, boxes: turned, masks: flipped };
}
