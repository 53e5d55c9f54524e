import { readFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import type { JsonObject } from '../../files.js';
import type { ImageIndex, ImageRecord } from '../image-set.js';
import type { DataSource } from '../source.js';
import { contentHash } from './content-hash.js';
import { dataFolder, missing, pathOf, pathSchema } from './data-path.js';
import { fixedSplitPretrain, fixedSplitTask } from './fixed-split.js';
import { unknownTask } from './unknown-task.js';
import { cropsFrom, cropsFromSchema, preparePhotographs } from './photographs.js';

const layout = 'the Oxford-IIIT Pet layout: <path>/images/<breed>_<number>.jpg and the lists <path>/annotations/trainval.txt and test.txt';
export const petLists = [['trainval', 'train'], ['test', 'test']] as const;
export const petListPath = (list: string): string => `annotations/${list}.txt`;
const species: Readonly<Record<string, string>> = { '1': 'cat', '2': 'dog' };

/** `Abyssinian_100 1 1 1`: name, class, species, number of the breed in its species. */
const line = /^(\S+)_(\d+) (\d+) ([12]) (\d+)$/;

interface Found { readonly folder: string; readonly index: ImageIndex }

/** Pictures, breeds and splits as the lists say. DataError, with file and line, for what is missing or malformed. */
export async function readPetLists(options: JsonObject): Promise<Found> {
  const path = pathOf(options);
  const folder = await dataFolder(path, 'oxford_pets', layout);
  const wrong = (where: string, message: string): Error => missing(where, message, 'oxford_pets', layout, path);
  const records: ImageRecord[] = [];
  const classOf = new Map<string, string>();
  const seen = new Set<string>();
  for (const [list, split] of petLists) {
    const file = join(folder, petListPath(list));
    const text = await readFile(file, 'utf8').catch(() => {
      throw wrong(file, 'there is no such file');
    });
    for (const [at, row] of text.replace(/^\uFEFF/, '').split(/\r?\n/).entries()) {
      if (row === '' || row.startsWith('#')) continue;
      const [, breed, number, label, kind] = line.exec(row) ?? [];
      const id = `images/${breed}_${number}.jpg`;
      if (breed === undefined || label === undefined || kind === undefined || posix.normalize(id) !== id) throw wrong(`${file}:${at + 1}`, `is not "<breed>_<number> <class> <species> <breed>": ${row.slice(0, 80)}`);
      if (classOf.has(breed) && classOf.get(breed) !== label) throw wrong(`${file}:${at + 1}`, `${breed} has class ${label} here and class ${classOf.get(breed)} before`);
      classOf.set(breed, label);
      if (seen.has(id)) throw wrong(`${file}:${at + 1}`, `${breed}_${number} stands twice in the lists`);
      seen.add(id);
      records.push({ id, label: breed, group: species[kind]!, domain: null, split, side: 'B' });
    }
  }
  if (records.length === 0) throw wrong(folder, 'its lists name no image');
  return { folder, index: { name: basename(folder), root: folder, records } };
}

/**
 * Oxford-IIIT Pet (Parkhi et al. 2012): one flat folder of images, the official trainval and test lists. The class is the
 * breed; cats and dogs lie on side B. An image that a list names and that is missing is reported as unreadable.
 */
export const oxfordPetsSource: DataSource = {
  name: 'oxford_pets',
  schema: { type: 'object', additionalProperties: false, required: ['path'], properties: { path: pathSchema, crops_from: cropsFromSchema } },
  modules: ['data/sources/oxford-pets.js', 'data/sources/decode.js'],
  locations: ['path'],
  credits: ['Oxford-IIIT Pet: Omkar Parkhi, Andrea Vedaldi, Andrew Zisserman, C. V. Jawahar, Cats and Dogs, 2012. CC BY-SA 4.0.'],
  async fingerprint(options) {
    const { folder, index } = await readPetLists(options);
    return contentHash(folder, [...petLists.map(([list]) => petListPath(list)), ...index.records.map(({ id }) => id)]);
  },
  index: async (options) => (await readPetLists(options)).index,
  cropsFrom,
  prepare: async (options, size, progress) => preparePhotographs(await readPetLists(options), options, size, progress),
  tasks: () => Promise.resolve([{ name: 'breeds', kind: 'classification', development: false, description: 'The breeds of cats and dogs.' }]),
  pretrain: (index, _options, subset, seed) => fixedSplitPretrain(index, subset, seed),
  task(index, _options, name, seed) {
    if (name !== 'breeds') throw unknownTask('oxford_pets', name, ['breeds']);
    return fixedSplitTask(index, { name, classOf: ({ label }) => label, primary: 'mean_per_class', note: 'breeds' }, seed);
  },
};
