import { encodeMask, maskArea, maskBox } from '../../../metrics/index.js';
import type { AnnotatedObject } from '../../dense.js';
import { eachInside, type Layer } from './layer.js';

/** A pixel belongs to what covers at least half of it. */
const covered = 0.5;

const isCovered = ({ pixels }: Layer, from: number): boolean => pixels[from + 3]! >= covered;

/** Pixels of a layer that it covers, inside the scene and outside. */
export function fullArea(layer: Layer): number {
  let area = 0;
  for (let from = 0; from < layer.pixels.length; from += 4) if (isCovered(layer, from)) area++;
  return area;
}

/**
 * Which object each pixel of a scene belongs to, -1 for none: the frontmost whose alpha is at least 0.5 there. So masks are what
 * is visible of objects, and do not overlap. int16 [size, size]; a new map, the object `owner` laid in front of `before`.
 */
export function withOwner(before: Int16Array, size: number, layer: Layer, owner: number): Int16Array {
  const owners = before.slice();
  eachInside(layer, size, (from, to) => {
    if (isCovered(layer, from)) owners[to] = owner;
  });
  return owners;
}

/** Pixels of each of `count` objects. */
export function areasOf(owners: Int16Array, count: number): readonly number[] {
  const areas = new Array<number>(count).fill(0);
  for (const owner of owners) if (owner >= 0) areas[owner]!++;
  return areas;
}

/** One object by its pixels: the tight box, the mask and the area. It must have a pixel. */
export function outlineOf(owners: Int16Array, size: number, owner: number): Pick<AnnotatedObject, 'box' | 'area' | 'mask'> {
  const mask = encodeMask(owners.map((value) => (value === owner ? 1 : 0)), size, size);
  return { box: maskBox(mask), area: maskArea(mask), mask };
}
