import { expect, it } from 'vitest';
import { emojiSource } from '../../../src/data/sources/emoji/index.js';
import { icon } from '../../../src/data/sources/emoji/icons.js';
import { rasterise } from '../../../src/data/sources/emoji/raster.js';
import { allImages } from '../../../src/data/sources/emoji/records.js';
import { whole } from '../whole.js';

it('prepares every record in its place, and none of them is blank', async () => {
  const size = 16;
  const counts: number[] = [];
  const set = await whole(emojiSource.prepare({}, size, (done, total) => counts.push(done / total)));
  expect(set).toMatchObject({ name: 'emoji', size, channels: 4, unreadable: [] });
  expect(set.records).toEqual((await emojiSource.index({})).records);
  const bytes = size * size * 4;
  expect(set.pixels).toHaveLength(set.records.length * bytes);
  expect(counts).toHaveLength(set.records.length);
  expect(counts.at(-1)).toBe(1);
  const images = allImages();
  for (const at of [0, 1, 999, set.records.length - 1]) {
    const image = images[at];
    if (image === undefined) throw new Error(`no image ${at}`);
    expect(set.records[at]?.id).toBe(`${image.set}/${image.concept.code}`);
    expect(set.pixels.slice(at * bytes, (at + 1) * bytes)).toEqual(await rasterise(icon(image.set, image.icon), size));
  }
  const covered = set.records.map((_, at) => {
    let alpha = 0;
    for (let i = at * bytes + 3; i < (at + 1) * bytes; i += 4) alpha += (set.pixels[i] ?? 0) / 255;
    return alpha / (size * size);
  });
  expect(set.records.filter((_, at) => (covered[at] ?? 0) < 0.015).map(({ id }) => id)).toEqual([]);
}, 120_000);
