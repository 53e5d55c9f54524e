import { readFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { DataError } from '../../../errors.js';
import type { JsonObject } from '../../../files.js';
import { didYouMean } from '../../../nearest.js';
import type { ImageIndex, ImageRecord } from '../../image-set.js';
import type { DataSource } from '../../source.js';
import { contentHash } from '../content-hash.js';
import { dataFolder, missing, pathOf, pathSchema } from '../data-path.js';
import { sizeOf, sizeSchema } from '../dense-options.js';
import { denseSplitTask } from '../dense-split.js';
import { filesAtOnce, mapInParallel } from '../each-in-parallel.js';
import { fixedSplitPretrain } from '../fixed-split.js';
import { unknownTask } from '../unknown-task.js';
import { givenSides, sidesSchema } from '../given-sides.js';
import { refuseMissingFiles } from '../missing-files.js';
import { readVoc, type VocPicture } from './read.js';

const layout = 'the layout of Pascal VOC: <path>/ImageSets/Main/<list>.txt with a name a line, <path>/JPEGImages/<name>.jpg and <path>/Annotations/<name>.xml';
const splits = [['train', 'train'], ['validation', 'val'], ['test', 'test']] as const;
const listPath = (list: string): string => `ImageSets/Main/${list}.txt`;
const annotationPath = (name: string): string => `Annotations/${name}.xml`;

interface Listed { readonly folder: string; readonly lists: readonly string[]; readonly names: readonly string[]; readonly records: readonly ImageRecord[] }

async function readLists(options: JsonObject): Promise<Listed> {
  const path = pathOf(options);
  const folder = await dataFolder(path, 'voc', layout);
  const lists: string[] = [];
  const names = new Set<string>();
  const records: ImageRecord[] = [];
  for (const [option, split] of splits) {
    const list = options[option] as string | null;
    if (list === null) continue;
    lists.push(listPath(list));
    const text = await readFile(join(folder, listPath(list)), 'utf8').catch(() => {
      throw missing(join(folder, listPath(list)), 'there is no such file', 'voc', layout, path);
    });
    for (const name of text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '')) {
      if (/\s-?[01]$/.test(name)) throw new DataError(`has the line '${name}': it is a list of one class, which says of every picture whether it shows it`, { where: join(folder, listPath(list)), fix: `Give the option ${option} a list of pictures alone, such as VOC's own train, val and trainval.` });
      if (names.has(name)) throw new DataError(`${name} stands twice in the lists`, { where: join(folder, listPath(list)), fix: 'Give lists that share no picture.' });
      names.add(name);
      const id = `JPEGImages/${name}.jpg`;
      if (posix.normalize(id) !== id) throw new DataError(`${name} is no name of a picture`, { where: join(folder, listPath(list)), fix: 'Name each picture by its path in JPEGImages, without `.` and `..` in it and without a slash before it.' });
      records.push({ id, label: '', group: null, domain: null, split, side: null });
    }
  }
  return { folder, lists, names: [...names], records };
}

interface Found extends Listed { readonly index: ImageIndex; readonly pictures: readonly VocPicture[] }

async function read(options: JsonObject): Promise<Found> {
  const listed = await readLists(options);
  const { folder, names, records } = listed;
  const pictures = await mapInParallel(names, filesAtOnce, (name) => readVoc(join(folder, annotationPath(name))));
  const given = options['classes'] as readonly string[];
  const classes = given.length > 0 ? given : [...new Set(pictures.flatMap(({ objects }) => objects.map(({ name }) => name)))].sort();
  pictures.forEach(({ objects }, i) => {
    const at = objects.findIndex(({ name }) => !classes.includes(name));
    if (at < 0) return;
    const { name } = objects[at]!;
    throw new DataError(`the object ${at + 1} is of the class '${name}', which is not among the option classes${didYouMean(name, classes)}`, { where: join(folder, annotationPath(names[i]!)), fix: `Classes: ${classes.join(', ')}.` });
  });
  return { ...listed, index: { name: basename(folder), root: folder, records, classes }, pictures };
}

const listSchema = (what: string, byDefault: string, schema: JsonObject = { type: 'string', minLength: 1 }): JsonObject =>
  ({ ...schema, default: byDefault, description: `List in ImageSets/Main of the pictures ${what}.` });

/** Detection data in the layout of Pascal VOC: lists of pictures, an XML file with the boxes of each. */
export const vocSource: DataSource = {
  name: 'voc',
  schema: {
    type: 'object', additionalProperties: false, required: ['path'],
    properties: {
      path: pathSchema,
      size: sizeSchema,
      train: listSchema('to train on', 'train'),
      validation: listSchema('to validate on; null: a fifth of the training pictures, by seed', 'val', { type: ['string', 'null'] }),
      test: listSchema('to test on', 'test'),
      classes: { type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true, default: [], description: 'The classes; another one in a file is an error. Empty: all that the files name.' },
      sides: sidesSchema,
    },
  },
  modules: ['data/sources/voc/index.js', 'data/sources/decode.js'],
  locations: ['path'],
  credits: [],
  async fingerprint(options) {
    const { folder, lists, names, records } = await readLists(options);
    return contentHash(folder, [...lists, ...names.map(annotationPath), ...records.map(({ id }) => id)]);
  },
  async index(options) {
    const { folder, index, names } = await read(options);
    await refuseMissingFiles(folder, index.records.map(({ id }, i) => ({ name: id, by: `the picture ${names[i]!}`, where: join(folder, annotationPath(names[i]!)) })));
    return index;
  },
  size: sizeOf,
  async prepare(options, _size, progress) {
    const { folder, index, pictures } = await read(options);
    const { decodeFiles } = await import('../decode.js');
    const size = sizeOf(options);
    const classes = index.classes!;
    const sizes = pictures.map((picture) => picture.size);
    let id = 0;
    const objects = pictures.map((picture) => picture.objects.map(({ name, ...object }) => ({ id: ++id, category: classes.indexOf(name), ...object })));
    return {
      ...index, size, channels: 3,
      decode: (put) => decodeFiles(folder, index.records, size, put, progress, { sizes }),
      annotations: async () => ({ classes, sizes, objects: (i) => objects[i]!, labels: () => null }),
    };
  },
  tasks: async () => [{ name: 'detection', kind: 'detection', development: false, description: 'Boxes of the classes.' }],
  pretrain: (index, _options, subset, seed) => fixedSplitPretrain(index, subset, seed),
  task(index, options, name, seed) {
    if (name !== 'detection') throw unknownTask('voc', name, ['detection']);
    return denseSplitTask(index, { name, kind: 'detection', note: 'all classes' }, seed, givenSides(options));
  },
};
