import { setImmediate } from 'node:timers/promises';
import { type Annotations, placement } from '../../data/dense.js';
import type { PreparedSet } from '../../data/image-set.js';
import { evalBatch } from '../../data/loader/index.js';
import type { Compiled, HostTensor } from '../../engine/contract.js';
import { type Detection, encodeMask, type Rle } from '../../metrics/index.js';
import { pasteMask, suppress } from '../../models/detector/index.js';
import type { Phases } from '../../runner/job.js';

interface PredictArguments {
  readonly compiled: Compiled;
  readonly set: PreparedSet;
  /** Of which the pictures' sizes are used alone. */
  readonly annotations: Pick<Annotations, 'sizes'>;
  readonly indices: readonly number[];
  /** Pictures that a call takes. */
  readonly batch: number;
  /** Whether masks are laid over the pictures, where there are any. */
  readonly masks: boolean;
  /** Least probability of a found object. */
  readonly score: number;
  readonly phases: Phases;
}

/** Of boxes of a class that overlap by more than this the surest is told (Fast R-CNN). */
const overlap = 0.5;
/** Found objects a picture: COCO's limit. */
const most = 100;

/** What is found in each picture, in its own pixels, the surest first; `diverged` where a number is not finite. */
export async function predict({ compiled, set, annotations, indices, batch, masks, score, phases }: PredictArguments): Promise<readonly (readonly Detection[])[] | 'diverged'> {
  const { size } = set;
  const found: (readonly Detection[])[] = [];
  for (let start = 0; start < indices.length; start += batch) {
    const some = indices.slice(start, start + batch);
    phases.enter('wait');
    const images = new Uint8Array(batch * size * size * 3);
    images.set(evalBatch({ set, indices: some, size }));
    const extents = new Float32Array(2 * batch).fill(size);
    some.forEach((index, i) => {
      const { height, width } = placement(annotations.sizes[index]!, size);
      extents.set([width, height], 2 * i);
    });
    phases.enter('evaluate');
    const outputs = compiled.run('find', { images, extents });
    if (![...outputs['scores']!.data, ...outputs['boxes']!.data].every(Number.isFinite)) return 'diverged';
    some.forEach((index, i) => {
      const { height, width } = annotations.sizes[index]!;
      found.push(ofPicture(outputs, i, { height, width, across: width / extents[2 * i]!, down: height / extents[2 * i + 1]! }, masks, score));
    });
    phases.enter('other');
    await setImmediate();
  }
  return found;
}

interface Frame { readonly height: number; readonly width: number; readonly across: number; readonly down: number }

function ofPicture(outputs: Readonly<Record<string, HostTensor>>, picture: number, { height, width, across, down }: Frame, masked: boolean, least: number): readonly Detection[] {
  const [, regions, classes] = outputs['scores']!.shape as [number, number, number];
  const probabilities = outputs['scores']!.data.subarray(picture * regions * classes, (picture + 1) * regions * classes);
  const placed = outputs['boxes']!.data.subarray(picture * regions * 4, (picture + 1) * regions * 4);
  const sure = Array.from(probabilities.keys()).filter((i) => probabilities[i]! > least && probabilities[i]! > 0);
  const regionOf = (i: number): number => Math.floor(i / classes);
  const boxes = sure.flatMap((i) => [...placed.subarray(4 * regionOf(i), 4 * regionOf(i) + 4)]);
  const kept = suppress(boxes, sure.map((i) => probabilities[i]!), overlap, sure.map((i) => i % classes), most);
  const masks = new Map<number, Rle>();
  const maskOf = (region: number, box: readonly [number, number, number, number]): Rle | null => {
    const given = outputs['masks'];
    if (given === undefined || !masked) return null;
    const side = given.shape[2]!;
    const known = masks.get(region) ?? encodeMask(pasteMask(given.data as Float32Array, (picture * regions + region) * side * side, side, box, { height, width }), height, width);
    masks.set(region, known);
    return known;
  };
  return kept.map((at) => {
    const [left, top, right, bottom] = [boxes[4 * at]! * across, boxes[4 * at + 1]! * down, boxes[4 * at + 2]! * across, boxes[4 * at + 3]! * down] as const;
    return { category: sure[at]! % classes, score: probabilities[sure[at]!]!, box: [left, top, right - left, bottom - top], mask: maskOf(regionOf(sure[at]!), [left, top, right, bottom]) };
  });
}
