import type { Annotations } from '../../data/dense.js';
import type { PreparedSet } from '../../data/image-set.js';
import { evalBatch, trainPositions } from '../../data/loader/index.js';
import type { HostArray } from '../../engine/contract.js';
import { anchorBoxes, drawAnchors, matchAnchors, type DetectorShape, levelsOf } from '../../models/detector/index.js';
import { dropPathDraws } from '../../models/drop-path-draws.js';
import { stream } from '../../random.js';
import { mirrored, mirrorPixels, pictureTruth } from './truth.js';

export interface BatchPlan {
  readonly set: PreparedSet;
  readonly annotations: Annotations;
  readonly shape: DetectorShape;
  /** Records that are trained on. */
  readonly indices: readonly number[];
  readonly batch: number;
  /** Objects that a picture has room for. */
  readonly objects: number;
  /** Anchors and proposals a picture, as in the options. */
  readonly anchors: number;
  readonly proposals: number;
  readonly flip: number;
  readonly dropPath: number;
  readonly seed: number;
  /** What the draws are for. */
  readonly purpose: string;
}

/** An anchor is of an object from the first overlap on, and background below the second (Faster R-CNN). */
const overlaps = { object: 0.7, background: 0.3 };

/** Inputs of a step's `train` function (`maskRcnnSpec`): a function of the plan and the step. */
export function trainingBatch(plan: BatchPlan, step: number): Readonly<Record<string, HostArray>> {
  const { set, annotations, shape, indices, batch, objects, seed, purpose } = plan;
  const { size } = set;
  const records = Array.from(trainPositions({ indices, seed, purpose, step, batch }), (position) => indices[position]!);
  const images = evalBatch({ set, indices: records, size });
  const anchors = anchorBoxes(levelsOf(shape));
  const count = anchors.length / 4;
  const boxes = new Float32Array(batch * objects * 4);
  const present = new Float32Array(batch * objects);
  const labels = new Int32Array(batch * objects);
  const extents = new Float32Array(batch * 2);
  const anchorLabels = new Float32Array(batch * count);
  const anchorTargets = new Float32Array(batch * count * 4);
  const masks = shape.mask === null ? null : { values: new Uint8Array(batch * objects * size * size), present: new Float32Array(batch * objects) };
  records.forEach((record, i) => {
    const straight = pictureTruth(annotations, record, size);
    const flipped = stream(seed, `${purpose}/flip`, step, i).uniform() < plan.flip;
    if (flipped) mirrorPixels(images.subarray(i * size * size * 3, (i + 1) * size * size * 3), straight.extent, size, 3);
    const truth = flipped ? mirrored(straight, size) : straight;
    extents.set([truth.extent.width, truth.extent.height], 2 * i);
    boxes.set(truth.boxes, i * objects * 4);
    labels.set(truth.labels, i * objects);
    present.fill(1, i * objects, i * objects + truth.labels.length);
    if (masks !== null) {
      truth.masks.forEach((mask, object) => {
        if (mask === null) return;
        masks.values.set(mask, (i * objects + object) * size * size);
        masks.present[i * objects + object] = 1;
      });
    }
    const matches = matchAnchors(anchors, truth.boxes, overlaps);
    anchorLabels.set(drawAnchors(matches, plan.anchors, 0.5, stream(seed, `${purpose}/anchors`, step, i)), i * count);
    matches.forEach((match, anchor) => {
      const of = match < 0 ? anchors.subarray(4 * anchor, 4 * anchor + 4) : truth.boxes.subarray(4 * match, 4 * match + 4);
      anchorTargets.set(of, (i * count + anchor) * 4);
    });
  });
  const chance = stream(seed, `${purpose}/regions`, step);
  return {
    images, extents, boxes, present, labels, anchor_labels: anchorLabels, anchor_boxes: anchorTargets,
    draws: Float32Array.from({ length: batch * (plan.proposals + objects) }, () => chance.uniform()),
    ...(masks === null ? {} : { masks: masks.values, masked: masks.present }),
    ...(plan.dropPath === 0 ? {} : { drop_path: dropPathDraws(shape.model.depth, plan.dropPath, batch, seed, step) }),
  };
}
