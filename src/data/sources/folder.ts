import { basename, join } from 'node:path';
import { DataError } from '../../errors.js';
import type { ImageIndex, ImageRecord, Side } from '../image-set.js';
import type { DataSource } from '../source.js';
import type { JsonObject } from '../../files.js';
import { didYouMean } from '../../nearest.js';
import { classSide } from './class-side.js';
import { contentHash } from './content-hash.js';
import { dataFolder, missing, pathOf, pathSchema } from './data-path.js';
import { fixedSplitPretrain, fixedSplitTask } from './fixed-split.js';
import { unknownTask } from './unknown-task.js';
import { givenSides, isSide, sidesSchema } from './given-sides.js';
import { entriesOf, filesUnder } from './image-files.js';
import { cropsFrom, cropsFromSchema, preparePhotographs } from './photographs.js';

const layout = 'a tree <path>/{train,test|val}/<class>/<image>, with a train folder and a test or val folder (both may be there)';
const splits = ['train', 'val', 'test'] as const;

/** What the suite says about classes whose names do not tell their side: single ones, and all the others. */
interface SidesOption { readonly sides: ReadonlyMap<string, Side | null>; readonly side: Side | null }

const sidesOf = (options: JsonObject): SidesOption => ({ sides: givenSides(options), side: isSide(options['side']) ? options['side'] : null });

interface Found { readonly folder: string; readonly index: ImageIndex }

async function readTree(options: JsonObject): Promise<Found> {
  const path = pathOf(options);
  const folder = await dataFolder(path, 'folder', layout);
  const wrong = (where: string, message: string): never => {
    throw missing(where, message, 'folder', layout, path);
  };
  const present = new Set((await entriesOf(folder)).filter(({ isFolder }) => isFolder).map(({ name }) => name));
  if (!present.has('train')) wrong(join(folder, 'train'), 'there is no such folder');
  if (!present.has('test') && !present.has('val')) wrong(folder, 'has neither a test nor a val folder');
  const given = sidesOf(options);
  const sides = new Map<string, Side | null>();
  const records: ImageRecord[] = [];
  for (const split of splits) {
    if (!present.has(split)) continue;
    const entries = await entriesOf(join(folder, split));
    const loose = entries.find(({ isFolder }) => !isFolder);
    if (loose !== undefined) wrong(join(folder, split, loose.name), 'is a file, where only class folders are expected');
    if (entries.length === 0) wrong(join(folder, split), 'holds no class folder');
    for (const { name: label } of entries) {
      if (!sides.has(label)) sides.set(label, given.sides.has(label) ? given.sides.get(label)! : classSide(label) ?? given.side);
      for (const file of await filesUnder(join(folder, split, label))) {
        records.push({ id: `${split}/${label}/${file}`, label, group: null, domain: null, split, side: sides.get(label) ?? null });
      }
    }
  }
  if (records.length === 0) wrong(folder, 'holds no file');
  const stray = [...given.sides.keys()].find((label) => !sides.has(label));
  if (stray !== undefined) {
    throw new DataError(`the option sides names the class '${stray}', which is not there${didYouMean(stray, sides.keys())}`, { where: folder, fix: `Its classes: ${[...sides.keys()].sort().join(', ')}.` });
  }
  return { folder, index: { name: basename(folder), root: folder, records } };
}

/**
 * Any image data set laid out as folders: `<path>/{train,test|val}/<class>/<image>`. Every visible file in a class folder
 * is a record, so that one that is no image is reported and not passed over.
 */
export const folderSource: DataSource = {
  name: 'folder',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: pathSchema,
      crops_from: cropsFromSchema,
      primary: { enum: ['top1', 'mean_per_class'], default: 'top1', description: 'Metric that is reported first.' },
      sides: sidesSchema,
      side: { enum: ['A', 'B', null], default: null, description: 'Side of every class whose name does not tell it (a wnid, or a noun with all senses on one side).' },
    },
  },
  modules: ['data/sources/folder.js', 'data/sources/decode.js'],
  locations: ['path'],
  credits: [],
  async fingerprint(options) {
    const { folder, index } = await readTree(options);
    return contentHash(folder, index.records.map(({ id }) => id));
  },
  index: async (options) => (await readTree(options)).index,
  cropsFrom,
  prepare: async (options, size, progress) => preparePhotographs(await readTree(options), options, size, progress),
  tasks: () => Promise.resolve([{ name: 'all', kind: 'classification', development: false, description: 'All classes of the folder.' }]),
  pretrain: (index, _options, subset, seed) => fixedSplitPretrain(index, subset, seed),
  task(index, options, name, seed) {
    if (name !== 'all') throw unknownTask('folder', name, ['all']);
    const primary = options['primary'] === 'mean_per_class' ? 'mean_per_class' : 'top1';
    return fixedSplitTask(index, { name, classOf: ({ label }) => label, primary, note: 'all classes' }, seed);
  },
};
