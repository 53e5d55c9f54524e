import type { AnnotatedObject, PictureSize } from '../../data/dense.js';
import type { DenseTask } from '../../data/image-set.js';
import { DataError } from '../../errors.js';
import { averagePrecision, confusedObjects, countedFinds, decodeMask, evaluateCoco, failsToLearn, takenObjects, toBeFound, type CocoEvaluation, type Detection, type ImageMatches } from '../../metrics/index.js';
import type { DetectionProtocol } from '../../protocols/protocol.js';
import type { MetricValue, PrecisionCurves, ShownObject } from '../../results/types.js';
import { readEncoder, weightsAt } from '../encoder-file.js';
import { readTruth, withoutTest } from '../task-inputs.js';
import type { Judged, Judging } from './judging.js';
import { bestAndWorst, drawPictures, type Drawn } from './pictures.js';

/** Boxes, and masks where the task has some, by COCO's metrics. */
export async function detection(protocol: DetectionProtocol, { context, config, set, task, common }: Judging<DenseTask>): Promise<Judged> {
  const annotations = await readTruth(context.input('data'));
  const truths = task.test.indices.map((index) => annotations.objects(index) ?? []);
  if (!truths.flat().some(toBeFound)) throw new DataError('no test picture has an object that counts: nothing could be found', { where: `task ${task.name}`, fix: 'Objects that are crowds or difficult do not count.' });
  const judgement = await protocol.run({ ...common, task, set, annotations: withoutTest(annotations, task), encoder: await readEncoder(weightsAt(context.input('encoder'), config.snapshot)) });
  const found = judgement.detections;
  const classes = task.classes.length;
  // Objects that have a box alone cannot be matched by masks, and a network that learnt from boxes alone tells none: then boxes alone are judged.
  const without = truths.flat().filter(({ mask }) => mask === null).length;
  const masks = without === 0 && judgement.masks;
  const unmasked = { objects: without, of: truths.flat().length };
  const box = evaluateCoco(truths, found, 'bbox', { classes });
  const mask = masks ? evaluateCoco(truths, found, 'segm', { classes }) : null;
  const sure = found.map((all, at) => surest(truths[at]!, all));
  // Ranked before any mask becomes pixels: those of a whole test set would fill the memory.
  const shown = bestAndWorst(task.test.indices.flatMap((index, at) => (truths[at]!.some(toBeFound) ? [{ index, at, value: f1(truths[at]!, sure[at]!) }] : [])));
  return {
    judgement,
    judged: {
      taskKind: 'detection',
      primary: 'box_ap',
      metrics: [...valuesOf(box, 'box'), ...(mask === null ? [] : valuesOf(mask, 'mask'))],
      perImage: { ids: task.test.indices.map((index) => set.records[index]!.id), box: box.matches, mask: mask === null ? null : mask.matches },
      perClass: { box: perClass(box, classes), mask: mask === null ? null : perClass(mask, classes) },
      confusion: confusedObjects(truths, sure, classes),
      precision: { box: curvesOf(box.matches), mask: mask === null ? null : curvesOf(mask.matches) },
      // Where no test object has a mask, none is missed.
      ...(masks || without === unmasked.of ? {} : { unmasked }),
      pictures: await drawPictures(context.folder, set, shown.map(({ index, at, value }) => drawn(index, annotations.sizes[index]!, value, truths[at]!, sure[at]!))),
      trainAccuracy: judgement.trainScore,
      chance: 0,
      largestClass: judgement.blindScore,
      failedToLearn: failsToLearn(judgement.trainScore, 0, judgement.blindScore),
    },
  };
}

const names = { AP: 'ap', AP50: 'ap50', AP75: 'ap75', APs: 'ap_small', APm: 'ap_medium', APl: 'ap_large', AR1: 'ar1', AR10: 'ar10', AR100: 'ar100', ARs: 'ar_small', ARm: 'ar_medium', ARl: 'ar_large' } as const;

/** COCO's numbers by their names here; those of sizes that no object has are left out. */
const valuesOf = ({ summary }: CocoEvaluation, of: 'box' | 'mask'): readonly MetricValue[] =>
  (Object.entries(names) as readonly (readonly [keyof typeof names, string])[]).flatMap(([key, name]) => (summary[key] < 0 ? [] : [{ metric: `${of}_${name}`, value: summary[key], unit: 'fraction' }]));

const perClass = ({ categories }: CocoEvaluation, classes: number): readonly (number | null)[] =>
  Array.from({ length: classes }, (_, label) => categories.find(({ category }) => category === label)?.AP ?? null);

/** Means over the classes that have objects. */
function curvesOf(matches: readonly ImageMatches[]): PrecisionCurves {
  const { categories } = averagePrecision(matches);
  const mean = (pick: (one: (typeof categories)[number]) => Float64Array): readonly number[] =>
    Array.from(categories[0] === undefined ? [] : pick(categories[0]), (_, point) => categories.reduce((sum, one) => sum + pick(one)[point]!, 0) / categories.length);
  return { at50: mean(({ curve50 }) => curve50), at75: mean(({ curve75 }) => curve75) };
}

/** The surest finds of a picture that count, as many as it has objects: a detector that was trained shortly is sure of none. */
export const surest = (truths: readonly AnnotatedObject[], all: readonly Detection[]): readonly Detection[] =>
  countedFinds(truths, all).toSorted((x, y) => y.score - x.score).slice(0, truths.filter(toBeFound).length);

/** `found`: the surest first. */
function drawn(index: number, size: PictureSize, value: number, truths: readonly AnnotatedObject[], found: readonly Detection[]): Drawn {
  const shown = ({ category, box }: Pick<Detection, 'category' | 'box'>, score: number | null): ShownObject => ({ category, score, box });
  return {
    index,
    size,
    value,
    truth: truths.map((object) => shown(object, null)),
    found: found.map((object) => shown(object, object.score)),
    truthAt: inMasks(truths, size),
    // The surest lies on top.
    foundAt: inMasks(found.toReversed(), size),
  };
}

/** Class of the last object whose mask has the pixel. Of the masks one is in memory at a time. */
function inMasks(objects: readonly Pick<Detection, 'category' | 'mask'>[], { height, width }: PictureSize): (pixel: number) => number | null {
  /** Class of each pixel from 1 on, 0 for none: [height, width]. */
  const classes = new Uint32Array(height * width);
  for (const { category, mask } of objects) {
    if (mask !== null) decodeMask(mask).forEach((inside, pixel) => { if (inside === 1) classes[pixel] = category + 1; });
  }
  return (pixel) => (classes[pixel] === 0 ? null : classes[pixel]! - 1);
}

/**
 * Harmonic mean of precision and recall of boxes at IoU 0.5, each truth found once, the surest first.
 *
 * @param truths one at least that counts
 */
export function f1(truths: readonly AnnotatedObject[], found: readonly Detection[]): number {
  const wanted = truths.filter(toBeFound);
  const right = takenObjects(wanted, found, true).filter((object) => object !== null).length;
  return (2 * right) / (wanted.length + found.length);
}
