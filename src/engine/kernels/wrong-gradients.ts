import type { NamedAttrMap } from '@tensorflow/tfjs-core';

/** Gradients of tfjs 4.22 that are wrong without a word and that nothing here replaces: they are refused. */
export function wrongGradient(kernel: string, attributes: NamedAttrMap | undefined): string | null {
  if (kernel === 'GatherV2' && Number(attributes?.['batchDims'] ?? 0) > 1) return 'tf.gather with batchDims above 1 has a wrong gradient: use flat indices on a reshaped tensor';
  return null;
}
