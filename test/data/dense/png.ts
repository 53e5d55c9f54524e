import { deflateSync } from 'node:zlib';

const table = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** A chunk of a PNG file: length, type, data, CRC. */
export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE((body.reduce((sum, byte) => (table[(sum ^ byte) & 255]! ^ (sum >>> 8)) >>> 0, 0xffffffff) ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG by hand: `bits` a pixel, colour type 0 (grey) or 3 (palette), rows of packed bytes behind their filter, further chunks before the palette. */
export function png(width: number, bits: number, palette: readonly number[] | null, rows: readonly (readonly number[])[], chunks: readonly Buffer[] = [], filter = 0): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(rows.length, 4);
  head.set([bits, palette === null ? 0 : 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', head), ...chunks, ...(palette === null ? [] : [chunk('PLTE', Buffer.from(palette))]),
    chunk('IDAT', deflateSync(Buffer.from(rows.flatMap((row) => [filter, ...row])))), chunk('IEND', Buffer.alloc(0)),
  ]);
}

const number32 = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}));

/** The chunk gAMA, which says that light is the `1 / gamma`th root of a number. */
export const gammaChunk = (gamma: number): Buffer => chunk('gAMA', number32(Math.round(100_000 * gamma)));

/**
 * The chunk iCCP with a colour profile by which light is a number to the power of `gamma`: version 2 of the ICC's format, as small as it
 * goes (a header of 128 bytes, a table of tags, the tags). RGB has sRGB's primaries. Numbers are of 16 bits behind the point.
 */
export function profileChunk(space: 'GRAY' | 'RGB ', gamma: number): Buffer {
  const white = [0xf6d6, 0x10000, 0xd32d];
  const point = (xyz: readonly number[]): Buffer => Buffer.concat([Buffer.from('XYZ \0\0\0\0'), number32(...xyz)]);
  const curve = Buffer.concat([Buffer.from('curv\0\0\0\0'), number32(1), Buffer.from([Math.floor(gamma), Math.round((gamma % 1) * 256), 0, 0])]);
  const tags: readonly (readonly [string, Buffer])[] = [
    ['desc', Buffer.concat([Buffer.from('desc\0\0\0\0'), number32(2), Buffer.from('p\0'), Buffer.alloc(78)])],
    ['cprt', Buffer.from('text\0\0\0\0none\0\0\0\0')],
    ['wtpt', point(white)],
    ...(space === 'GRAY' ? [['kTRC', curve] as const] : [
      ['rXYZ', point([0x6fa2, 0x38f5, 0x390])], ['gXYZ', point([0x6299, 0xb785, 0x18da])], ['bXYZ', point([0x24a0, 0xf84, 0xb6cf])],
      ['rTRC', curve], ['gTRC', curve], ['bTRC', curve],
    ] as const),
  ];
  let end = 128 + 4 + 12 * tags.length;
  const entries = tags.map(([name, { length }]) => {
    const entry = Buffer.concat([Buffer.from(name), number32(end, length)]);
    end += length;
    return entry;
  });
  const head = Buffer.alloc(128);
  number32(end).copy(head, 0);
  number32(0x02400000).copy(head, 8);
  head.write(`mntr${space}XYZ `, 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  number32(...white).copy(head, 68);
  const profile = Buffer.concat([head, number32(tags.length), ...entries, ...tags.map(([, data]) => data)]);
  return chunk('iCCP', Buffer.concat([Buffer.from('p\0\0', 'latin1'), deflateSync(profile)]));
}
