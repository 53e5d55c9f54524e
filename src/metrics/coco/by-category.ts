import type { CategoryMatches, ImageMatches } from './types.js';

/** The matches of each class in the order of the images, by ascending class; only classes that have objects. */
export function byCategory(images: readonly ImageMatches[]): readonly (readonly [number, readonly CategoryMatches[]])[] {
  const classes = new Map<number, CategoryMatches[]>();
  for (const image of images) {
    for (const matches of image) {
      const known = classes.get(matches.category);
      if (known === undefined) classes.set(matches.category, [matches]);
      else known.push(matches);
    }
  }
  return [...classes].filter(([, own]) => own.some(({ truths }) => truths > 0)).sort(([a], [b]) => a - b);
}

/** Mean; -1 of nothing, as COCO has it where no object counts. */
export const meanOrAbsent = (values: readonly number[]): number =>
  (values.length === 0 ? -1 : values.reduce((sum, value) => sum + value, 0) / values.length);
