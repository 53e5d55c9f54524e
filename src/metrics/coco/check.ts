import type { Detection } from '../detection.js';
import type { GroundTruth } from '../ground-truth.js';
import type { CocoOptions } from './types.js';

/** Throws RangeError for data of which an AP has no meaning, saying where. */
export function checkInput(truths: readonly (readonly GroundTruth[])[], found: readonly (readonly Detection[])[], { classes, maxDets = [1, 10, 100] }: CocoOptions): void {
  if (truths.length !== found.length) throw new RangeError(`objects of ${truths.length} images but detections of ${found.length}`);
  if (!maxDets.every((limit, i) => Number.isInteger(limit) && limit > (maxDets[i - 1] ?? 0))) throw new RangeError(`maxDets are whole numbers from 1 on, ascending, got ${maxDets.join(', ')}`);
  truths.forEach((objects, image) => objects.forEach((object, i) => {
    checkOne(object, classes, `object ${i} of image ${image}`);
    if (!Number.isFinite(object.area)) throw new RangeError(`object ${i} of image ${image} has the area ${object.area}`);
  }));
  found.forEach((detections, image) => detections.forEach((detection, i) => {
    checkOne(detection, classes, `detection ${i} of image ${image}`);
    if (!Number.isFinite(detection.score)) throw new RangeError(`detection ${i} of image ${image} has the score ${detection.score}`);
  }));
}

function checkOne({ category, box }: Pick<Detection, 'category' | 'box'>, classes: number, what: string): void {
  if (!Number.isInteger(category) || category < 0 || category >= classes) throw new RangeError(`${what} has the category ${category}, expected an integer in 0..${classes - 1}`);
  if (!box.every(Number.isFinite)) throw new RangeError(`${what} has the box [${box.join(', ')}]`);
}
