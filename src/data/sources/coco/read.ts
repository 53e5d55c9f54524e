import { DataError } from '../../../errors.js';
import { isObject, readJson } from '../../../files.js';
import { maskArea, segmentationMask, type CocoSegmentation, type Rle } from '../../../metrics/index.js';
import type { AnnotatedObject, PictureSize } from '../../dense.js';
import { boxInPicture, pointInPicture } from '../in-picture.js';

/** One image of a file with its objects, which lack the ids that the set gives them. */
export interface CocoImage { readonly id: number; readonly file: string; readonly size: PictureSize; readonly objects: readonly Omit<AnnotatedObject, 'id'>[] }

export interface CocoFile {
  readonly classes: readonly string[];
  /** In the file's order. */
  readonly images: readonly CocoImage[];
  /** Annotations to train on without an area, which the format's training tools pass over: file, id and reason. */
  readonly leftOut: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
const isSide = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((number) => typeof number === 'number');

/**
 * Reads a file of COCO's `instances` format: boxes, polygons (rasterised by pycocotools' rule, also where they cross themselves), run
 * lengths in both forms, crowds. DataError with file, id and reason for anything that is malformed. Annotations whose box has no area are listed and passed
 * over, but `toTest` they stay: the format's metric counts them, as objects that nothing finds.
 */
export async function readCoco(path: string, toTest: boolean): Promise<CocoFile> {
  const wrong = (reason: string, cause?: unknown): DataError =>
    new DataError(reason, { where: path, fix: 'Correct the file: it is to be COCO JSON with images, annotations and categories.', ...(cause === undefined ? {} : { cause }) });
  const value = await readJson(path).catch((cause: unknown) => {
    throw wrong('cannot be read as JSON', cause);
  });
  if (!isObject(value)) throw wrong('holds no object');
  const listOf = (key: string): readonly Fields[] => {
    const list = value[key];
    if (!Array.isArray(list) || !list.every(isObject)) throw wrong(`has no list of objects '${key}'`);
    return list;
  };
  const byId = (key: string): ReadonlyMap<unknown, Fields> => {
    const found = new Map<unknown, Fields>();
    for (const item of listOf(key)) {
      if (!Number.isSafeInteger(item['id'])) throw wrong(`has one of '${key}' without an id: ${JSON.stringify(item).slice(0, 120)}`);
      if (found.has(item['id'])) throw wrong(`has the id ${String(item['id'])} twice in '${key}'`);
      found.set(item['id'], item);
    }
    return found;
  };

  const categories = new Map([...byId('categories')].map(([id, { name }], at) => {
    if (typeof name !== 'string') throw wrong(`the category ${String(id)} has no name`);
    return [id, { at, name }] as const;
  }));
  const objects = new Map<unknown, Omit<AnnotatedObject, 'id'>[]>();
  const sizes = new Map<unknown, PictureSize>();
  const images = [...byId('images')].map(([id, { file_name: file, height, width }]): CocoImage => {
    if (typeof file !== 'string' || !isSide(height) || !isSide(width)) throw wrong(`the image ${String(id)} needs file_name, height and width`);
    const own: Omit<AnnotatedObject, 'id'>[] = [];
    objects.set(id, own);
    sizes.set(id, { height, width });
    return { id: id as number, file, size: { height, width }, objects: own };
  });
  const leftOut: string[] = [];
  for (const [id, annotation] of byId('annotations')) {
    const object = objectOf(annotation, sizes.get(annotation['image_id']), categories.get(annotation['category_id'])?.at, toTest);
    if (object === null) leftOut.push(`${path}: annotation ${String(id)}: its box has no area`);
    else if (typeof object === 'string') throw wrong(`the annotation ${String(id)} is wrong: ${object}`);
    else objects.get(annotation['image_id'])!.push(object);
  }
  return { classes: [...categories.values()].map(({ name }) => name), images, leftOut };
}

/** The object of an annotation; null where it has no area and is not `toTest`, a text where it is malformed. */
function objectOf(annotation: Fields, size: PictureSize | undefined, category: number | undefined, toTest: boolean): Omit<AnnotatedObject, 'id'> | string | null {
  const { image_id: image, bbox, area, iscrowd = 0, segmentation } = annotation;
  if (size === undefined) return `there is no image ${JSON.stringify(image)}`;
  if (category === undefined) return `there is no category ${JSON.stringify(annotation['category_id'])}`;
  if (!isNumbers(bbox) || bbox.length !== 4) return 'its bbox is not four numbers';
  const flat = bbox[2] === 0 || bbox[3] === 0;
  if (flat && !toTest) return null;
  const box = (flat ? pointInPicture : boxInPicture)(bbox as unknown as AnnotatedObject['box'], size);
  if (typeof box === 'string') return box;
  if (iscrowd !== 0 && iscrowd !== 1) return 'its iscrowd is neither 0 nor 1';
  if (area !== undefined && (typeof area !== 'number' || !(area >= 0))) return 'its area is no number from 0 on';
  // An empty list is how many tools write a box without a mask.
  const mask = segmentation === undefined || (Array.isArray(segmentation) && segmentation.length === 0) ? null : maskOf(segmentation, size);
  if (typeof mask === 'string') return mask;
  return { category, box, area: area ?? (mask === null ? box[2] * box[3] : maskArea(mask)), mask, crowd: iscrowd === 1, difficult: false };
}

function maskOf(segmentation: unknown, { height, width }: PictureSize): Rle | string {
  const isPolygons = Array.isArray(segmentation) && segmentation.every(isNumbers);
  const isRuns = isObject(segmentation) && isNumbers(segmentation['size']) && (typeof segmentation['counts'] === 'string' || isNumbers(segmentation['counts']));
  if (!isPolygons && !isRuns) return 'its segmentation is neither polygons nor run lengths';
  try {
    return segmentationMask(segmentation as CocoSegmentation, height, width);
  } catch (error) {
    if (error instanceof RangeError) return `its segmentation: ${error.message}`;
    throw error;
  }
}
