import { boxIou } from './box-iou.js';
import type { Detection } from './detection.js';
import type { GroundTruth } from './ground-truth.js';

/** Overlap from which a find is of an object. */
const least = 0.5;

/** Whether an object is to be found. */
export const toBeFound = ({ crowd, difficult }: GroundTruth): boolean => !crowd && !difficult;

/** The finds, without those that lie on an object of their class that is not to be found, and on none that is: they are neither right nor wrong (COCO). */
export function countedFinds(objects: readonly GroundTruth[], finds: readonly Detection[]): readonly Detection[] {
  const overlaps = boxIou(finds.map(({ box }) => box), objects.map(({ box }) => box), objects.map(({ crowd }) => crowd));
  return finds.filter(({ category }, find) => {
    const under = objects.filter((object, at) => object.category === category && overlaps[find * objects.length + at]! >= least);
    return under.length === 0 || under.some(toBeFound);
  });
}

/**
 * By find, the index of the object that it takes, or null: the surest first, each the free one that its box overlaps most, from IoU 0.5 on.
 *
 * @param alike whether a find takes objects of its class alone
 */
export function takenObjects(objects: readonly GroundTruth[], finds: readonly Detection[], alike: boolean): readonly (number | null)[] {
  const overlaps = boxIou(finds.map(({ box }) => box), objects.map(({ box }) => box), objects.map(() => false));
  const free = new Set(objects.keys());
  const taken = new Array<number | null>(finds.length).fill(null);
  const surestFirst = [...finds.keys()].sort((a, b) => finds[b]!.score - finds[a]!.score);
  for (const find of surestFirst) {
    const overlap = (object: number): number => overlaps[find * objects.length + object]!;
    const [best] = [...free].filter((object) => overlap(object) >= least && (!alike || objects[object]!.category === finds[find]!.category)).sort((a, b) => overlap(b) - overlap(a));
    if (best === undefined) continue;
    free.delete(best);
    taken[find] = best;
  }
  return taken;
}
