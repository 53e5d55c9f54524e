/** One bit a flag, the first in the lowest bit of the first byte, as base64. */
export function packBits(flags: readonly boolean[]): string {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8));
  flags.forEach((flag, at) => {
    if (flag) bytes[at >> 3]! |= 1 << (at & 7);
  });
  return Buffer.from(bytes).toString('base64');
}

/** The first `n` flags of what `packBits` has made. RangeError for text of another length. */
export function unpackBits(text: string, n: number): readonly boolean[] {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== Math.ceil(n / 8)) throw new RangeError(`${bytes.length} bytes are not the bits of ${n} images`);
  return Array.from({ length: n }, (_, at) => ((bytes[at >> 3]! >> (at & 7)) & 1) === 1);
}
