import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { vocSource } from '../../../src/data/sources/voc/index.js';
import { readVoc } from '../../../src/data/sources/voc/read.js';
import { DataError } from '../../../src/errors.js';
import { temporaryFolder } from '../../temporary-folder.js';
import { vocText, writePicture, writeText } from './files.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('MASKBENCH_CACHE', join(folder, '.cache'));
});
const read = (text: string) => {
  writeText(join(folder, 'a.xml'), text);
  return readVoc(join(folder, 'a.xml'));
};

describe('a Pascal VOC annotation', () => {
  it('counts pixels from 1, both ends within the box', async () => {
    const part = '<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>';
    expect(await read(vocText(4, 6, [['cat', 1, 1, 6, 4], ['dog', 3, 2, 3, 2, `<difficult>1</difficult>${part}`]]))).toEqual({
      size: { height: 4, width: 6 },
      objects: [
        { name: 'cat', box: [0, 0, 6, 4], area: 24, mask: null, crowd: false, difficult: false },
        { name: 'dog', box: [2, 1, 1, 1], area: 1, mask: null, crowd: false, difficult: true },
      ],
    });
  });

  it.each<readonly [string, string, RegExp]>([
    ['a box outside the picture', vocText(4, 6, [['cat', 1, 1, 2, 2], ['dog', 4, 1, 9, 2]]), /object 2 \(dog\) is wrong: its box \[3, 0, 6, 2\] lies outside the picture, which is 4 x 6/],
    ['a box without area', vocText(4, 6, [['cat', 3, 1, 2, 2]]), /object 1 \(cat\) is wrong: its box .* has no area/],
    ['a box that is no number', vocText(4, 6, [['cat', NaN, 1, 2, 2]]), /object 1 \(cat\) is wrong: its xmin is 'NaN', no number/],
    ['no box', '<annotation><size><width>2</width><height>2</height></size><object><name>cat</name></object></annotation>', /object 1 \(cat\) has no bndbox/],
    ['an object without a name', vocText(4, 6, [['', 1, 1, 2, 2]]), /object 1 has no name/],
    ['a strange difficult', vocText(4, 6, [['cat', 1, 1, 2, 2, '<difficult>x</difficult>']]), /its difficult is 'x', neither 0 nor 1/],
    ['no size', '<annotation></annotation>', /has no size/],
    ['another root', '<a></a>', /has no element annotation/],
    ['XML cut short', '<annotation><size>', /is no XML/],
  ])('is refused with %s', async (_, text, message) => {
    const error: unknown = await read(text).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(message);
    expect((error as DataError).where).toBe(join(folder, 'a.xml'));
  });
});

describe('the source voc', () => {
  const options = (more = {}) => ({ path: folder, size: 32, train: 'train', validation: 'val', test: 'test', classes: [] as string[], sides: {}, ...more });
  beforeEach(async () => {
    for (const [list, names] of [['train', ['a', 'b']], ['val', ['c']], ['test', ['d']]] as const) writeText(join(folder, `ImageSets/Main/${list}.txt`), names.map((name) => `${name}\r\n`).join(''));
    for (const [name, label] of [['a', 'dog'], ['b', 'cat'], ['c', 'dog'], ['d', 'dog']] as const) {
      writeText(join(folder, `Annotations/${name}.xml`), vocText(4, 6, [[label, 1, 1, 2, 3]]));
      await writePicture(join(folder, `JPEGImages/${name}.jpg`), 4, 6);
    }
  });

  it('takes splits from the lists and classes from the files', async () => {
    const index = await vocSource.index(options());
    expect(index.classes).toEqual(['cat', 'dog']);
    expect(index.records.map(({ id, split }) => [id, split])).toEqual([['JPEGImages/a.jpg', 'train'], ['JPEGImages/b.jpg', 'train'], ['JPEGImages/c.jpg', 'val'], ['JPEGImages/d.jpg', 'test']]);
    expect(vocSource.task(index, options(), 'detection', 0)).toMatchObject({ kind: 'detection', side: 'mixed', train: { indices: [0, 1] }, validation: { indices: [2] }, test: { indices: [3] } });
    // What a suite says of a class goes before what its name tells.
    const [first, ...others] = index.classes!;
    expect(vocSource.task(index, options({ sides: Object.fromEntries([[first, 'A'], ...others.map((name) => [name, 'A'])]) }), 'detection', 0).side).toBe('A');
    expect(vocSource.task(index, options({ sides: { [first!]: null } }), 'detection', 0).side).toBe('mixed');
    const { objects } = await (await vocSource.prepare(options(), 8, () => undefined)).annotations!();
    expect([0, 1, 2, 3].map((i) => objects(i)!.map(({ id, category, box }) => [id, category, ...box]))).toEqual([[[1, 1, 0, 0, 2, 3]], [[2, 0, 0, 0, 2, 3]], [[3, 1, 0, 0, 2, 3]], [[4, 1, 0, 0, 2, 3]]]);
  });

  it('takes names in folders, and refuses one that leads out or has another spelling', async () => {
    const listed = async (name: string): Promise<string> => {
      writeText(join(folder, 'ImageSets/Main/test.txt'), `\uFEFFd\n${name}\n`);
      return (await vocSource.index(options())).records.at(-1)!.id;
    };
    for (const inside of ['Annotations/2012/e.xml', 'out.xml']) writeText(join(folder, inside), vocText(4, 6, [['dog', 1, 1, 2, 3]]));
    for (const inside of ['JPEGImages/2012/e.jpg', 'out.jpg']) await writePicture(join(folder, inside), 4, 6);
    expect(await listed('2012/e')).toBe('JPEGImages/2012/e.jpg');
    for (const name of ['../../out', '../out', './a', '2012/../a', '2012//e', '/a']) {
      await expect(listed(name)).rejects.toMatchObject({ message: `${name} is no name of a picture`, where: join(folder, 'ImageSets/Main/test.txt'), fix: expect.stringContaining('JPEGImages') as string });
    }
  });

  it('refuses a class that the suite does not name, a picture in two lists, a missing annotation and a missing list', async () => {
    const failure = async (more = {}): Promise<DataError> => {
      const error: unknown = await vocSource.index(options(more)).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(DataError);
      return error as DataError;
    };
    expect(await failure({ classes: ['dog', 'cats'] })).toMatchObject({ message: "the object 1 is of the class 'cat', which is not among the option classes (did you mean \"cats\"?)", where: join(folder, 'Annotations/b.xml') });
    expect(await failure({ test: 'nosuch' })).toMatchObject({ message: 'there is no such file', where: join(folder, 'ImageSets/Main/nosuch.txt') });
    expect(await failure({ test: 'val' })).toMatchObject({ message: 'c stands twice in the lists' });
    writeText(join(folder, 'ImageSets/Main/dog_test.txt'), 'a -1\nb  1\n');
    expect(await failure({ test: 'dog_test' })).toMatchObject({ message: "has the line 'a -1': it is a list of one class, which says of every picture whether it shows it", where: join(folder, 'ImageSets/Main/dog_test.txt'), fix: "Give the option test a list of pictures alone, such as VOC's own train, val and trainval." });
    writeText(join(folder, 'ImageSets/Main/test.txt'), 'e\n');
    expect(await failure()).toMatchObject({ message: 'the annotation cannot be read', where: join(folder, 'Annotations/e.xml') });
    writeText(join(folder, 'Annotations/e.xml'), vocText(4, 6, [['dog', 1, 1, 2, 3]]));
    expect(await failure()).toMatchObject({ message: `the picture e is the file ${join(folder, 'JPEGImages/e.jpg')}, which is not there`, where: join(folder, 'Annotations/e.xml') });
  });
});
