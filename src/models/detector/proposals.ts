import { cast, concat, expandDims, fill, gather, greater, less, matMul, mul, reshape, slice, sub, tensor2d, topk, where, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { flatRows } from '../rows.js';
import { anchorBoxes, anchorCounts, type Level } from './anchors.js';
import { decodeBoxes } from './box-coding.js';
import { clipBoxes, sidesOf } from './boxes.js';
import { pairwiseIou } from './iou.js';
import { rpnWeights } from './rpn.js';

export interface ProposalRule {
  /** Best anchors of each level that are looked at. */
  readonly perLevel: number;
  /** Boxes that leave, all levels together. */
  readonly count: number;
  /** Of a level's boxes that overlap by more than this, the surer one stays. */
  readonly iou: number;
}

interface Proposals {
  /** [B, P, 4], within the picture, the surest first. */
  readonly boxes: Tensor;
  /** [B, P]: 1, or 0 where there was none any more and `boxes` holds something else. */
  readonly present: Tensor;
}

/** Below every objectness. */
const never = -1e9;

/**
 * The boxes that a region proposal network takes for objects, by Detectron2's rule: the best anchors of each level, moved and cut off at
 * the picture's edge, without those that overlap a better one of their level; the best of what is left. No gradient goes through.
 *
 * @param objectness [B, A], logits
 * @param deltas [B, A, 4], what leads from each anchor to its box
 * @param extents [B, 2], width and height of each picture
 */
export function propose(objectness: Tensor, deltas: Tensor, extents: Tensor, levels: readonly Level[], { perLevel, count, iou }: ProposalRule): Proposals {
  const batch = objectness.shape[0];
  const all = anchorBoxes(levels);
  let first = 0;
  const found = anchorCounts(levels).map((anchors) => {
    const start = first;
    first += anchors;
    const taken = Math.min(perLevel, anchors);
    const { values, indices } = topk(slice(objectness, [0, start], [batch, anchors]), taken);
    const moves = gather(reshape(slice(deltas, [0, start, 0], [batch, anchors, 4]), [batch * anchors, 4]), flatRows(indices, anchors));
    const references = gather(tensor2d(all.slice(4 * start, 4 * first), [anchors, 4]), reshape(indices, [batch * taken]));
    const boxes = clipBoxes(reshape(decodeBoxes(moves, references, rpnWeights), [batch, taken, 4]), extents);
    const missing = perLevel - taken;
    return missing === 0 ? { boxes, values } : { boxes: concat([boxes, zeros([batch, missing, 4])], 1), values: concat([values, fill([batch, missing], never)], 1) };
  });
  const grouped = concat(found.map(({ boxes }) => expandDims(boxes, 1)), 1);
  const kept = keepBest(reshape(grouped, [batch * levels.length, perLevel, 4]), iou);
  const { left, top, right, bottom } = sidesOf(reshape(grouped, [batch, levels.length * perLevel, 4]));
  const sound = mul(mul(cast(greater(sub(right, left), smallest), 'float32'), cast(greater(sub(bottom, top), smallest), 'float32')), reshape(kept, [batch, levels.length * perLevel]));
  const scores = where(greater(sound, 0.5), concat(found.map(({ values }) => values), 1), never);
  const { values, indices } = topk(scores, count);
  return {
    boxes: reshape(gather(reshape(grouped, [batch * levels.length * perLevel, 4]), flatRows(indices, levels.length * perLevel)), [batch, count, 4]),
    present: cast(greater(values, never / 2), 'float32'),
  };
}

/** Boxes that are narrower or lower, in pixels, are dropped (torchvision). */
const smallest = 1e-3;

/** Times that `keepBest` looks again. Around objects 64 boxes took 5 at most, 256 took 11, 1,000 took 22 (simulated). */
const roundsFor = (count: number): number => Math.max(16, Math.ceil(count / 25));

/**
 * Non-maximum suppression in the graph: 1 for the boxes that stay. A box stays where no better one that itself stays overlaps it by more
 * than `iou`: starting from all, that is looked up again until nothing changes. What hangs on a longer chain of boxes, each
 * overlapping the next, is left as it then is.
 *
 * @param boxes [N, K, 4], the best first
 * @returns [N, K]
 */
export function keepBest(boxes: Tensor, iou: number): Tensor {
  const [groups, count] = boxes.shape as [number, number, number];
  const better = tensor2d(Float32Array.from({ length: count * count }, (_, i) => (i % count < Math.floor(i / count) ? 1 : 0)), [count, count]);
  const overlapped = mul(cast(greater(pairwiseIou(boxes, boxes), iou), 'float32'), better);
  let kept: Tensor = fill([groups, count, 1], 1);
  for (let round = 0; round < roundsFor(count); round++) kept = cast(less(matMul(overlapped, kept), 0.5), 'float32');
  return reshape(kept, [groups, count]);
}
