import { byCategory, type ByCategory, meanOrAbsent } from './by-category.js';
import { precisionCurve } from './curve.js';
import { type Order, orderOf, rank, type Ranked } from './ranked.js';
import { iouThresholds } from './thresholds.js';
import type { CategoryPrecision, Compat, ImageMatches, Precision } from './types.js';

/** Thresholds 0.5 and 0.75. */
const half = 0;
const threeQuarters = 5;

/**
 * AP from how detections were matched: of all images of an evaluation, or of images drawn from it with repetition (a bootstrap
 * needs no overlaps again). `compat` as in the evaluation that the matches are from.
 */
export function averagePrecision(images: readonly ImageMatches[], compat: Compat = null): Precision {
  const classes = byCategory(images);
  return precisionOf(classes, ordersOf(classes, compat));
}

/** The order of each class's detections. */
export const ordersOf = (classes: ByCategory, compat: Compat): ReadonlyMap<number, Order> => new Map(classes.map(([category, own]) => [category, orderOf(own, compat)]));

/** The same from matches that are sorted already. */
export function precisionOf(classes: ByCategory, orders: ReadonlyMap<number, Order>): Precision {
  const categories = classes.map(([category, own]) => ofClass(category, rank(own, orders.get(category)!)));
  return {
    AP: meanOrAbsent(categories.map(({ AP }) => AP)),
    AP50: meanOrAbsent(categories.map(({ AP50 }) => AP50)),
    AP75: meanOrAbsent(categories.map(({ AP75 }) => AP75)),
    categories,
  };
}

function ofClass(category: number, ranked: Ranked): CategoryPrecision {
  const curves = iouThresholds.map((_, t) => precisionCurve(ranked, t));
  const means = curves.map((curve) => curve.reduce((sum, value) => sum + value, 0) / curve.length);
  return {
    category, truths: ranked.truths, AP: meanOrAbsent(means), AP50: means[half]!, AP75: means[threeQuarters]!,
    curve50: curves[half]!, curve75: curves[threeQuarters]!,
  };
}
