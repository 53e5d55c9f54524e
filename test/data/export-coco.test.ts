import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportCoco, type ExportedFile } from '../../src/data/export-coco.js';
import { readCoco } from '../../src/data/sources/coco/read.js';
import { emojiScenesSource as source } from '../../src/data/sources/emoji-scenes/index.js';
import { emojiSource } from '../../src/data/sources/emoji/index.js';
import { readLabelMap } from '../../src/data/sources/label-map.js';
import { DataError } from '../../src/errors.js';
import { temporaryFolder } from '../temporary-folder.js';
import { whole } from './whole.js';

const options = { size: 48, per_artist: 14 };
let folder: string;
let files: readonly ExportedFile[];
beforeAll(async () => {
  folder = temporaryFolder();
  files = await exportCoco(source, options, folder, null);
});

describe('emoji scenes as COCO JSON', () => {
  it('have a file an artist that says what the annotations say', async () => {
    const preparation = await source.prepare(options, 48, () => undefined);
    const set = await whole(Promise.resolve(preparation));
    const { classes, objects } = await preparation.annotations!();
    expect(files.map(({ file, images }) => [file, images])).toEqual(['noto', 'twemoji', 'openmoji', 'emojione', 'fluent-emoji-flat', 'fxemoji'].map((family) => [join(folder, `instances_${family}.json`), 14]));
    const read = await Promise.all(files.map(({ file }) => readCoco(file, false)));
    for (const file of read) expect([file.classes, file.leftOut]).toEqual([classes, []]);
    const images = read.flatMap((file) => file.images);
    expect(images.map(({ file }) => file)).toEqual(set.records.map(({ id }) => `${id}.png`));
    let id = 0;
    expect(images.map((image) => image.objects.map((object) => ({ id: ++id, ...object })))).toEqual(set.records.map((_, i) => objects(i)));
    expect(files.reduce((sum, file) => sum + file.objects, 0)).toBe(images.flatMap((image) => image.objects).length);
    for (const i of [0, 30, 83]) {
      const pixels = await sharp(join(folder, 'images', images[i]!.file)).raw().toBuffer();
      expect(Buffer.compare(pixels, set.pixels.subarray(i * 48 * 48 * 3, (i + 1) * 48 * 48 * 3))).toBe(0);
    }
  });

  it('have label maps', async () => {
    const preparation = await source.prepare(options, 48, () => undefined);
    await preparation.decode(() => Promise.resolve());
    const { labels } = await preparation.annotations!();
    expect([...(await readLabelMap(join(folder, 'labels/openmoji/0003.png'))).values]).toEqual([...(await labels(2 * 14 + 3))!]);
    expect(readFileSync(join(folder, 'labels/classes.txt'), 'utf8')).toMatch(/^0\tbackground\n1\telephant\n/);
  });

  it('have a file a part at a seed, with ids that no two share', async () => {
    const parts = await exportCoco(source, options, folder, 0);
    expect(parts.map(({ file, images }) => [file, images])).toEqual([['train', 42], ['validation', 14], ['test', 28]].map(([name, images]) => [join(folder, `instances_${name}.json`), images]));
    const raw = parts.map(({ file }) => JSON.parse(readFileSync(file, 'utf8')) as { readonly images: readonly { readonly id: number }[]; readonly annotations: readonly { readonly id: number }[] });
    for (const key of ['images', 'annotations'] as const) {
      const ids = raw.flatMap((file) => file[key].map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(Math.min(...ids)).toBe(1);
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('are the only source that is exported', async () => {
    await expect(exportCoco(emojiSource, {}, folder, null)).rejects.toThrow(DataError);
    await expect(exportCoco(emojiSource, {}, folder, null)).rejects.toThrow(/no task of detection/);
  });
});
