import type { CategoryMatches, ImageMatches } from './types.js';

/** The matches of each class in the order of the images, by ascending class; only classes that have objects. */
export type ByCategory = readonly (readonly [category: number, own: readonly CategoryMatches[]])[];

export const byCategory = (images: readonly ImageMatches[]): ByCategory => sortedBy(images, (own) => own);

/** The same of objects as `matchGroup` gives them: the matches in one of its area ranges. */
export const byCategoryIn = (range: number, images: readonly (readonly (readonly CategoryMatches[])[])[]): ByCategory => sortedBy(images, (own) => own[range]!);

function sortedBy<Own>(images: readonly (readonly Own[])[], matchesOf: (own: Own) => CategoryMatches): ByCategory {
  const classes = new Map<number, CategoryMatches[]>();
  for (const image of images) {
    for (const own of image) {
      const matches = matchesOf(own);
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
