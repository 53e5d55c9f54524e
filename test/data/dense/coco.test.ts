import { constants } from 'node:buffer';
import { rmSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cocoSource } from '../../../src/data/sources/coco/index.js';
import { readCoco } from '../../../src/data/sources/coco/read.js';
import { DataError } from '../../../src/errors.js';
import type { Json, JsonObject } from '../../../src/files.js';
import { decodeMask } from '../../../src/metrics/index.js';
import { temporaryFolder } from '../../temporary-folder.js';
import { whole } from '../whole.js';
import { writeJson, writePicture, writeText } from './files.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('MASKBENCH_CACHE', join(folder, '.cache'));
  file = join(folder, 'annotations/instances_train2017.json');
});

const images = [{ id: 30, file_name: 'b.png', height: 4, width: 6 }, { id: 10, file_name: 'a.png', height: 6, width: 3 }];
const categories = [{ id: 7, name: 'dog' }, { id: 3, name: 'cat' }];
const square = { id: 1, image_id: 30, category_id: 3, bbox: [1, 1, 2, 2], area: 4, iscrowd: 0, segmentation: [[1, 1, 3, 1, 3, 3, 1, 3]] };
const withAnnotations = (...annotations: readonly Json[]): JsonObject => ({ images, categories, annotations });
const read = (value: Json, toTest = false) => {
  writeJson(file, value);
  return readCoco(file, toTest);
};
const pixels = (mask: Parameters<typeof decodeMask>[0]): string[] => {
  const values = decodeMask(mask);
  return Array.from({ length: mask.size[0] }, (_, y) => [...values.subarray(y * mask.size[1], (y + 1) * mask.size[1])].join(''));
};

describe('a file in COCO\'s format', () => {
  it('gives images, classes and objects as they stand', async () => {
    const crowd = { id: 2, image_id: 30, category_id: 7, bbox: [0, 0, 1, 4], iscrowd: 1, segmentation: { size: [4, 6], counts: [0, 4, 20] } };
    const packed = { id: 3, image_id: 10, category_id: 7, bbox: [0, 0, 1, 6], segmentation: { size: [6, 3], counts: '06<' } };
    const alone = { id: 5, image_id: 10, category_id: 7, bbox: [0.5, 0.5, 1.5, 2] };
    const found = await read(withAnnotations(square, crowd, packed, alone));
    expect(found.classes).toEqual(['dog', 'cat']);
    expect(found.leftOut).toEqual([]);
    expect(found.images.map((image) => [image.file, image.size])).toEqual([['b.png', { height: 4, width: 6 }], ['a.png', { height: 6, width: 3 }]]);
    const [[first, second], [third, last]] = found.images.map(({ objects }) => objects) as [typeof found.images[0]['objects'], typeof found.images[0]['objects']];
    expect(first).toMatchObject({ category: 1, box: [1, 1, 2, 2], area: 4, crowd: false, difficult: false });
    expect(pixels(first!.mask!)).toEqual(['000000', '011000', '011000', '000000']);
    // Four of the mask's pixels, as it says no area of its own.
    expect(second).toMatchObject({ category: 0, area: 4, crowd: true, mask: { size: [4, 6], counts: [0, 4, 20] } });
    expect(third).toMatchObject({ area: 6, mask: { size: [6, 3], counts: [0, 6, 12] } });
    expect(last).toEqual({ category: 0, box: [0.5, 0.5, 1.5, 2], area: 3, mask: null, crowd: false, difficult: false });
  });

  it('takes a polygon that crosses itself as pycocotools does, and names it', async () => {
    // An hourglass of two triangles; pycocotools 2.0: frPyObjects([[0, 0, 6, 4, 6, 0, 0, 4]], 4, 6).
    const crossing = { ...square, bbox: [0, 0, 6, 4], segmentation: [[0, 0, 6, 4, 6, 0, 0, 4]] };
    const found = await read(withAnnotations(square, { ...crossing, id: 9 }));
    expect(pixels(found.images[0]!.objects[1]!.mask!)).toEqual(['100001', '110011', '110011', '100001']);
    expect(found.asIs).toEqual([`${file}: annotation 9: a polygon of its segmentation crosses itself`]);
    expect(found.leftOut).toEqual([]);
  });

  it.each([
    ['a polygon outside of the picture', [[60, 60, 62, 60, 62, 62]]],
    ['a polygon on one line', [[1, 1, 3, 3, 5, 5]]],
    ['run lengths of nothing', { size: [4, 6], counts: [24] }],
  ])('takes %s for a mask without a pixel, as pycocotools does, and names it', async (_, segmentation) => {
    const found = await read(withAnnotations({ ...square, id: 9, segmentation }));
    expect(pixels(found.images[0]!.objects[0]!.mask!).join('')).toBe('0'.repeat(24));
    expect(found.asIs).toEqual([`${file}: annotation 9: its mask has no pixel`]);
  });

  it.each([[[]], [null]])('takes the segmentation %j for none, as many tools write a box alone', async (segmentation) => {
    const { images: [image] } = await read(withAnnotations({ ...square, segmentation }));
    expect(image!.objects[0]).toMatchObject({ box: [1, 1, 2, 2], area: 4, mask: null });
  });

  it('keeps no run lengths as numbers, which of all of COCO\'s training masks would take over a gigabyte', async () => {
    const { images: [image] } = await read(withAnnotations(square));
    const { mask } = image!.objects[0]!;
    expect(mask!.counts).toEqual([5, 2, 2, 2, 13]);
    // Made anew each time.
    expect(mask!.counts).not.toBe(mask!.counts);
  });

  it('takes a crowd that is said as true or false', async () => {
    const { images: [image] } = await read(withAnnotations({ ...square, iscrowd: true }, { ...square, id: 2, iscrowd: false }));
    expect(image!.objects.map(({ crowd }) => crowd)).toEqual([true, false]);
  });

  it('passes over a box without area, and names it', async () => {
    const found = await read(withAnnotations(square, { ...square, id: 4, bbox: [2, 2, 0, 1] }));
    expect(found.images[0]!.objects).toHaveLength(1);
    expect(found.leftOut).toEqual([`${file}: annotation 4: its box has no area`]);
  });

  it('keeps it among what is tested: COCO\'s metric counts it as an object that nothing finds', async () => {
    const flat = { ...square, id: 4, bbox: [2, 2, 0, 1], area: 0, segmentation: [] };
    const found = await read(withAnnotations(square, flat), true);
    expect(found.leftOut).toEqual([]);
    expect(found.asIs).toEqual([`${file}: annotation 4: its box has no area: the metric counts it, as an object that nothing finds`]);
    expect(found.images[0]!.objects[1]).toEqual({ category: 1, box: [2, 2, 0, 1], area: 0, mask: null, crowd: false, difficult: false });
    await expect(read(withAnnotations({ ...flat, bbox: [9, 2, 0, 1] }), true)).rejects.toThrow(/annotation 4 is wrong: its box \[9, 2, 0, 1\] lies outside/);
    await expect(read(withAnnotations({ ...flat, bbox: [2, 2, -1, 0] }), true)).rejects.toThrow(/annotation 4 is wrong: its box .* has no area/);
  });

  it('cuts a box that reaches out by rounding', async () => {
    const { images: [image] } = await read(withAnnotations({ ...square, bbox: [4, -0.01, 2.01, 2] }));
    expect(image!.objects[0]!.box).toEqual([4, 0, 2, 1.99]);
  });

  it.each<readonly [string, Json, RegExp]>([
    ['a box outside the image', withAnnotations({ ...square, bbox: [5, 1, 4, 2] }), /annotation 1 is wrong: its box \[5, 1, 4, 2\] lies outside the picture, which is 4 x 6/],
    ['a box of negative size', withAnnotations({ ...square, bbox: [3, 1, -2, 2] }), /annotation 1 is wrong: its box .* has no area/],
    ['a box of three numbers', withAnnotations({ ...square, bbox: [3, 1, 2] }), /annotation 1 is wrong: its bbox is \[3,1,2\], not four numbers/],
    ['an unknown category', withAnnotations({ ...square, category_id: 4 }), /annotation 1 is wrong: there is no category 4/],
    ['an unknown image', withAnnotations({ ...square, image_id: 31 }), /annotation 1 is wrong: there is no image 31/],
    ['run lengths that do not fill the image', withAnnotations({ ...square, segmentation: { size: [4, 6], counts: [3, 4] } }), /annotation 1 is wrong: its segmentation: .*come to 7 pixels.* 24/],
    ['compressed run lengths cut short', withAnnotations({ ...square, segmentation: { size: [4, 6], counts: '06' } }), /annotation 1 is wrong: its segmentation/],
    ['a mask of the wrong size', withAnnotations({ ...square, segmentation: { size: [6, 4], counts: [24] } }), /annotation 1 is wrong: its segmentation: a mask of 6 x 4 in a picture of 4 x 6/],
    ['a polygon of two corners', withAnnotations({ ...square, segmentation: [[1, 1, 2, 2]] }), /annotation 1 is wrong: its segmentation: a polygon has at least three corners/],
    ['a polygon without corners', withAnnotations({ ...square, segmentation: [[]] }), /annotation 1 is wrong: its segmentation/],
    ['a segmentation that is none', withAnnotations({ ...square, segmentation: 'x' }), /its segmentation is "x", neither polygons .* nor run lengths/],
    ['run lengths of one side', withAnnotations({ ...square, segmentation: { size: [4], counts: [4] } }), /its segmentation is \{"size":\[4\],"counts":\[4\]\}, neither polygons/],
    ['an id that is too large', withAnnotations({ ...square, id: 2 ** 53 }), /whose id is 9007199254740992, larger than 2\^53 - 1/],
    ['an annotation that is none', { images, categories, annotations: [square, null] }, /has null in 'annotations' at place 1, no object/],
    ['an id twice', withAnnotations(square, square), /has the id 1 twice in 'annotations'/],
    ['an id that is a text', withAnnotations({ ...square, id: '1' }), /has one of 'annotations' whose id is "1", no integer: \{"id":"1"/],
    ['an id that is a fraction', withAnnotations({ ...square, id: 1.5 }), /has one of 'annotations' whose id is 1.5, no integer/],
    ['an image whose id is null', { images: [{ ...images[0]!, id: null }], categories, annotations: [] }, /has one of 'images' whose id is null, no integer/],
    ['no id', withAnnotations({ image_id: 30 }), /has one of 'annotations' without an id: \{"image_id":30\}/],
    ['two categories of one name', { images, categories: [...categories, { id: 9, name: 'dog' }], annotations: [] }, /has two categories of the name 'dog', with the ids 7 and 9/],
    ['an area that is negative', withAnnotations({ ...square, area: -1 }), /annotation 1 is wrong: its area is -1, no finite number from 0 on/],
    ['a strange iscrowd', withAnnotations({ ...square, iscrowd: 2 }), /its iscrowd is 2, neither 0 nor 1/],
    ['an image without a size', { images: [{ id: 1, file_name: 'a' }], categories, annotations: [] }, /the image 1 needs file_name, height and width/],
    ['no annotations', { images, categories }, /has no list 'annotations'/],
    ['a list', [], /holds no object/],
  ])('is refused with %s', async (_, value, message) => {
    const error: unknown = await read(value).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(message);
    expect((error as DataError).where).toBe(file);
  });

  it('is refused with an area that no number holds', async () => {
    writeText(file, JSON.stringify(withAnnotations(square)).replace('"area":4', '"area":1e999'));
    await expect(readCoco(file, false)).rejects.toMatchObject({ message: 'the annotation 1 is wrong: its area is Infinity, no finite number from 0 on', where: file });
  });

  it.each([
    ['"id":1,', '"id":"1","more":DEEP,', 'has one of \'annotations\' whose id is "1", no integer: what is nested too deep to be shown'],
    ['"id":1,', '"id":DEEP,', "has one of 'annotations' whose id is what is nested too deep to be shown, no integer: what is nested too deep to be shown"],
    ['"image_id":30', '"image_id":DEEP', 'the annotation 1 is wrong: there is no image what is nested too deep to be shown'],
    ['"category_id":3', '"category_id":DEEP', 'the annotation 1 is wrong: there is no category what is nested too deep to be shown'],
  ])('is refused with lists of lists where %s is wanted, as with anything else', async (field, deep, message) => {
    writeText(file, JSON.stringify(withAnnotations(square)).replace(field, deep.replace('DEEP', '['.repeat(200_000) + ']'.repeat(200_000))));
    await expect(readCoco(file, false)).rejects.toMatchObject({ message, where: file });
  });

  it('may begin with a byte order mark', async () => {
    writeText(file, `\uFEFF${JSON.stringify(withAnnotations(square))}`);
    expect((await readCoco(file, false)).images).toHaveLength(2);
  });

  it('is refused where it is no JSON, where it is not there, and where it is longer than a text can be', async () => {
    writeText(file, '{');
    await expect(readCoco(file, false)).rejects.toMatchObject({ message: expect.stringMatching(/^is not JSON: /) as string, where: file, fix: expect.stringContaining('Correct the file') as string });
    truncateSync(file, constants.MAX_STRING_LENGTH + 1);
    const error: unknown = await readCoco(file, false).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).describe()).toMatch(/instances_train2017\.json: has more than 511 MiB, and no more of a JSON file can be read\n {2}Make it smaller: run lengths as COCO's strings/);
    rmSync(file);
    await expect(readCoco(file, false)).rejects.toMatchObject({ message: 'there is no such file', where: file, fix: expect.not.stringContaining('Correct the file') as string });
  });
});

describe('the source coco', () => {
  const options = () => ({ path: folder, size: 32, train_images: 'train2017', train_annotations: 'annotations/instances_train2017.json', test_images: 'val2017', test_annotations: 'annotations/instances_val2017.json' });
  beforeEach(async () => {
    writeJson(file, withAnnotations(square));
    writeJson(join(folder, 'annotations/instances_val2017.json'), { images: [images[0]!], categories, annotations: [{ ...square, id: 9 }] });
    await writePicture(join(folder, 'train2017/a.png'), 6, 3, '#ff0000');
    await writePicture(join(folder, 'train2017/b.png'), 4, 6);
    await writePicture(join(folder, 'val2017/b.png'), 4, 6);
  });

  it('lays pictures into the upper left corner, black elsewhere, with annotations in original pixels', async () => {
    const preparation = await cocoSource.prepare(options(), 8, () => undefined);
    const set = await whole(Promise.resolve(preparation));
    expect(set.records.map(({ id, split }) => [id, split])).toEqual([['train2017/b.png', 'train'], ['train2017/a.png', 'train'], ['val2017/b.png', 'test']]);
    expect([set.size, set.classes, set.unreadable]).toEqual([32, ['dog', 'cat'], []]);
    const annotations = await preparation.annotations!();
    expect(annotations.sizes).toEqual([{ height: 4, width: 6 }, { height: 6, width: 3 }, { height: 4, width: 6 }]);
    expect([0, 1, 2].map((i) => annotations.objects(i)!.map(({ id }) => id))).toEqual([[1], [], [2]]);
    // a.png is 6 x 3: 32 rows of 16 red pixels.
    const picture = set.pixels.subarray(32 * 32 * 3, 2 * 32 * 32 * 3);
    for (const [y, x, red] of [[0, 0, 255], [31, 15, 255], [31, 16, 0], [0, 31, 0]] as const) expect([...picture.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3)]).toEqual([red, 0, 0]);
  });

  it('does not turn a picture whose file says how it was held: its annotations are of the pixels as they are stored', async () => {
    // Left half red, right half blue; EXIF's orientation 3 is upside down.
    const halves = Uint8Array.from({ length: 4 * 6 * 3 }, (_, i) => (i % 18 < 9 ? [255, 0, 0] : [0, 0, 255])[i % 3]!);
    await sharp(halves, { raw: { width: 6, height: 4, channels: 3 } }).withMetadata({ orientation: 3 }).png().toFile(join(folder, 'train2017/b.png'));
    const set = await whole(cocoSource.prepare(options(), 8, () => undefined));
    expect(set.unreadable).toEqual([]);
    expect([...set.pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect([...set.pixels.subarray(31 * 3, 32 * 3)]).toEqual([0, 0, 255]);
  });

  it('says of a picture that lies on its side why it is refused', async () => {
    await sharp(Buffer.alloc(4 * 6 * 3), { raw: { width: 4, height: 6, channels: 3 } }).withMetadata({ orientation: 6 }).png().toFile(join(folder, 'val2017/b.png'));
    await expect(whole(cocoSource.prepare(options(), 8, () => undefined))).rejects.toThrow('is 6 x 4 pixels (height x width), its annotations say 4 x 6: its EXIF says that it is to be turned, and annotated pictures are taken as they are stored');
  });

  it('refuses pictures that are not there, by file and id, before anything is made of them', async () => {
    for (const name of ['train2017/a.png', 'val2017/b.png']) rmSync(join(folder, name));
    const missing = (split: string): string => `the image ${images.find(({ file_name: name }) => split.includes(name))!.id} is the file ${join(folder, split)}, which is not there`;
    await expect(cocoSource.index(options())).rejects.toMatchObject({ message: `${missing('train2017/a.png')}, and 1 more of 3 are missing`, where: file });
    await writePicture(join(folder, 'train2017/a.png'), 6, 3);
    await expect(cocoSource.index(options())).rejects.toMatchObject({ message: missing('val2017/b.png'), where: join(folder, 'annotations/instances_val2017.json') });
  });

  it('reports a training picture that is removed meanwhile, and refuses a test picture that is none and any of another size than the file says', async () => {
    rmSync(join(folder, 'train2017/a.png'));
    const preparation = await cocoSource.prepare(options(), 32, () => undefined);
    expect((await whole(Promise.resolve(preparation))).unreadable).toEqual([{ id: 'train2017/a.png', reason: expect.stringContaining('removed') as string }]);
    writeText(join(folder, 'val2017/b.png'), 'no picture');
    await expect(whole(Promise.resolve(preparation))).rejects.toThrow(/^the test picture val2017\/b.png does not stand for its annotations: .*unsupported image format/);
    await writePicture(join(folder, 'val2017/b.png'), 4, 6);
    await writePicture(join(folder, 'train2017/b.png'), 6, 4);
    await expect(whole(Promise.resolve(preparation))).rejects.toThrow('the training picture train2017/b.png does not stand for its annotations: is 6 x 4 pixels (height x width), its annotations say 4 x 6');
  });

  it('fills the rows and columns that annotations are mapped to: what lies at a place of the picture lies at its place in the square', async () => {
    // 27 rows of 40 pixels, brighter downwards and to the right: at 16 pixels a side they fill 11 rows (10.8) and all columns.
    const [height, width] = [27, 40];
    const ramp = Uint8Array.from({ length: height * width * 3 }, (_, i) => [6 * Math.floor(i / 3 / width), 6 * (Math.floor(i / 3) % width), 0][i % 3]!);
    await sharp(ramp, { raw: { width, height, channels: 3 } }).png().toFile(join(folder, 'val2017/b.png'));
    writeJson(join(folder, 'annotations/instances_val2017.json'), { images: [{ ...images[0]!, height, width }], categories, annotations: [] });
    const set = await whole(cocoSource.prepare({ ...options(), size: 16 }, 16, () => undefined));
    const at = (y: number, x: number): readonly number[] => [...set.pixels.subarray((2 * 256 + y * 16 + x) * 3, (2 * 256 + y * 16 + x) * 3 + 2)];
    // The middle of a row of the square lies at (y + 1/2) 27/11 of the picture, whose row r has its middle at r + 1/2; the ends of a ramp bend.
    for (let y = 2; y < 9; y++) expect(Math.abs(at(y, 8)[0]! - 6 * (((y + 0.5) * height) / 11 - 0.5))).toBeLessThan(1);
    for (let x = 2; x < 14; x++) expect(Math.abs(at(5, x)[1]! - 6 * (((x + 0.5) * width) / 16 - 0.5))).toBeLessThan(1);
    expect([at(10, 8)[0]! > 140, at(11, 8)]).toEqual([true, [0, 0]]);
  });

  it('refuses files of other categories, and a file that two images are', async () => {
    writeJson(join(folder, 'annotations/instances_val2017.json'), { images: [images[0]!], categories: [categories[0]!], annotations: [] });
    await expect(cocoSource.index(options())).rejects.toThrow(/other categories/);
    writeJson(join(folder, 'annotations/instances_val2017.json'), { images: [images[0]!, { ...images[0]!, id: 31 }], categories, annotations: [] });
    await expect(cocoSource.index(options())).rejects.toThrow(/two images are the file val2017\/b.png/);
    // The training file and its pictures under another spelling.
    await expect(cocoSource.index({ ...options(), test_images: './train2017', test_annotations: 'annotations/../annotations/instances_train2017.json' })).rejects.toThrow(/two images are the file train2017\/b.png/);
  });

  it('refuses a picture outside the data folder, and takes one from another folder in it or from a folder that the suite names', async () => {
    const test = join(folder, 'annotations/instances_val2017.json');
    const found = async (name: string, more = {}): Promise<string> => {
      writeJson(test, { images: [{ ...images[0]!, file_name: name }], categories, annotations: [] });
      return (await cocoSource.index({ ...options(), ...more })).records.at(-1)!.id;
    };
    await writePicture(join(folder, 'data/val2017/b.png'), 4, 6);
    for (const name of ['../../private.png', 'deep/../../../private.png', join(folder, 'val2017/b.png')]) {
      await expect(found(name)).rejects.toMatchObject({ message: `the image 30 is the file ${name}, which is not in the data folder`, where: test, fix: expect.stringContaining('val2017') as string });
    }
    await expect(found('b.png\n::error::x')).rejects.toThrow('the image 30 has a file_name with control characters, "b.png\\n::error::x"');
    await expect(found('../../private.png', { test_images: '..' })).rejects.toThrow(/not in the data folder/);
    expect(await found('../data/val2017/b.png')).toBe('data/val2017/b.png');
    expect(await found('b.png', { test_images: `../${basename(folder)}/val2017` })).toBe(`../${basename(folder)}/val2017/b.png`);
  });

  it('has another fingerprint when an annotation or a picture changes', async () => {
    const before = await cocoSource.fingerprint(options());
    writeJson(file, withAnnotations({ ...square, category_id: 7 }));
    const after = await cocoSource.fingerprint(options());
    expect(after).not.toBe(before);
    await writePicture(join(folder, 'train2017/a.png'), 6, 3, '#00ff00');
    expect(await cocoSource.fingerprint(options())).not.toBe(after);
  });
});
