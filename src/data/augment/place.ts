/** One picture as a network sees it: uint8 RGB [size, size, 3] in `target` from `offset` on. Operations change it in place. */
export interface Place { readonly target: Uint8Array; readonly offset: number; readonly size: number }

/** Every value becomes what stands at its index in `table` (256 values). */
export function applyTable({ target, offset, size }: Place, table: Uint8Array): void {
  for (let i = offset; i < offset + size * size * 3; i++) target[i] = table[target[i]!]!;
}

let copy = new Uint8Array(0);

/** The picture as it is now, from index 0 on, in memory that the next call uses again. */
export function copyOf({ target, offset, size }: Place): Uint8Array {
  const length = size * size * 3;
  if (copy.length < length) copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) copy[i] = target[offset + i]!;
  return copy;
}
