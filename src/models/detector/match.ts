import type { Stream } from '../../random.js';
import { boxIou } from './iou.js';

/** No object: an anchor of the background, or one that is neither. */
export const background = -1;
export const between = -2;

interface MatchThresholds {
  /** An anchor is of the object that it overlaps most, from this overlap on. */
  readonly object: number;
  /** Below this overlap with every object it is background. */
  readonly background: number;
}

/**
 * Which object each anchor is to find. An object's best anchors are always taken, whatever their overlap is, so that every object
 * has some; such an anchor stands for the object that it itself overlaps most (torchvision's and Detectron2's matcher with
 * low-quality matches). Of objects that overlap it equally the first.
 *
 * @param anchors [A, 4]
 * @param objects [n, 4]
 * @returns for each anchor the object's index, `background` or `between`
 */
export function matchAnchors(anchors: Float32Array, objects: Float32Array, thresholds: MatchThresholds): Int32Array {
  const [count, found] = [anchors.length / 4, objects.length / 4];
  const matches = new Int32Array(count).fill(background);
  if (found === 0) return matches;
  const overlaps = new Float64Array(count * found);
  const best = new Float64Array(found);
  for (let a = 0; a < count; a++) {
    for (let o = 0; o < found; o++) {
      const overlap = boxIou(anchors, a, objects, o);
      overlaps[a * found + o] = overlap;
      if (overlap > best[o]!) best[o] = overlap;
    }
  }
  for (let a = 0; a < count; a++) {
    let own = 0;
    let chosen = false;
    for (let o = 0; o < found; o++) {
      const overlap = overlaps[a * found + o]!;
      if (overlap > overlaps[a * found + own]!) own = o;
      if (overlap > 0 && overlap === best[o]) chosen = true;
    }
    const overlap = overlaps[a * found + own]!;
    matches[a] = chosen || overlap >= thresholds.object ? own : overlap < thresholds.background ? background : between;
  }
  return matches;
}

/**
 * Draws the anchors that a step learns from: at most `share` of `count` of those with an object, the rest background. Faster
 * R-CNN; fewer where there are fewer.
 *
 * @returns for each anchor 1 (its object), 0 (background) or -1 (not drawn)
 */
export function drawAnchors(matches: Int32Array, count: number, share: number, draws: Stream): Int8Array {
  const labels = new Int8Array(matches.length).fill(-1);
  const some = (wanted: (match: number) => boolean, most: number, label: number): number => {
    const candidates: number[] = [];
    matches.forEach((match, anchor) => { if (wanted(match)) candidates.push(anchor); });
    const taken = Math.min(most, candidates.length);
    for (let i = 0; i < taken; i++) {
      const j = i + draws.integer(candidates.length - i);
      labels[candidates[j]!] = label;
      candidates[j] = candidates[i]!;
    }
    return taken;
  };
  const positive = some((match) => match >= 0, Math.floor(count * share), 1);
  some((match) => match === background, count - positive, 0);
  return labels;
}
