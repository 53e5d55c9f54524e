import type { Detection } from './detection.js';
import type { GroundTruth } from './ground-truth.js';

/** Images whose objects are said to be in another one. */
const others = 8;

/**
 * Detections of who looks at no image: in each, the boxes of the objects of the next eight, each as sure as `score` says, one after the other. Their AP is what
 * luck and knowing where objects of a class tend to lie are worth; a detector that has learned from images is above it.
 */
export function othersBoxes(truths: readonly (readonly GroundTruth[])[], score: () => number): readonly (readonly Detection[])[] {
  const objects = truths.map((own) => own.filter(({ crowd }) => !crowd));
  return objects.map((_, image) => Array.from({ length: Math.min(others, objects.length - 1) }, (_next, i) => objects[(image + 1 + i) % objects.length]!)
    .flat().map(({ category, box }) => ({ category, score: score(), box, mask: null })));
}
