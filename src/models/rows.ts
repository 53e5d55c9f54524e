import { add, gather, reshape, tensor2d, unsortedSegmentSum, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/**
 * Picking tokens of each image. Indices count within an image; the gather itself runs on one flat table of all images'
 * tokens, because a gather with batch dimensions has a slow gradient.
 */

/**
 * indices int32 [B, K], each in 0..perImage - 1, to rows of a [B * perImage, ...] table: int32 [B * K]. The engine knows such sums, and where it works on a batch in pieces it takes
 * each piece's rows from its own images': an index beyond its image fails then, or is lost.
 */
export function flatRows(indices: Tensor, perImage: number): Tensor {
  const [batch, count] = indices.shape as [number, number];
  const starts = tensor2d(Int32Array.from({ length: batch }, (_, b) => b * perImage), [batch, 1], 'int32');
  return reshape(add(indices, starts), [batch * count]);
}

/**
 * Rows of x [B, N, D] at indices [B, K], no index twice in an image: [B, K, D].
 * `constant` says that x needs no gradient (pixels, fixed positions).
 */
export function takeTokens(x: Tensor, indices: Tensor, constant = false): Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const rows = flatRows(indices, tokens);
  const shape = [batch, indices.shape[1]!, width];
  const table = reshape(x, [batch * tokens, width]);
  if (constant) return reshape(gather(table, rows), shape);
  return reshape(gatherRows(table, rows), shape);
}

/** Rows of a table [N, D] at indices int32 [M], any of them as often as wanted: [M, D]. */
export function gatherRows(table: Tensor, rows: Tensor): Tensor {
  const count = table.shape[0];
  return withGradient(
    [table],
    (save) => {
      save([rows]);
      return gather(table, rows);
    },
    (dy, [savedRows]) => [unsortedSegmentSum(dy, savedRows as Tensor1D, count)],
  );
}

/** The other way: rows [M, D] put at indices int32 [M] of a table [count, D] of zeros. Rows of equal index are added up. */
export function scatterRows(values: Tensor, rows: Tensor, count: number): Tensor {
  return withGradient(
    [values],
    (save) => {
      save([rows]);
      return unsortedSegmentSum(values, rows as Tensor1D, count);
    },
    (dy, [savedRows]) => [gather(dy, savedRows as Tensor1D)],
  );
}
