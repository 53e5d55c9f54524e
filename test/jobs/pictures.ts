import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { stream } from '../../src/random.js';

const classes = ['bee', 'car', 'dog', 'hat'];

/** A folder of 4 classes with 20 training and 4 test pictures each, 8 x 8 pixels, told apart by their stripes. */
export async function writePictures(folder: string): Promise<void> {
  for (const [split, count] of [['train', 20], ['test', 4]] as const) {
    for (const [label, name] of classes.entries()) {
      await mkdir(join(folder, split, name), { recursive: true });
      for (let i = 0; i < count; i++) {
        const draws = stream(0, `pictures/${split}`, label, i);
        const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, at) => Math.round(60 + 45 * ((label + at) % 4) + 10 * draws.uniform()));
        await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } }).png().toFile(join(folder, split, name, `${i}.png`));
      }
    }
  }
}
