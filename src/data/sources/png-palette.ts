const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * A PNG file whose palette's entry i has become the grey value i: decoders give colours alone, and so they give the indices. A file
 * without a palette, or that is no PNG, comes back as it is.
 */
export function withGreyPalette(file: Buffer): Buffer {
  if (!file.subarray(0, signature.length).equals(signature)) return file;
  // Chunks: length, type, data, CRC of type and data (PNG specification, section 5.3).
  for (let at = signature.length; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'PLTE' && at + 12 + length <= file.length) {
      const changed = Buffer.from(file);
      for (let i = 0; i < length; i++) changed[at + 8 + i] = Math.floor(i / 3);
      changed.writeUInt32BE(crc(changed.subarray(at + 4, at + 8 + length)), at + 8 + length);
      return changed;
    }
    at += 12 + length;
  }
  return file;
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
