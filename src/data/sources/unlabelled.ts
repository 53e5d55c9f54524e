import { basename } from 'node:path';
import type { ImageIndex } from '../image-set.js';
import type { DataSource } from '../source.js';
import type { JsonObject } from '../../files.js';
import { contentHash } from './content-hash.js';
import { dataFolder, missing, pathOf, pathSchema } from './data-path.js';
import { fixedSplitPretrain } from './fixed-split.js';
import { unknownTask } from './unknown-task.js';
import { filesUnder } from './image-files.js';
import { cropsFrom, cropsFromSchema, preparePhotographs } from './photographs.js';

const layout = 'a folder with images, in subfolders or not';

async function readFolder(options: JsonObject): Promise<{ readonly folder: string; readonly index: ImageIndex }> {
  const path = pathOf(options);
  const folder = await dataFolder(path, 'unlabelled', layout);
  const files = await filesUnder(folder);
  if (files.length === 0) throw missing(folder, 'holds no file', 'unlabelled', layout, path);
  const records = files.map((id) => ({ id, label: '', group: null, domain: null, split: null, side: null }));
  return { folder, index: { name: basename(folder), root: folder, records } };
}

/** Images without labels, for pre-training: every visible file under a folder. Its records have the empty label. */
export const unlabelledSource: DataSource = {
  name: 'unlabelled',
  schema: { type: 'object', additionalProperties: false, required: ['path'], properties: { path: pathSchema, crops_from: cropsFromSchema } },
  modules: ['data/sources/unlabelled.js', 'data/sources/decode.js'],
  locations: ['path'],
  credits: [],
  async fingerprint(options) {
    const { folder, index } = await readFolder(options);
    return contentHash(folder, index.records.map(({ id }) => id));
  },
  index: async (options) => (await readFolder(options)).index,
  cropsFrom,
  prepare: async (options, size, progress) => preparePhotographs(await readFolder(options), options, size, progress),
  tasks: () => Promise.resolve([]),
  pretrain: (index, _options, subset, seed) => fixedSplitPretrain(index, subset, seed),
  task(_index, _options, name) {
    throw unknownTask('unlabelled', name, []);
  },
};
