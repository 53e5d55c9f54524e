import { DataType, type GraphNode } from '../graph.js';
import type { Abstract } from '../output-shapes.js';

/**
 * Rows of a table that holds all images' one after the other, each written as a place within the image plus the image's first row (models/rows.ts, which says
 * that places lie within their image). A piece of the batch takes them from its own piece of the table.
 */
export interface OwnRows {
  /** Rows of the table. */
  readonly of: number;
  readonly images: number;
}

/** What a node makes; null: no such rows. `begun`: what its first input is. */
export function ownRows(node: GraphNode, known: ReadonlyMap<string, Abstract>, begun: OwnRows | undefined): OwnRows | null {
  if (node.op === 'Reshape') return begun ?? null;
  if (node.op !== 'Add') return null;
  const [places, starts] = node.inputs.map((input) => known.get(input));
  if (places?.shape.length !== 2 || starts?.dtype !== DataType.int32 || starts.literal === null || starts.shape.join() !== `${places.shape[0]},1`) return null;
  const perImage = starts.literal[1] ?? 0;
  const each = perImage > 0 && starts.literal.every((start, image) => start === image * perImage);
  return each ? { of: starts.literal.length * perImage, images: starts.literal.length } : null;
}
