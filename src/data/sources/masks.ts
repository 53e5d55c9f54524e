import { readFile } from 'node:fs/promises';
import { basename, extname, join, posix } from 'node:path';
import { DataError } from '../../errors.js';
import type { JsonObject } from '../../files.js';
import { ignoredLabel } from '../dense.js';
import type { ImageRecord } from '../image-set.js';
import type { DataSource } from '../source.js';
import { contentHash } from './content-hash.js';
import { dataFolder, missing, pathOf, pathSchema } from './data-path.js';
import { sizeOf, sizeSchema } from './dense-options.js';
import { denseSplitTask } from './dense-split.js';
import { fixedSplitPretrain } from './fixed-split.js';
import { unknownTask } from './unknown-task.js';
import { filesUnder } from './image-files.js';
import { prepareLabelled, type LabelledPictures } from './labelled-pictures.js';

const layout = 'folders of pictures and, for each, one of PNG label maps of the same names: <path>/train/a.jpg and <path>/trainannot/a.png';
const splits = ['train', 'val', 'test'] as const;
/** What may stand beside a picture under its name, such as a description, is none. */
const isPicture = (file: string): boolean => /\.(?:jpe?g|png|webp|gif|tiff?|avif|bmp|jp2)$/i.test(file);
const stem = (file: string): string => file.slice(0, file.length - extname(file).length);

/** Names by value, from lines `value name`, more columns behind a tab passed over. */
async function readClasses(path: string): Promise<ReadonlyMap<number, string>> {
  const wrong = (where: string, reason: string): DataError => new DataError(reason, { where, fix: 'The list of classes has a line `value name` for each, value 0 to 255, a space or tab between them.' });
  const text = await readFile(path, 'utf8').catch(() => {
    throw wrong(path, 'there is no such file');
  });
  const names = new Map<number, string>();
  // A byte order mark goes with the spaces.
  text.split(/\r?\n/).map((line) => line.trim()).forEach((line, at) => {
    if (line === '') return;
    const [, value, name] = /^(\d{1,3})\s+([^\t]*[^\t\s])/.exec(line) ?? [];
    const number = Number(value);
    if (name === undefined || number > 255) throw wrong(`${path}:${at + 1}`, `is no class: ${line.slice(0, 80)}`);
    if (names.has(number)) throw wrong(`${path}:${at + 1}`, `has the value ${number} a second time`);
    names.set(number, name);
  });
  return names;
}

interface Found extends LabelledPictures { readonly listed: readonly string[] }

async function read(options: JsonObject): Promise<Found> {
  const path = pathOf(options);
  const folder = await dataFolder(path, 'masks', layout);
  const ignored = new Set(options['ignore'] as readonly number[]);
  const list = options['classes'] as string;
  const known = [...(await readClasses(join(folder, list)))].filter(([value]) => !ignored.has(value));
  if (known.length > ignoredLabel) throw new DataError(`${list} names ${known.length} classes that are judged, and a label map has room for ${ignoredLabel}`, { where: folder, fix: 'Name one of the values in the option ignore.' });
  const valueOf = new Map<string, number>();
  for (const [value, name] of known) {
    const other = valueOf.get(name);
    if (other !== undefined) throw new DataError(`the values ${other} and ${value} are both called "${name}"`, { where: join(folder, list), fix: 'Give each value that is judged a name of its own, or name one of the two in the option ignore.' });
    valueOf.set(name, value);
  }
  const labels = new Map(known.map(([value], at) => [value, at]));
  const records: ImageRecord[] = [];
  const [maps, leftOut]: [string[], string[]] = [[], []];
  const seen = new Map<string, string>();
  for (const split of splits) {
    const [pictures, masks] = [options[`${split}_images`], options[`${split}_masks`]] as readonly (string | null)[];
    if (pictures == null && masks == null) continue;
    if (pictures == null || masks == null) throw new DataError(`of ${split}_images and ${split}_masks one is null`, { where: folder, fix: 'Give both folders, or neither.' });
    const files = async (inside: string, isOne: (file: string) => boolean): Promise<ReadonlyMap<string, string>> => {
      await dataFolder(join(folder, inside), 'masks', layout);
      const found = new Map<string, string>();
      for (const file of (await filesUnder(join(folder, inside))).filter(isOne)) {
        const path = posix.normalize(`${inside}/${file}`);
        const other = found.get(stem(file));
        if (other !== undefined) throw new DataError(`${other} and ${path} have one name`, { where: folder, fix: 'A picture and its label map are found by their name without the ending: keep one file of each.' });
        found.set(stem(file), path);
      }
      return found;
    };
    const pictureOf = await files(pictures, isPicture);
    const mapOf = await files(masks, () => true);
    if (mapOf.size === 0) throw missing(join(folder, masks), 'holds no file', 'masks', layout, path);
    for (const [name, map] of mapOf) {
      const id = pictureOf.get(name);
      if (id === undefined) throw missing(join(folder, map), `there is no picture of this name in ${pictures}`, 'masks', layout, path);
      if (seen.has(id)) throw new DataError(`the picture ${id} is in ${seen.get(id)!} and in ${split}`, { where: folder, fix: 'Give training, validation and test pictures folders of their own.' });
      seen.set(id, split);
      records.push({ id, label: '', group: null, domain: null, split, side: null });
      maps.push(map);
    }
    for (const [name, id] of pictureOf) if (!mapOf.has(name)) leftOut.push(`${id}: no label map`);
  }
  return {
    folder, maps, leftOut, listed: [list, ...maps, ...records.map(({ id }) => id)],
    index: { name: basename(folder), root: folder, records, classes: known.map(([, name]) => name) },
    classOf: (value) => labels.get(value) ?? (value === ignoredLabel || ignored.has(value) ? ignoredLabel : undefined),
  };
}

const folderSchema = (what: string, byDefault: string | null): JsonObject =>
  ({ type: byDefault === null ? ['string', 'null'] : 'string', default: byDefault, description: `Folder, relative to the path, of the ${what}.` });

/**
 * Semantic segmentation data as folders: pictures, and PNG label maps (grey, or the indices of a palette) of the same names. So are CamVid,
 * ADE20K and VOC's segmentation laid out. Pictures without a label map are passed over and counted; a map without a picture is an error.
 */
export const masksSource: DataSource = {
  name: 'masks',
  schema: {
    type: 'object', additionalProperties: false, required: ['path'],
    properties: {
      path: pathSchema,
      size: sizeSchema,
      classes: { type: 'string', minLength: 1, default: 'classes.txt', description: 'File with the classes, a line `value name` each, relative to the path.' },
      ignore: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 255 }, uniqueItems: true, default: [255], description: 'Values of pixels that are neither judged nor trained on.' },
      train_images: folderSchema('pictures to train on', 'train'),
      train_masks: folderSchema('label maps to train on', 'trainannot'),
      val_images: folderSchema('pictures to validate on; null: a fifth of the training pictures, by seed', null),
      val_masks: folderSchema('label maps to validate on', null),
      test_images: folderSchema('pictures to test on', 'test'),
      test_masks: folderSchema('label maps to test on', 'testannot'),
    },
  },
  modules: ['data/sources/masks.js', 'data/sources/decode.js', 'data/sources/label-map.js'],
  locations: ['path'],
  credits: [],
  async fingerprint(options) {
    const { folder, listed } = await read(options);
    return contentHash(folder, listed);
  },
  index: async (options) => (await read(options)).index,
  size: sizeOf,
  prepare: async (options, _size, progress) => prepareLabelled(await read(options), sizeOf(options), progress),
  tasks: async () => [{ name: 'segmentation', kind: 'segmentation', development: false, description: 'The class of each pixel.' }],
  pretrain: (index, _options, subset, seed) => fixedSplitPretrain(index, subset, seed),
  task(index, _options, name, seed) {
    if (name !== 'segmentation') throw unknownTask('masks', name, ['segmentation']);
    return denseSplitTask(index, { name, kind: 'segmentation', note: 'all classes' }, seed);
  },
};
