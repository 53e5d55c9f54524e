import type { JsonObject } from '../files.js';

/** How many configurations the named options span: the product of their lists' lengths, one value (or none given) counting as one. */
export const gridSize = (options: JsonObject, names: readonly string[]): number =>
  names.map((name) => options[name]).reduce<number>((size, value) => size * (Array.isArray(value) ? value.length : 1), 1);
