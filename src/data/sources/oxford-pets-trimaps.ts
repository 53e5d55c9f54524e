import { basename } from 'node:path';
import type { JsonObject } from '../../files.js';
import { ignoredLabel } from '../dense.js';
import type { DataSource } from '../source.js';
import { contentHash } from './content-hash.js';
import { pathSchema } from './data-path.js';
import { sizeOf, sizeSchema } from './dense-options.js';
import { denseSplitTask } from './dense-split.js';
import { fixedSplitPretrain } from './fixed-split.js';
import { unknownTask } from './unknown-task.js';
import { prepareLabelled, type LabelledPictures } from './labelled-pictures.js';
import { oxfordPetsSource, petListPath, petLists, readPetLists } from './oxford-pets.js';

/** Labels by a trimap's value: 1 pet, 2 background, 3 the border between them, which is not judged. */
const labels: readonly (number | undefined)[] = [undefined, 1, 0, ignoredLabel];

async function read(options: JsonObject): Promise<LabelledPictures> {
  const { folder, index } = await readPetLists(options);
  return {
    folder, index: { ...index, classes: ['background', 'pet'] },
    maps: index.records.map(({ id }) => `annotations/trimaps/${basename(id, '.jpg')}.png`),
    classOf: (value) => labels[value],
  };
}

/** Oxford-IIIT Pet with its trimaps: whether a pixel shows the pet. The same pictures and lists as `oxford_pets`. */
export const oxfordPetsTrimapsSource: DataSource = {
  name: 'oxford_pets_trimaps',
  schema: { type: 'object', additionalProperties: false, required: ['path'], properties: { path: pathSchema, size: sizeSchema } },
  modules: ['data/sources/oxford-pets-trimaps.js', 'data/sources/decode.js', 'data/sources/label-map.js'],
  locations: ['path'],
  credits: oxfordPetsSource.credits,
  async fingerprint(options) {
    const { folder, index, maps } = await read(options);
    return contentHash(folder, [...petLists.map(([list]) => petListPath(list)), ...maps, ...index.records.map(({ id }) => id)]);
  },
  index: async (options) => (await read(options)).index,
  size: sizeOf,
  prepare: async (options, _size, progress) => prepareLabelled(await read(options), sizeOf(options), progress),
  tasks: async () => [{ name: 'trimaps', kind: 'segmentation', development: false, description: 'Pet or background, for each pixel; borders are not judged.' }],
  pretrain: (index, _options, subset, seed) => fixedSplitPretrain(index, subset, seed),
  task(index, _options, name, seed) {
    if (name !== 'trimaps') throw unknownTask('oxford_pets_trimaps', name, ['trimaps']);
    return { ...denseSplitTask(index, { name, kind: 'segmentation', note: 'pet and background; borders are not judged' }, seed), side: 'B' };
  },
};
