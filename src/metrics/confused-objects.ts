import type { Detection } from './detection.js';
import type { GroundTruth } from './ground-truth.js';
import { countedFinds, takenObjects, toBeFound } from './matched-boxes.js';

/**
 * Objects of each true class (row) by the class that they are found as (column): row-major [classes + 1, classes + 1]. The last column has objects that
 * are not found, the last row finds where no object is. The finds of an image, the surest first, take the free object that their box overlaps
 * most, from IoU 0.5 on, of any class. Objects that are not to be found are left out, and so are finds of these.
 *
 * @param truths by image
 * @param found by image
 */
export function confusedObjects(truths: readonly (readonly GroundTruth[])[], found: readonly (readonly Detection[])[], classes: number): readonly number[] {
  const counts = new Array<number>((classes + 1) ** 2).fill(0);
  const add = (row: number, column: number): void => { counts[row * (classes + 1) + column]!++; };
  truths.forEach((objects, image) => {
    const wanted = objects.filter(toBeFound);
    const finds = countedFinds(objects, found[image]!);
    const taken = takenObjects(wanted, finds, false);
    finds.forEach(({ category }, find) => {
      const object = taken[find] ?? null;
      add(object === null ? classes : wanted[object]!.category, category);
    });
    wanted.forEach(({ category }, object) => { if (!taken.includes(object)) add(category, classes); });
  });
  return counts;
}
