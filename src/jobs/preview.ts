import sharp from 'sharp';
import { writeFileAtomic } from '../files.js';

export interface PreviewColumn { readonly title: string; /** uint8 [rows, size, size, 3] */ readonly pixels: Uint8Array }

const gap = 4;
/** Small images are enlarged by whole factors, so that their pixels can be seen. */
const leastSide = 96;

/**
 * A PNG grid, one row an image and one column a view, with transparent gaps of 4 pixels between. Gives the pixels a side of each picture in it. With
 * `palette`, of 256 colours and a quarter of the size: for what shows where things are, not which values they have.
 */
export async function writePreview(path: string, columns: readonly PreviewColumn[], rows: number, size: number, { palette = false } = {}): Promise<number> {
  const factor = Math.max(1, Math.ceil(leastSide / size));
  const side = size * factor;
  const width = columns.length * side + (columns.length - 1) * gap;
  const height = rows * side + (rows - 1) * gap;
  const canvas = Buffer.alloc(width * height * 4);
  columns.forEach(({ pixels }, column) => {
    for (let row = 0; row < rows; row++) {
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const from = ((row * size + Math.floor(y / factor)) * size + Math.floor(x / factor)) * 3;
          const to = ((row * (side + gap) + y) * width + column * (side + gap) + x) * 4;
          canvas[to] = pixels[from]!;
          canvas[to + 1] = pixels[from + 1]!;
          canvas[to + 2] = pixels[from + 2]!;
          canvas[to + 3] = 255;
        }
      }
    }
  });
  await writeFileAtomic(path, await sharp(canvas, { raw: { width, height, channels: 4 } }).png({ compressionLevel: 9, palette }).toBuffer());
  return side;
}
