const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * A PNG file whose palette's entry i has become the grey value i, also where the palette had fewer than its bits can name: decoders give
 * colours alone, and so they give the indices. A file without a palette, or that is no PNG, comes back as it is.
 */
export function withGreyPalette(file: Buffer): Buffer {
  if (!file.subarray(0, signature.length).equals(signature)) return file;
  // The head comes first; its ninth byte is the bits of a number, its tenth the type of colour, 3 for a palette (PNG specification, section 11.2.1).
  const [bits, type] = [file[24], file[25]];
  if (bits === undefined || bits > 8 || type !== 3) return file;
  for (let at = signature.length; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'PLTE' && at + 12 + length <= file.length) {
      return Buffer.concat([file.subarray(0, at), greyPalette(2 ** bits), file.subarray(at + 12 + length)]);
    }
    at += 12 + length;
  }
  return file;
}

/** Chunk of a palette: length, type, data, CRC of type and data (section 5.3). */
function greyPalette(count: number): Buffer {
  const chunk = Buffer.alloc(12 + 3 * count);
  chunk.writeUInt32BE(3 * count, 0);
  chunk.write('PLTE', 4, 'latin1');
  for (let i = 0; i < 3 * count; i++) chunk[8 + i] = Math.floor(i / 3);
  chunk.writeUInt32BE(crc(chunk.subarray(4, 8 + 3 * count)), 8 + 3 * count);
  return chunk;
}

/** CRC-32 as PNG has it. */
function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}
