/** Pixels by class, of one image or of many: all that the metrics of a segmentation are made of. Plain data; JSON keeps it exactly. */
export interface SegmentationCounts {
  /** For each class, pixels that have it and are said to have it. */
  readonly tp: readonly number[];
  /** Pixels that are said to have it and have another. */
  readonly fp: readonly number[];
  /** Pixels that have it and are said to have another. */
  readonly fn: readonly number[];
}

/**
 * Counts of one image: true and predicted class of each pixel, two label maps in the same order. Pixels whose truth is `ignore` do
 * not count. Throws RangeError for maps of different lengths and for a class outside 0..classes-1 at a pixel that counts.
 */
export function segmentationCounts(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number, ignore = 255): SegmentationCounts {
  if (!Number.isInteger(classes) || classes < 1) throw new RangeError(`the number of classes must be a positive integer, got ${classes}`);
  if (truth.length !== predicted.length) throw new RangeError(`${truth.length} true but ${predicted.length} predicted pixels`);
  const [tp, fp, fn] = [0, 1, 2].map(() => new Array<number>(classes).fill(0)) as [number[], number[], number[]];
  for (let pixel = 0; pixel < truth.length; pixel++) {
    const is = truth[pixel]!;
    if (is === ignore) continue;
    const said = predicted[pixel]!;
    if (!(is in tp)) throw outside('true', pixel, is, classes);
    if (!(said in tp)) throw outside('predicted', pixel, said, classes);
    if (is === said) tp[is]!++;
    else {
      fn[is]!++;
      fp[said]!++;
    }
  }
  return { tp, fp, fn };
}

const outside = (what: string, pixel: number, value: number, classes: number): RangeError =>
  new RangeError(`the ${what} class of pixel ${pixel} is ${value}, expected an integer in 0..${classes - 1}`);

/** Counts of several images together. Throws RangeError for none and for different numbers of classes. */
export function poolCounts(images: readonly SegmentationCounts[]): SegmentationCounts {
  const classes = images[0]?.tp.length;
  if (classes === undefined) throw new RangeError('no image to measure');
  if (images.some(({ tp }) => tp.length !== classes)) throw new RangeError('images counted for different numbers of classes');
  const sum = (of: (image: SegmentationCounts) => readonly number[]): number[] =>
    Array.from({ length: classes }, (_, i) => images.reduce((total, image) => total + of(image)[i]!, 0));
  return { tp: sum(({ tp }) => tp), fp: sum(({ fp }) => fp), fn: sum(({ fn }) => fn) };
}
