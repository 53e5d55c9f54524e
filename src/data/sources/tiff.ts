/**
 * The number in a field of a TIFF's first directory, which is of the picture that is decoded; null where there is no such
 * field. A BigTIFF has wider places.
 */
export function tiffField(file: Uint8Array, tag: number): number | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = view.getUint8(0) === 0x49;
  const big = view.getUint16(2, little) === 43;
  const directory = big ? Number(view.getBigUint64(8, little)) : view.getUint32(4, little);
  const fields = big ? Number(view.getBigUint64(directory, little)) : view.getUint16(directory, little);
  for (let i = 0; i < fields; i++) {
    const field = directory + (big ? 8 + 20 * i : 2 + 12 * i);
    if (view.getUint16(field, little) === tag) return view.getUint16(field + (big ? 12 : 8), little);
  }
  return null;
}

/** Whether its colours are YCbCr that no JPEG decoder turns into RGB. */
export const isPlainYcbcr = (file: Uint8Array): boolean => tiffField(file, 262) === 6 && ![6, 7].includes(tiffField(file, 259) ?? 1);
