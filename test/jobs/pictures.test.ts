import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ImageSet } from '../../src/data/image-set.js';
import { bestAndWorst, drawPictures } from '../../src/jobs/transfer/pictures.js';
import { classColour } from '../../src/results/class-colour.js';

const side = 96;
const set: ImageSet = {
  name: 'two', size: side, channels: 3, unreadable: [], pixels: new Uint8Array(2 * side * side * 3).fill(100),
  records: ['a', 'b'].map((id) => ({ id, label: '', group: null, domain: null, split: null, side: null })),
};

describe('pictures of predictions', () => {
  it('show the best first and the worst last, each image once', () => {
    const values = (count: number) => Array.from({ length: count }, (_, value) => ({ value }));
    expect(bestAndWorst(values(20)).map(({ value }) => value)).toEqual([19, 18, 17, 16, 3, 2, 1, 0]);
    expect(bestAndWorst(values(6)).map(({ value }) => value)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(bestAndWorst(values(3)).map(({ value }) => value)).toEqual([2, 1, 0]);
    expect(bestAndWorst([])).toEqual([]);
    // NaN: nothing in it is judged.
    expect(bestAndWorst([...values(3), { value: NaN }, ...values(2), { value: NaN }]).map(({ value }) => value)).toEqual([2, 1, 1, 0, 0]);
  });

  it('give classes colours that differ', () => {
    const colours = Array.from({ length: 30 }, (_, label) => classColour(label).join());
    expect(new Set(colours).size).toBe(30);
    expect(classColour(0)).toEqual([255, 26, 26]);
    // By lightness too: these hues are 20 degrees apart.
    const [first, alike] = [classColour(5), classColour(13)];
    expect(Math.hypot(...first.map((value, channel) => value - alike[channel]!))).toBeGreaterThan(100);
  });

  it('lay classes over the image where the picture lies in its square, and scale boxes with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
    // A picture of 24 x 48: rows 0 to 47 of the square. Its left half is class 0 in truth, its right half as predicted.
    const size = { height: 24, width: 48 };
    const shown = await drawPictures(folder, set, [{
      index: 1, value: 0.5, size, truthAt: (pixel) => (pixel % 48 < 24 ? 0 : null), foundAt: (pixel) => (pixel % 48 < 24 ? null : 0),
      truth: [{ category: 2, score: null, box: [1, 2, 3, 4] }], found: [],
    }]);
    expect(shown).toEqual({ file: 'predictions.png', tile: 96, columns: ['image', 'truth', 'predicted'], rows: [{ id: 'b', value: 0.5, truth: [{ category: 2, score: null, box: [2, 4, 6, 8] }], found: [] }] });
    const { data, info } = await sharp(readFileSync(join(folder, 'predictions.png'))).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([3 * 96 + 8, 96]);
    const at = (column: number, y: number, x: number): readonly number[] => [...data.subarray((y * info.width + column * 100 + x) * 4, (y * info.width + column * 100 + x) * 4 + 3)];
    // 0.55 of the colour and 0.45 of 100.
    const red = [185, 59, 59];
    expect([at(0, 10, 10), at(1, 10, 10), at(1, 10, 60), at(2, 10, 10), at(2, 10, 60)]).toEqual([[100, 100, 100], red, [100, 100, 100], [100, 100, 100], red]);
    expect([at(1, 47, 47), at(1, 48, 47), at(1, 47, 48)]).toEqual([red, [100, 100, 100], [100, 100, 100]]);

    // 25 x 40 fill 60 rows, and 25 x 41 fill 59 (58.5): boxes lie where the pixels do.
    const rows = async (width: number) => (await drawPictures(folder, set, [{ index: 0, value: 0, size: { height: 25, width }, truthAt: () => null, foundAt: () => null, truth: [{ category: 0, score: null, box: [0, 0, width, 25] }], found: [] }]))!.rows[0]!.truth[0]!.box;
    expect([await rows(40), await rows(41)]).toEqual([[0, 0, 96, 60], [0, 0, 96, 59]]);
  });
});
