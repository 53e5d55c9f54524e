import { isPixels } from '../../data/dense.js';
import { isObject } from '../../files.js';
import type { Box, CocoSegmentation } from '../../metrics/index.js';

export type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (value === undefined ? 'missing' : (JSON.stringify(value).slice(0, 80)));
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isNumber);

/** Readers of one field of a file's object. Each throws RangeError that names the field, what it holds and what it should. */
export function numberField(from: Fields, name: string): number {
  const value = from[name];
  if (!isNumber(value)) throw new RangeError(`${name} is ${text(value)}, expected a finite number`);
  return value;
}

export function integerField(from: Fields, name: string): number {
  const value = from[name];
  if (!Number.isSafeInteger(value)) throw new RangeError(`${name} is ${text(value)}, expected an integer${Number.isInteger(value) ? ' of at most 2^53 - 1' : ''}`);
  return value as number;
}

/** A height or width in pixels. */
export function sideField(from: Fields, name: string): number {
  const value: unknown = integerField(from, name);
  if (!isPixels(value)) throw new RangeError(`${name} is ${text(value)}, expected a number of pixels from 1 on`);
  return value;
}

export function boxField(from: Fields): Box {
  const value = from['bbox'];
  if (!isNumbers(value) || value.length !== 4) throw new RangeError(`bbox is ${text(value)}, expected [left, top, width, height]`);
  return value as unknown as Box;
}

/** Polygons, or run lengths in either form. */
export function segmentationField(from: Fields): CocoSegmentation {
  const value = from['segmentation'];
  if (Array.isArray(value) && value.every(isNumbers)) return value;
  if (isObject(value) && isNumbers(value['size']) && value['size'].length === 2 && (typeof value['counts'] === 'string' || isNumbers(value['counts']))) {
    return { size: value['size'] as unknown as readonly [number, number], counts: value['counts'] };
  }
  throw new RangeError(`segmentation is ${text(value)}, expected polygons [[x, y, ...], ...] or { size: [height, width], counts }`);
}
