import { boxIou } from '../box-iou.js';
import type { Detection } from '../detection.js';
import type { GroundTruth } from '../ground-truth.js';

export interface VocOptions {
  /** Number of classes; categories are 0..classes-1. */
  readonly classes: number;
  /** `11-point`: mean of the best precision at recall 0, 0.1, ... 1 or above (VOC to 2009). `area`: the area under that curve (from 2010 on). */
  readonly rule: '11-point' | 'area';
  /** Least overlap of a right detection; default 0.5. */
  readonly iou?: number;
}

export interface VocPrecision {
  /** Mean over the classes that have objects, in [0, 1]; NaN where none has. */
  readonly mAP: number;
  /** AP of each class; null where it has no object that counts. */
  readonly perClass: readonly (number | null)[];
  /** Classes without an object that counts: they are left out of the mean. */
  readonly absent: readonly number[];
}

/**
 * Pascal VOC's detection metric (Everingham et al. 2010, and the 2012 development kit). A detection, the surest first, belongs to the
 * object of its class in its image that it overlaps most. It is right where that overlap is at least `iou` and the object is still
 * free; a second one is wrong; at a difficult object, or a crowd, it is neither. What has equal scores enters the curve together, and
 * within an image in the order given. `truths` and `found` hold one list an image. VOC's pixel coordinates are inclusive and begin
 * at 1: their box here is [xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1]. Throws RangeError for lists of different lengths,
 * unknown categories and scores that are not finite.
 */
export function vocAveragePrecision(
  truths: readonly (readonly GroundTruth[])[], found: readonly (readonly Detection[])[], { classes, rule, iou = 0.5 }: VocOptions,
): VocPrecision {
  if (truths.length !== found.length) throw new RangeError(`objects of ${truths.length} images but detections of ${found.length}`);
  for (const { category } of [...truths.flat(), ...found.flat()]) {
    if (!Number.isInteger(category) || category < 0 || category >= classes) throw new RangeError(`the category ${category} is not an integer in 0..${classes - 1}`);
  }
  for (const { score } of found.flat()) if (!Number.isFinite(score)) throw new RangeError(`a detection has the score ${score}`);

  const perClass = Array.from({ length: classes }, (_, category) => {
    const own = truths.map((objects) => objects.filter((object) => object.category === category));
    const judged = own.flatMap((objects, image) => judge(objects, found[image]!.filter((detection) => detection.category === category), iou));
    const objects = own.flat().filter((object) => !skipped(object)).length;
    return objects === 0 ? null : areaOf(curve(judged, objects), rule);
  });
  const present = perClass.filter((value) => value !== null);
  return {
    mAP: present.reduce((sum, value) => sum + value, 0) / present.length,
    perClass,
    absent: perClass.flatMap((value, category) => (value === null ? [category] : [])),
  };
}

const skipped = ({ difficult, crowd }: GroundTruth): boolean => difficult || crowd;

interface Judged { readonly score: number; readonly right: boolean }

/** The detections of one class in one image that count. */
function judge(objects: readonly GroundTruth[], found: readonly Detection[], iou: number): readonly Judged[] {
  const ranked = [...found].sort((a, b) => b.score - a.score);
  const overlaps = boxIou(ranked.map(({ box }) => box), objects.map(({ box }) => box), objects.map(() => false));
  const taken = new Set<GroundTruth>();
  return ranked.flatMap(({ score }, row) => {
    const own = overlaps.subarray(row * objects.length, (row + 1) * objects.length);
    const most = Math.max(-1, ...own);
    const object = objects[own.indexOf(most)];
    if (object === undefined || most < iou) return [{ score, right: false }];
    if (skipped(object)) return [];
    const right = !taken.has(object);
    taken.add(object);
    return [{ score, right }];
  });
}

interface Corner { readonly recall: number; readonly precision: number }

/** Recall and precision after each score, and the best precision from there on. */
function curve(judged: readonly Judged[], objects: number): readonly Corner[] {
  const ranked = [...judged].sort((a, b) => b.score - a.score);
  let right = 0;
  const corners = ranked.map((one, i) => {
    right += one.right ? 1 : 0;
    return { recall: right / objects, precision: right / (i + 1), score: one.score };
  }).filter(({ score }, i) => score !== ranked[i + 1]?.score);
  let best = 0;
  return corners.reverse().map(({ recall, precision }) => {
    best = Math.max(best, precision);
    return { recall, precision: best };
  }).reverse();
}

function areaOf(corners: readonly Corner[], rule: VocOptions['rule']): number {
  if (rule === 'area') return corners.reduce((sum, { recall, precision }, i) => sum + (recall - (corners[i - 1]?.recall ?? 0)) * precision, 0);
  // As NumPy's arange counts them: 0.3, 0.6 and 0.7 are a last bit above, and a recall of 3, 6 or 7 tenths does not reach them.
  const points = Array.from({ length: 11 }, (_, i) => i * 0.1);
  return points.reduce((sum, point) => sum + (corners.find(({ recall }) => recall >= point)?.precision ?? 0), 0) / points.length;
}
