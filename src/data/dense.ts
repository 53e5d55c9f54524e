import type { Rle } from '../metrics/index.js';

/** In pixels. */
export interface PictureSize { readonly height: number; readonly width: number }

/** Whether a value that was read is a height or a width: a whole number of pixels from 1 on. */
export const isPixels = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

/** One object in a picture, in pixels of the original picture: what COCO's annotations hold. */
export interface AnnotatedObject {
  /** Unique in the set. */
  readonly id: number;
  /** Index into the annotations' `classes`. */
  readonly category: number;
  /** [left, top, width, height]. */
  readonly box: readonly [number, number, number, number];
  /** Pixels of the mask, as the annotation says where it does; of the box where there is no mask. Decides the area range. */
  readonly area: number;
  /** null: a box alone. */
  readonly mask: Rle | null;
  /** A group of objects: what is found in it is neither right nor wrong. */
  readonly crowd: boolean;
  /** Pascal VOC's `difficult`: neither to be found nor wrong when it is. */
  readonly difficult: boolean;
}

/** Of a label map: pixels that are not judged and not trained on. */
export const ignoredLabel = 255;

/**
 * What is in the pictures of a set, by record. The set's pixels hold each picture scaled so that its longer side fills the
 * square (never enlarged beyond it by more than that), in the upper left corner, black elsewhere (`placement`).
 */
export interface Annotations {
  /** Names of the objects' categories: the classes of a detection task. Of label maps too, where those have no `labelClasses`. */
  readonly classes: readonly string[];
  /** Names of the values of label maps, where they are others (a background, regions that are no objects): the classes of a segmentation task. */
  readonly labelClasses?: readonly string[];
  readonly sizes: readonly PictureSize[];
  /** What the files of annotations hold and this does not, each with file, id and reason: what the format's own tools pass over. */
  readonly leftOut?: readonly string[];
  /** Objects that are not as they should be and are taken all the same, as the format's own tools take them, each with file, id and reason. */
  readonly asIs?: readonly string[];
  /** Objects of a record; null where the set has none for any picture. */
  objects(index: number): readonly AnnotatedObject[] | null;
  /** uint8 [height, width] of a record, indices into `labelClasses`, `ignoredLabel` for none; null where the set has none for any picture. */
  labels(index: number): Uint8Array | null;
}

/** The same of a set that is being prepared: a label map may be made when it is asked for, so that not all are in memory at once. */
export interface ToldAnnotations extends Omit<Annotations, 'labels'> {
  labels(index: number): Uint8Array | null | Promise<Uint8Array | null>;
}

/** Where a picture lies in its square: rows and columns that it fills from the upper left corner. */
export function placement({ height, width }: PictureSize, square: number): PictureSize {
  const scale = square / Math.max(height, width);
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}
