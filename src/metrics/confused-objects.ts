import { boxIou } from './box-iou.js';
import type { Detection } from './detection.js';
import type { GroundTruth } from './ground-truth.js';

/** Overlap from which a find is of an object, whatever its class. */
const least = 0.5;

/**
 * Objects of each true class (row) by the class that they are found as (column): row-major [classes + 1, classes + 1]. The last column has objects that
 * are not found, the last row finds where no object is. The finds of an image, the surest first, take the free object that their box overlaps
 * most, from IoU 0.5 on, of any class. Objects that are not to be found are left out.
 *
 * @param truths by image
 * @param found by image
 */
export function confusedObjects(truths: readonly (readonly GroundTruth[])[], found: readonly (readonly Detection[])[], classes: number): readonly number[] {
  const counts = new Array<number>((classes + 1) ** 2).fill(0);
  const add = (row: number, column: number): void => { counts[row * (classes + 1) + column]!++; };
  truths.forEach((objects, image) => {
    const wanted = objects.filter(({ crowd, difficult }) => !crowd && !difficult);
    const finds = found[image]!.toSorted((a, b) => b.score - a.score);
    const overlaps = boxIou(finds.map(({ box }) => box), wanted.map(({ box }) => box), wanted.map(() => false));
    const free = new Set(wanted.keys());
    finds.forEach(({ category }, find) => {
      const overlap = (object: number): number => overlaps[find * wanted.length + object]!;
      const best = [...free].filter((object) => overlap(object) >= least).sort((a, b) => overlap(b) - overlap(a))[0];
      if (best === undefined) {
        add(classes, category);
        return;
      }
      free.delete(best);
      add(wanted[best]!.category, category);
    });
    for (const object of free) add(wanted[object]!.category, classes);
  });
  return counts;
}
