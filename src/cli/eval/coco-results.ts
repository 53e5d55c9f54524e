import { DataError } from '../../errors.js';
import { isObject } from '../../files.js';
import { boxMask, type Detection, maskBox, type OverlapType } from '../../metrics/index.js';
import { attempt, type CocoTruth, known, maskIn, oddness, pictureOf } from './coco-truth.js';
import { boxField, type Fields, integerField, numberField } from './fields.js';
import { readEvalJson } from './read-json.js';

export interface CocoResults {
  /** By image of the truth, in the file's order. */
  readonly found: readonly (readonly Detection[])[];
  /** Whose pixels are a detection's area: the box's where the file has boxes, as pycocotools reads it. */
  readonly detectionArea: 'box' | 'mask';
  /** Results of a category that the truth has not, which pycocotools passes over: index and category. */
  readonly passedOver: readonly string[];
  /** How many have no mask of their own where masks are compared: their box is taken for it, as pycocotools does. */
  readonly boxForMask: number;
  /** Results that are odd and counted as they are, as pycocotools does: index and reason. */
  readonly odd: readonly string[];
}

const fix = 'It is to be COCO\'s results: [{ image_id, category_id, score, bbox and/or segmentation }, ...].';

/** An empty list is none. */
const hasBox = ({ bbox }: Fields): boolean => bbox !== undefined && !(Array.isArray(bbox) && bbox.length === 0);

/** Reads a file of COCO's results format against the truth: what is wrong is an error with file, index and reason. */
export async function readResults(path: string, type: OverlapType, truth: CocoTruth): Promise<CocoResults> {
  const file = await readEvalJson(path, fix);
  if (!Array.isArray(file)) throw new DataError('holds no list of results', { where: path, fix });
  const results: readonly unknown[] = file;
  const hasBoxes = isObject(results[0]) && hasBox(results[0]);
  const found: Detection[][] = truth.truths.map(() => []);
  const passedOver: string[] = [];
  const odd: string[] = [];
  let boxForMask = 0;
  for (const [i, fields] of results.entries()) {
    attempt(() => {
      if (!isObject(fields)) throw new RangeError('is no object');
      const image = known(truth.images, integerField(fields, 'image_id'), 'image_id', 'image in the ground truth');
      const named = integerField(fields, 'category_id');
      const category = truth.categories.get(named);
      if (category === undefined) {
        passedOver.push(`result ${i} (category_id ${named})`);
        return;
      }
      const score = numberField(fields, 'score');
      const size = truth.sizes[image]!;
      // In a file with boxes the mask of a result without one is its box (pycocotools).
      const flat = hasBoxes && fields['segmentation'] === undefined;
      if (flat && type === 'segm') boxForMask++;
      const mask = type === 'bbox' && hasBoxes ? null : flat ? boxMask(boxField(fields), ...pictureOf(size)) : maskIn(fields, size);
      const box = hasBoxes || mask === null || hasBox(fields) ? boxField(fields) : maskBox(mask);
      const reason = oddness({ box, mask }, type, size);
      if (reason !== null) odd.push(`result ${i}: ${reason}`);
      found[image]!.push({ category, score, box, mask });
    }, (reason) => new DataError(`result ${i}: ${reason}`, { where: path, fix }));
  }
  return { found, detectionArea: hasBoxes ? 'box' : 'mask', passedOver, boxForMask, odd };
}
