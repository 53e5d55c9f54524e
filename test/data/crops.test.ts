import { truncateSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { type Augment, defaultAugment, randomCrop } from '../../src/data/augment/index.js';
import { evalBatch, trainBatch, trainPositions } from '../../src/data/loader/index.js';
import type { PreparedSet } from '../../src/data/image-set.js';
import { readPreparedSet, writePrepared } from '../../src/data/prepared.js';
import { unlabelledSource } from '../../src/data/sources/unlabelled.js';
import { StoreError } from '../../src/errors.js';
import { stream } from '../../src/random.js';
import { temporaryFolder } from '../temporary-folder.js';
import { noisePicture } from './pictures.js';

/** Square files of 60 pixels, a model of 24: crops from squares of 60 are crops of the files themselves. */
const [side, size, count] = [60, 24, 4];
const folder = temporaryFolder();
const augment: Augment = { ...defaultAugment, flip: 0 };
const order = { seed: 3, purpose: 'test', step: 0, batch: 32, indices: [0, 1, 2, 3] };

async function prepared(name: string, options: object): Promise<PreparedSet> {
  await writePrepared(join(folder, name), await unlabelledSource.prepare({ path: join(folder, 'files'), ...options }, size, () => undefined));
  return readPreparedSet(join(folder, name));
}

let plain: PreparedSet;
let larger: PreparedSet;
beforeAll(async () => {
  await mkdir(join(folder, 'files'));
  for (let i = 0; i < count; i++) {
    await writeFile(join(folder, 'files', `${i}.png`), await sharp(noisePicture(side, side, 3, i), { raw: { width: side, height: side, channels: 3 } }).png().toBuffer());
  }
  plain = await prepared('plain', {});
  larger = await prepared('larger', { crops_from: side });
});

it('cuts random crops from the larger squares, as sharp cuts and resizes the file', async () => {
  const batch = trainBatch({ ...order, set: larger, augment, size });
  const blurred = trainBatch({ ...order, set: plain, augment, size });
  const positions = trainPositions(order);
  const off: number[] = [];
  const offBlurred: number[] = [];
  for (let i = 0; i < order.batch; i++) {
    const box = randomCrop(side, side, augment.crop_scale, augment.crop_ratio, stream(order.seed, 'test/augment', 0, i));
    const expected = await sharp(join(folder, 'files', `${positions[i]!}.png`)).extract(box).resize(size, size, { kernel: 'cubic', fit: 'fill' }).raw().toBuffer();
    expected.forEach((value, at) => {
      off.push(Math.abs(value - batch[i * expected.length + at]!));
      offBlurred.push(Math.abs(value - blurred[i * expected.length + at]!));
    });
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  // Two programs with one filter, rounded at different places; from the small squares the same crops have lost their detail.
  expect(mean(off)).toBeLessThan(0.5);
  expect(mean(offBlurred)).toBeGreaterThan(5);
});

it('shows whole pictures as without them', () => {
  const indices = [2, 0, 3];
  expect(evalBatch({ set: larger, indices, size })).toEqual(evalBatch({ set: plain, indices, size }));
  expect(plain).not.toHaveProperty('crops');
});

it('has the same crops from squares of the model\'s size, given or not', async () => {
  const given = await prepared('given', { crops_from: size });
  expect(given).toEqual({ ...plain, ...('pixelsFile' in plain ? { pixelsFile: join(folder, 'given', 'pixels.bin') } : {}) });
  expect(trainBatch({ ...order, set: given, augment, size })).toEqual(trainBatch({ ...order, set: plain, augment, size }));
});

it('leaves the larger squares in their file, and refuses one that is cut short', async () => {
  expect(larger.crops).toMatchObject({ size: side, channels: 3, records: larger.records, pixelsFile: join(folder, 'larger', 'crops.bin') });
  await prepared('cut', { crops_from: side });
  truncateSync(join(folder, 'cut', 'crops.bin'), 1000);
  await expect(readPreparedSet(join(folder, 'cut'))).rejects.toThrow(StoreError);
  await expect(readPreparedSet(join(folder, 'cut'))).rejects.toThrow(`has 1000 bytes, its index needs ${count * side * side * 3}`);
});
