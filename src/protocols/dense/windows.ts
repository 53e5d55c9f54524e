/** Where a picture is cut for inference, in pixels of its square. */
export interface Window { readonly size: number; readonly stride: number }

/** Starts of windows along one side: `stride` apart, the last one ending at the edge (mmsegmentation's slide mode). */
export function windowStarts(side: number, { size, stride }: Window): readonly number[] {
  const count = Math.ceil(Math.max(0, side - size) / stride) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * stride, side - size));
}
