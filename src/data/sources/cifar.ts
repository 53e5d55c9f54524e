import { resample } from '../augment/resample.js';
import type { ImageIndex, ImageRecord, Side } from '../image-set.js';
import type { DataSource, TaskSummary } from '../source.js';
import { cifar100Side, sideOfName } from '../splits/index.js';
import { type CifarData, cifarFileNames, type CifarLayout, cifarSide, interleave, readCifar, recordLength } from './cifar-files.js';
import { contentHash } from './content-hash.js';
import { pathOf, pathSchema } from './data-path.js';
import { fixedSplitPretrain, fixedSplitTask } from './fixed-split.js';
import { unknownTask } from './unknown-task.js';

const cifar10: CifarLayout = {
  source: 'cifar10',
  labelBytes: 1,
  trainFiles: /^data_batch_\d+\.bin$/,
  testFile: 'test_batch.bin',
  classFile: 'batches.meta.txt',
  groupFile: null,
  classes: 10,
  groups: 0,
  description: 'the CIFAR-10 binary version: <path>/data_batch_*.bin (at least one), test_batch.bin, batches.meta.txt',
};
const cifar100: CifarLayout = {
  source: 'cifar100',
  labelBytes: 2,
  trainFiles: /^train\.bin$/,
  testFile: 'test.bin',
  classFile: 'fine_label_names.txt',
  groupFile: 'coarse_label_names.txt',
  classes: 100,
  groups: 20,
  description: 'the CIFAR-100 binary version: <path>/train.bin, test.bin, fine_label_names.txt, coarse_label_names.txt',
};

function indexOf(data: CifarData, layout: CifarLayout, sideOf: (label: string) => Side | null): ImageIndex {
  const length = recordLength(layout);
  const sides = new Map(data.classNames.map((label) => [label, sideOf(label)]));
  const records: ImageRecord[] = [];
  for (const { name, split, bytes, records: count } of data.files) {
    for (let i = 0; i < count; i++) {
      const at = i * length;
      const label = data.classNames[bytes[at + layout.labelBytes - 1]!]!;
      const group = data.groupNames === null ? null : data.groupNames[bytes[at]!]!;
      records.push({ id: `${name}#${i}`, label, group, domain: null, split, side: sides.get(label) ?? null });
    }
  }
  return { name: layout.source, records };
}

function cifarSource(layout: CifarLayout, sideOf: (label: string) => Side | null, credits: readonly string[]): DataSource {
  const summaries: readonly TaskSummary[] = [
    { name: 'all', kind: 'classification', development: false, description: `All ${layout.classes} classes, the official test split.` },
    ...(layout.groups === 0 ? [] : [{ name: 'coarse', kind: 'classification' as const, development: false, description: `The ${layout.groups} superclasses, the official test split.` }]),
  ];
  return {
    name: layout.source,
    schema: { type: 'object', additionalProperties: false, required: ['path'], properties: { path: pathSchema } },
    modules: ['data/sources/cifar.js'],
    locations: ['path'],
    credits,
    async fingerprint(options) {
      const { folder, train, test, names } = await cifarFileNames(pathOf(options), layout);
      return contentHash(folder, [...train, test, ...names]);
    },
    index: async (options) => indexOf(await readCifar(pathOf(options), layout), layout, sideOf),
    async prepare(options, size, progress) {
      const data = await readCifar(pathOf(options), layout);
      const { name, records } = indexOf(data, layout, sideOf);
      return {
        name, records, size, channels: 3,
        async decode(put) {
          const original = new Uint8Array(cifarSide * cifarSide * 3);
          const picture = { pixels: original, offset: 0, width: cifarSide, height: cifarSide, channels: 3 } as const;
          const whole = { left: 0, top: 0, width: cifarSide, height: cifarSide };
          const pixels = new Uint8Array(size * size * 3);
          let done = 0;
          for (const { bytes, records: count } of data.files) {
            for (let i = 0; i < count; i++) {
              interleave(bytes, i * recordLength(layout) + layout.labelBytes, original, 0);
              resample(picture, whole, size, 'bicubic', 'edge', pixels, 0);
              await put(done, pixels);
              done++;
              if (done % 1000 === 0) progress(done, records.length);
            }
          }
          progress(done, records.length);
          return [];
        },
      };
    },
    tasks: () => Promise.resolve(summaries),
    pretrain: (index, _options, subset, seed) => fixedSplitPretrain(index, subset, seed),
    task(index, _options, name, seed) {
      if (!summaries.some((summary) => summary.name === name)) throw unknownTask(layout.source, name, summaries.map((summary) => summary.name));
      const classOf = name === 'coarse' ? (record: ImageRecord): string => record.group ?? record.label : (record: ImageRecord): string => record.label;
      return fixedSplitTask(index, { name, classOf, primary: 'top1', note: name === 'coarse' ? 'superclasses' : 'all classes' }, seed);
    },
  };
}

/** CIFAR-10, binary version. The sides of its ten classes (nouns in their first sense) come from WordNet. */
export const cifar10Source = cifarSource(cifar10, (label) => sideOfName(label), [
  'CIFAR-10: Alex Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. No licence stated.',
]);

/** CIFAR-100, binary version, with its 100 classes and 20 superclasses. */
export const cifar100Source = cifarSource(cifar100, cifar100Side, [
  'CIFAR-100: Alex Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. No licence stated.',
]);
