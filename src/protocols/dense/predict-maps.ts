import { setImmediate } from 'node:timers/promises';
import { type Annotations, placement } from '../../data/dense.js';
import type { PreparedSet } from '../../data/image-set.js';
import type { Compiled } from '../../engine/contract.js';
import type { Phases } from '../../runner/job.js';
import { squareOf } from './batch.js';
import { addResized, type Field, labelMap } from './label-map.js';
import { type Window, windowStarts } from './windows.js';

interface MapsArguments {
  /** Has a function `evaluate` that gives `logits` of `images`, uint8 [batch, view, view, 3]. */
  readonly compiled: Compiled;
  readonly batch: number;
  /** Pixels a side that the network takes: the whole square's, or the window's. */
  readonly view: number;
  readonly window: Window | null;
  readonly set: PreparedSet;
  /** For the pictures' sizes alone. */
  readonly annotations: Pick<Annotations, 'sizes'>;
  readonly indices: readonly number[];
  readonly classes: number;
  readonly phases: Phases;
}

interface Part { readonly picture: number; readonly row: number; readonly column: number }

/**
 * Label maps of pictures at their original sizes, in order: of the whole square's logits, or of the mean of those of windows.
 * `diverged` where a logit is not finite. The last batch is filled up with what is not looked at.
 */
export async function predictMaps({ compiled, batch, view, window, set, annotations, indices, classes, phases }: MapsArguments): Promise<readonly Uint8Array[] | 'diverged'> {
  const starts = window === null ? [0] : windowStarts(set.size, window);
  const parts: readonly Part[] = indices.flatMap((_, picture) => starts.flatMap((row) => starts.map((column) => ({ picture, row, column }))));
  const each = starts.length ** 2;
  const maps: Uint8Array[] = [];
  let fields: (Field & Omit<Part, 'picture'>)[] = [];
  for (let first = 0; first < parts.length; first += batch) {
    phases.enter('wait');
    const images = new Uint8Array(batch * view * view * 3);
    const taken = parts.slice(first, first + batch);
    taken.forEach(({ picture, row, column }, i) => { cut(squareOf(set, indices[picture]!), set.size, row, column, view, images.subarray(i * view * view * 3)); });
    phases.enter('evaluate');
    const { shape: [, rows, columns], data } = compiled.run('evaluate', { images })['logits']!;
    const cells = rows! * columns! * classes;
    for (const [i, { picture, row, column }] of taken.entries()) {
      fields.push({ data: (data as Float32Array).subarray(i * cells, (i + 1) * cells), rows: rows!, columns: columns!, stride: view / rows!, row, column });
      if (fields.length < each) continue;
      const original = annotations.sizes[indices[picture]!]!;
      const map = labelMap(each === 1 && window === null ? fields[0]! : mean(fields, classes, view, set.size), classes, original, placement(original, set.size));
      if (map === null) return 'diverged';
      maps.push(map);
      fields = [];
    }
    phases.enter('other');
    await setImmediate();
  }
  return maps;
}

/** Mean logits of overlapping windows at every pixel of the square. */
function mean(fields: readonly (Field & Omit<Part, 'picture'>)[], classes: number, view: number, size: number): Field {
  const data = new Float32Array(size * size * classes);
  const counts = new Uint16Array(size * size);
  for (const { row, column, ...field } of fields) {
    addResized(field, classes, view, data, size, row, column);
    for (let y = row; y < row + view; y++) for (let x = column; x < column + view; x++) counts[y * size + x]!++;
  }
  for (let i = 0; i < data.length; i++) data[i]! /= counts[Math.floor(i / classes)]!;
  return { data, rows: size, columns: size, stride: 1 };
}

function cut(pixels: Uint8Array, size: number, row: number, column: number, view: number, target: Uint8Array): void {
  for (let y = 0; y < view; y++) target.set(pixels.subarray(((row + y) * size + column) * 3, ((row + y) * size + column + view) * 3), y * view * 3);
}
