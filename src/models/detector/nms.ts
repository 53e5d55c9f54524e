import { boxIou } from './iou.js';

/**
 * Non-maximum suppression: from the highest score down, a box is kept where it overlaps no kept one of its group by more than
 * `iou`. Equal scores are taken in the order of the boxes. torchvision: batched_nms.
 *
 * @param boxes [n, 4], [left, top, right, bottom]
 * @param groups Boxes of different groups (classes) let each other be. Absent: one group.
 * @returns indices of the kept ones, the highest score first, at most `most`
 */
export function suppress(boxes: ArrayLike<number>, scores: ArrayLike<number>, iou: number, groups?: ArrayLike<number>, most = Infinity): readonly number[] {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const kept: number[] = [];
  for (const i of order) {
    if (kept.length >= most) break;
    if (kept.every((j) => (groups !== undefined && groups[i] !== groups[j]) || boxIou(boxes, i, boxes, j) <= iou)) kept.push(i);
  }
  return kept;
}
