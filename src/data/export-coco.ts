import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { DataError } from '../errors.js';
import { makeFolder, writeFileAtomic, type Json, type JsonObject } from '../files.js';
import { compressCounts } from '../metrics/index.js';
import type { ToldAnnotations } from './dense.js';
import type { ImageIndex } from './image-set.js';
import type { DataSource, Preparation } from './source.js';

/** A written file of annotations, and what it tells of. */
export interface ExportedFile { readonly file: string; readonly images: number; readonly objects: number }

/**
 * Writes a set with objects, whose pictures its source draws, in COCO's format: `images/<id>.png` (RGB), where the set has label maps
 * `labels/<id>.png` (8-bit grey) with `labels/classes.txt`, and `instances_<name>.json` for each artist, or for each part of the
 * detection task at `seed`. Masks are compressed run lengths; category i has the id i + 1, and so has image i. DataError for a source
 * without objects, and for one whose pictures are files.
 */
export async function exportCoco(source: DataSource, options: JsonObject, folder: string, seed: number | null): Promise<readonly ExportedFile[]> {
  const refuse = (message: string): DataError => new DataError(message, { where: `data source ${source.name}`, fix: 'Export a source that draws pictures with objects: emoji_scenes.' });
  if (source.locations !== undefined) throw refuse('its pictures are files already');
  const detection = (await source.tasks(options)).find(({ kind }) => kind === 'detection');
  if (detection === undefined || source.size === undefined) throw refuse('has no task of detection');
  const preparation = await source.prepare(options, source.size(options), () => undefined);
  await writePictures(preparation, folder);
  const annotations = await preparation.annotations!();
  await writeLabels(preparation, annotations, folder);
  const groups = seed === null ? byDomain(preparation) : partsOf(source, preparation, options, detection.name, seed);
  return Promise.all([...groups].map(async ([name, indices]) => {
    const file = join(folder, `instances_${name}.json`);
    const content = contentOf(source, preparation, annotations, indices);
    await writeFileAtomic(file, `${JSON.stringify(content)}\n`);
    return { file, images: indices.length, objects: content.annotations.length };
  }));
}

function byDomain({ records }: ImageIndex): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  records.forEach(({ domain }, i) => {
    const name = domain ?? 'all';
    groups.set(name, [...(groups.get(name) ?? []), i]);
  });
  return groups;
}

function partsOf(source: DataSource, index: ImageIndex, options: JsonObject, task: string, seed: number): ReadonlyMap<string, readonly number[]> {
  const { train, validation, test } = source.task(index, options, task, seed);
  return new Map([['train', train.indices], ['validation', validation.indices], ['test', test.indices]]);
}

/** Name of a picture's file: a COCO file's `file_name`, relative to its folder of images. */
const fileOf = (id: string): string => `${id}.png`;

async function writePng(path: string, pixels: Uint8Array, height: number, width: number, channels: 1 | 3): Promise<void> {
  await makeFolder(dirname(path));
  const image = sharp(pixels, { raw: { height, width, channels } });
  await writeFileAtomic(path, await (channels === 1 ? image.toColourspace('b-w') : image).png().toBuffer());
}

const writePictures = ({ records, size, decode }: Preparation, folder: string): Promise<unknown> =>
  decode((i, pixels) => writePng(join(folder, 'images', fileOf(records[i]!.id)), pixels, size, size, 3));

async function writeLabels({ records }: Preparation, { classes, labelClasses = classes, sizes, labels }: ToldAnnotations, folder: string): Promise<void> {
  for (const [i, { id }] of records.entries()) {
    const map = await labels(i);
    if (map === null) return;
    await writePng(join(folder, 'labels', fileOf(id)), map, sizes[i]!.height, sizes[i]!.width, 1);
  }
  await writeFileAtomic(join(folder, 'labels/classes.txt'), labelClasses.map((name, value) => `${value}\t${name}\n`).join(''));
}

function contentOf(source: DataSource, { records }: ImageIndex, { classes, sizes, objects }: ToldAnnotations, indices: readonly number[]) {
  return {
    info: { description: `${source.name} of maskbench`, contributor: source.credits.join('; ') },
    licenses: source.credits.map((name, at) => ({ id: at + 1, name, url: '' })),
    categories: classes.map((name, at) => ({ id: at + 1, name, supercategory: '' })),
    images: indices.map((i) => ({ id: i + 1, file_name: fileOf(records[i]!.id), height: sizes[i]!.height, width: sizes[i]!.width })),
    annotations: indices.flatMap((i) => objects(i)!.map(({ id, category, box, area, mask, crowd }) => ({
      id, image_id: i + 1, category_id: category + 1, bbox: [...box], area, iscrowd: crowd ? 1 : 0,
      ...(mask === null ? {} : { segmentation: { size: [...mask.size], counts: compressCounts(mask.counts) } }),
    }))),
  } satisfies Readonly<Record<string, Json>>;
}
