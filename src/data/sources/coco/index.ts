import { basename, join, posix } from 'node:path';
import { DataError } from '../../../errors.js';
import type { JsonObject } from '../../../files.js';
import type { ImageIndex, ImageRecord } from '../../image-set.js';
import type { DataSource } from '../../source.js';
import { contentHash } from '../content-hash.js';
import { dataFolder, pathOf, pathSchema } from '../data-path.js';
import { sizeOf, sizeSchema } from '../dense-options.js';
import { denseSplitTask } from '../dense-split.js';
import { fixedSplitPretrain } from '../fixed-split.js';
import { unknownTask } from '../unknown-task.js';
import { refuseMissingFiles } from '../missing-files.js';
import { readCoco, type CocoImage } from './read.js';

const layout = "COCO's layout: <path>/<train_images>/*.jpg and <path>/<train_annotations>, a JSON file of instances; the same to test";
const splits = ['train', 'test'] as const;
const leadsOut = (path: string): boolean => posix.normalize(path).split('/')[0] === '..';
const annotationsOf = (options: JsonObject, split: string): string => options[`${split}_annotations`] as string;

interface Found { readonly folder: string; readonly index: ImageIndex; readonly images: readonly CocoImage[]; readonly leftOut: readonly string[]; readonly asIs: readonly string[] }

async function read(options: JsonObject): Promise<Found> {
  const folder = await dataFolder(pathOf(options), 'coco', layout);
  const files = await Promise.all(splits.map((split) => readCoco(join(folder, annotationsOf(options, split)), split === 'test')));
  const [train, test] = files as [typeof files[0], typeof files[0]];
  if (JSON.stringify(train.classes) !== JSON.stringify(test.classes)) {
    throw new DataError('has other categories than the training file, or in another order', { where: join(folder, annotationsOf(options, 'test')), fix: 'Both files need the same categories.' });
  }
  const records = splits.flatMap((split, at) => {
    const inside = options[`${split}_images`] as string;
    const where = join(folder, annotationsOf(options, split));
    return files[at]!.images.map(({ id: image, file }): ImageRecord => {
      const id = posix.normalize(`${inside}/${file}`);
      // The option itself may lead out of the data folder: that is the suite's own word.
      if (posix.isAbsolute(file) || (leadsOut(file) && leadsOut(id))) {
        throw new DataError(`the image ${image} is the file ${file}, which is not in the data folder`, { where, fix: `Give its file_name relative to ${inside}, the option ${split}_images.` });
      }
      if (/\p{Cc}/u.test(file)) throw new DataError(`the image ${image} has a file_name with control characters, ${JSON.stringify(file)}`, { where, fix: 'Rename the file, there and on disk.' });
      return { id, label: '', group: null, domain: null, split, side: null };
    });
  });
  const seen = new Set<string>();
  for (const { id } of records) {
    if (seen.has(id)) throw new DataError(`two images are the file ${id}`, { where: folder, fix: 'Name each file once, and give training and test files of their own.' });
    seen.add(id);
  }
  return { folder, index: { name: basename(folder), root: folder, records, classes: train.classes }, images: files.flatMap(({ images }) => images), leftOut: files.flatMap(({ leftOut }) => leftOut), asIs: files.flatMap(({ asIs }) => asIs) };
}

const fileSchema = (what: string, byDefault: string) => ({ type: 'string', minLength: 1, default: byDefault, description: `${what}, relative to the path.` });

/** Detection and instance segmentation data in COCO's format: a training file and a file to test. */
export const cocoSource: DataSource = {
  name: 'coco',
  schema: {
    type: 'object', additionalProperties: false, required: ['path'],
    properties: {
      path: pathSchema,
      size: sizeSchema,
      train_images: fileSchema('Folder of the training images', 'train2017'),
      train_annotations: fileSchema('File of the training annotations', 'annotations/instances_train2017.json'),
      test_images: fileSchema('Folder of the images to test', 'val2017'),
      test_annotations: fileSchema('File of the annotations to test', 'annotations/instances_val2017.json'),
    },
  },
  modules: ['data/sources/coco/index.js', 'data/sources/decode.js'],
  locations: ['path'],
  credits: [],
  async fingerprint(options) {
    const { folder, index } = await read(options);
    return contentHash(folder, [...splits.map((split) => annotationsOf(options, split)), ...index.records.map(({ id }) => id)]);
  },
  async index(options) {
    const { folder, index, images } = await read(options);
    await refuseMissingFiles(folder, index.records.map(({ id, split }, i) => ({ name: id, by: `the image ${images[i]!.id}`, where: join(folder, annotationsOf(options, split!)) })));
    return index;
  },
  size: sizeOf,
  async prepare(options, _size, progress) {
    const { folder, index, images, leftOut, asIs } = await read(options);
    const { decodeFiles } = await import('../decode.js');
    const size = sizeOf(options);
    const sizes = images.map((image) => image.size);
    let id = 0;
    const objects = images.map((image) => image.objects.map((object) => ({ id: ++id, ...object })));
    return {
      ...index, size, channels: 3,
      decode: (put) => decodeFiles(folder, index.records, size, put, progress, { sizes }),
      annotations: async () => ({ classes: index.classes!, sizes, leftOut, asIs, objects: (i) => objects[i]!, labels: () => null }),
    };
  },
  tasks: async () => [{ name: 'detection', kind: 'detection', development: false, description: 'Boxes, and masks where the files have some, of the categories.' }],
  pretrain: (index, _options, subset, seed) => fixedSplitPretrain(index, subset, seed),
  task(index, _options, name, seed) {
    if (name !== 'detection') throw unknownTask('coco', name, ['detection']);
    return denseSplitTask(index, { name, kind: 'detection', note: 'all categories' }, seed);
  },
};
