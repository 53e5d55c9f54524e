import { beforeAll, describe, expect, it } from 'vitest';
import type { ImageSet } from '../../../src/data/image-set.js';
import { allConcepts, type Concept } from '../../../src/data/sources/emoji/concepts.js';
import { usesOf } from '../../../src/data/sources/emoji/downstream.js';
import { REMOVED } from '../../../src/data/sources/emoji/duplicates.js';
import { findDuplicates, findNearDownstream, type Hashed } from '../../../src/data/sources/emoji/find-duplicates.js';
import { icon } from '../../../src/data/sources/emoji/icons.js';
import { emojiSource } from '../../../src/data/sources/emoji/index.js';
import { hashedDrawings } from '../../../src/data/sources/emoji/list-duplicates.js';
import { HASH_RENDER, hashDistance, NEAR_ACROSS_FAMILIES, NEAR_WITHIN_SET, perceptualHash } from '../../../src/data/sources/emoji/perceptual-hash.js';
import { rasterise } from '../../../src/data/sources/emoji/raster.js';
import { allImages } from '../../../src/data/sources/emoji/records.js';
import { FAMILY_OF } from '../../../src/data/sources/emoji/sets.js';
import { whole } from '../whole.js';

const box = { left: 0, top: 0, width: 16, height: 16 };
const at = (rgba: Uint8Array, size: number, x: number, y: number): readonly number[] => [...rgba.subarray((y * size + x) * 4, (y * size + x) * 4 + 4)];

describe('rasterising', () => {
  it('gives straight alpha: half-clear red is red at half alpha, not dark red', async () => {
    const rgba = await rasterise({ ...box, body: '<rect x="4" y="4" width="8" height="8" fill="#ff0000" fill-opacity="0.5"/>' }, 16);
    expect(rgba).toHaveLength(16 * 16 * 4);
    const [red, green, blue, alpha] = at(rgba, 16, 8, 8);
    expect(red).toBeGreaterThanOrEqual(253);
    expect([green, blue]).toEqual([0, 0]);
    expect(Math.abs((alpha ?? 0) - 128)).toBeLessThanOrEqual(1);
    expect(at(rgba, 16, 0, 0)).toEqual([0, 0, 0, 0]);
  });

  it('keeps the colour at a soft edge, where premultiplied colour would be dark', async () => {
    // The edge lies in the middle of pixel column 4: covered by half.
    const rgba = await rasterise({ ...box, body: '<rect x="4.5" y="0" width="11.5" height="16" fill="#00ff00"/>' }, 16);
    const [red, green, blue, alpha] = at(rgba, 16, 4, 8);
    expect(alpha).toBeGreaterThan(96);
    expect(alpha).toBeLessThan(160);
    expect(green).toBeGreaterThanOrEqual(250);
    expect([red, blue].every((value) => (value ?? 255) <= 4)).toBe(true);
  });

  it('fills the wanted size from any view box and centres what is not square', async () => {
    const wide = await rasterise({ left: 10, top: 20, width: 32, height: 16, body: '<rect x="10" y="20" width="32" height="16" fill="#0000ff"/>' }, 32);
    expect(at(wide, 32, 16, 16)).toEqual([0, 0, 255, 255]);
    expect(at(wide, 32, 16, 2)[3]).toBe(0);
    expect(at(wide, 32, 16, 29)[3]).toBe(0);
    const whole = await rasterise({ ...box, body: '<rect width="16" height="16" fill="#123456"/>' }, 48);
    expect(at(whole, 48, 0, 0)).toEqual([0x12, 0x34, 0x56, 255]);
    expect(at(whole, 48, 47, 47)).toEqual([0x12, 0x34, 0x56, 255]);
  });

  it('gives the same bytes again', async () => {
    const drawing = icon('noto', 'dog-face');
    expect(await rasterise(drawing, 32)).toEqual(await rasterise(drawing, 32));
  });
});

describe('the perceptual hash', () => {
  const filled = (pixel: (x: number, y: number) => readonly number[]): Uint8Array =>
    Uint8Array.from(Array.from({ length: HASH_RENDER * HASH_RENDER }, (_, i) => pixel(i % HASH_RENDER, Math.floor(i / HASH_RENDER))).flat());
  const white = filled(() => [255, 255, 255, 255]);
  const black = filled(() => [0, 0, 0, 255]);
  const clear = filled(() => [9, 9, 9, 0]);

  it('is the block means of colour over mid grey, and of alpha', () => {
    const hash = perceptualHash(filled((x) => (x < 32 ? [255, 0, 51, 255] : [255, 0, 51, 0])));
    const cell = (x: number, y: number): readonly number[] => [...hash.subarray((y * 16 + x) * 4, (y * 16 + x) * 4 + 4)].map((value) => Math.round(value * 1000) / 1000);
    expect(cell(0, 0)).toEqual([1, 0, 0.2, 1]);
    expect(cell(7, 15)).toEqual([1, 0, 0.2, 1]);
    expect(cell(8, 0)).toEqual([0.5, 0.5, 0.5, 0]);
    expect(() => perceptualHash(new Uint8Array(16))).toThrow(/64 x 64/);
  });

  it('has a root mean square distance', () => {
    // Three of four channels differ by 1 (white, black); by 1/2 and alpha by 1 (white, clear).
    expect(hashDistance(perceptualHash(white), perceptualHash(black))).toBeCloseTo(Math.sqrt(3 / 4), 5);
    expect(hashDistance(perceptualHash(white), perceptualHash(clear))).toBeCloseTo(Math.sqrt((3 / 4 + 1) / 4), 5);
    expect(hashDistance(perceptualHash(white), perceptualHash(white))).toBe(0);
    expect(hashDistance(perceptualHash(white), perceptualHash(black), 0.5)).toBe(Infinity);
  });

  it('removes the later of a pair, and of a chain only what repeats one that stays', () => {
    const drawing = (id: string, family: string, grey: number): Hashed => ({ id, set: family, family, hash: new Float32Array(1024).fill(grey) });
    const chain = [drawing('a/1', 'a', 0.5), drawing('b/1', 'b', 0.56), drawing('c/1', 'c', 0.62), drawing('d/1', 'd', 0.9)];
    expect(findDuplicates(chain)).toEqual([{ id: 'b/1', like: 'a/1', rule: 'across-families', distance: 0.06 }]);
    expect(findDuplicates([drawing('a/1', 'a', 0.5), drawing('a/2', 'a', 0.505), drawing('a/3', 'a', 0.53)])).toEqual([{ id: 'a/2', like: 'a/1', rule: 'same-set', distance: 0.005 }]);
    expect(findNearDownstream([drawing('a/2', 'a', 0.53), drawing('a/3', 'a', 0.7)], [drawing('a/1', 'a', 0.5)])).toEqual([{ id: 'a/2', like: 'a/1', rule: 'near-downstream', distance: 0.03 }]);
  });
});

describe('the list of near-duplicates', () => {
  const concepts = allConcepts();
  const byCode = new Map(concepts.map((concept) => [concept.code, concept]));
  const partsOf = (id: string): readonly [set: string, code: string] => [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)];
  /** The concepts, with those drawings only whose id is asked for. */
  const only = (ids: ReadonlySet<string>): readonly Concept[] =>
    concepts.map((concept) => ({ ...concept, drawings: concept.drawings.filter(({ set }) => ids.has(`${set}/${concept.code}`)) })).filter(({ drawings }) => drawings.length > 0);
  const duplicates = new Set(REMOVED.filter(({ rule }) => rule !== 'near-downstream').map(({ id }) => id));
  const removed = new Set(REMOVED.map(({ id }) => id));
  const uses = usesOf(concepts, (id) => duplicates.has(id));

  it('names drawings that exist, each once, and none that it removes is what another stays for', () => {
    for (const { id, like } of REMOVED) for (const each of [id, like]) expect(byCode.get(partsOf(each)[1])?.drawings.some(({ set }) => set === partsOf(each)[0]), each).toBe(true);
    expect(removed.size).toBe(REMOVED.length);
    expect(REMOVED.filter(({ like }) => duplicates.has(like))).toEqual([]);
  });

  it('holds the distances that come out today, below the thresholds', async () => {
    const hashes = new Map((await hashedDrawings(only(new Set(REMOVED.flatMap(({ id, like }) => [id, like]))))).map(({ id, hash }) => [id, hash]));
    for (const { id, like, rule, distance } of REMOVED) {
      const found = hashDistance(hashes.get(id) ?? new Float32Array(), hashes.get(like) ?? new Float32Array());
      expect(Math.abs(found - distance), `${id} ${like}`).toBeLessThan(0.001);
      expect(found).toBeLessThan((rule === 'same-set' ? NEAR_WITHIN_SET : NEAR_ACROSS_FAMILIES) + 0.001);
    }
  }, 60_000);

  /** Everything is rendered once, which takes longest, for the two tests that need it. */
  let set: ImageSet;
  const counts: number[] = [];
  beforeAll(async () => {
    set = await whole(emojiSource.prepare({}, HASH_RENDER, (done, total) => counts.push(done / total)));
  });
  const bytes = HASH_RENDER * HASH_RENDER * 4;

  it('leaves every other drawing, prepared in its place, and none of them blank', async () => {
    expect(set).toMatchObject({ name: 'emoji', size: HASH_RENDER, channels: 4, unreadable: [] });
    expect(set.records).toEqual((await emojiSource.index({})).records);
    expect(set.pixels).toHaveLength(set.records.length * bytes);
    expect(counts).toHaveLength(set.records.length);
    expect(counts.at(-1)).toBe(1);
    const images = allImages();
    for (const at of [0, 1, 999, set.records.length - 1]) {
      const image = images[at];
      if (image === undefined) throw new Error(`no image ${at}`);
      expect(set.records[at]?.id).toBe(`${image.set}/${image.concept.code}`);
      expect(set.pixels.slice(at * bytes, (at + 1) * bytes)).toEqual(await rasterise(icon(image.set, image.icon), HASH_RENDER));
    }
    const covered = set.records.map((_, at) => {
      let alpha = 0;
      for (let i = at * bytes + 3; i < (at + 1) * bytes; i += 4) alpha += (set.pixels[i] ?? 0) / 255;
      return alpha / (HASH_RENDER * HASH_RENDER);
    });
    expect(set.records.filter((_, at) => (covered[at] ?? 0) < 0.015).map(({ id }) => id)).toEqual([]);
  });

  it('leaves no near-duplicate across artists in the tasks, and none of them in pre-training', async () => {
    const { records, pixels } = set;
    expect(new Set(records.map(({ id }) => id))).toEqual(new Set(concepts.flatMap(({ code, drawings }) => drawings.map(({ set }) => `${set}/${code}`)).filter((id) => !removed.has(id))));
    const drawings = allImages().map(({ record: { id }, set }, at): Hashed => ({ id, set, family: FAMILY_OF[set], hash: perceptualHash(pixels.slice(at * bytes, (at + 1) * bytes)) }));
    const isDownstream = ({ id }: Hashed): boolean => uses.get(partsOf(id)[1])?.kind === 'downstream';
    const [tasks, pretraining] = [drawings.filter(isDownstream), drawings.filter((drawing) => !isDownstream(drawing))];
    expect(tasks.length).toBeGreaterThan(1_000);
    expect(pretraining.length).toBeGreaterThan(5_000);
    // A hair below the thresholds: renderers of different builds may differ in the last bit of a pixel.
    expect(findDuplicates(tasks).filter(({ distance }) => distance < NEAR_ACROSS_FAMILIES - 0.001)).toEqual([]);
    expect(findNearDownstream(pretraining, tasks).filter(({ distance }) => distance < NEAR_ACROSS_FAMILIES - 0.001)).toEqual([]);
  }, 120_000);
});
