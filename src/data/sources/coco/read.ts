import { DataError, messageOf } from '../../../errors.js';
import { isObject } from '../../../files.js';
import { compressCounts, expandCounts, maskArea, segmentationMask, type CocoSegmentation, type Rle } from '../../../metrics/index.js';
import { isPixels, type AnnotatedObject, type PictureSize } from '../../dense.js';
import { boxInPicture, pointInPicture } from '../in-picture.js';
import { crossesItself } from './crosses-itself.js';
import { jsonText } from './json-text.js';

/** One image of a file with its objects, which lack the ids that the set gives them. */
export interface CocoImage { readonly id: number; readonly file: string; readonly size: PictureSize; readonly objects: readonly Omit<AnnotatedObject, 'id'>[] }

export interface CocoFile {
  readonly classes: readonly string[];
  /** In the file's order. */
  readonly images: readonly CocoImage[];
  /** Annotations to train on without an area, which the format's training tools pass over: file, id and reason. */
  readonly leftOut: readonly string[];
  /** Annotations that are not as they should be and are taken as pycocotools takes them: file, id and reason. */
  readonly asIs: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((number) => typeof number === 'number');

/**
 * Reads a file of COCO's `instances` format: boxes, polygons (rasterised by pycocotools' rule, also where they cross themselves), run
 * lengths in both forms, crowds. DataError with file, id and reason for anything that is malformed. Annotations whose box has no area are listed and passed
 * over, but `toTest` they stay: the format's metric counts them, as objects that nothing finds.
 */
export async function readCoco(path: string, toTest: boolean): Promise<CocoFile> {
  const wrong = (reason: string, cause?: unknown): DataError =>
    new DataError(reason, { where: path, fix: 'Correct the file: it is to be COCO JSON with images, annotations and categories.', ...(cause === undefined ? {} : { cause }) });
  const value = parsed(await jsonText(path), (cause) => wrong(`is not JSON: ${messageOf(cause)}`, cause));
  if (!isObject(value)) throw wrong('holds no object');
  const listOf = (key: string): readonly Fields[] => {
    const list = value[key];
    if (!Array.isArray(list)) throw wrong(`has no list '${key}'`);
    const at = list.findIndex((one) => !isObject(one));
    if (at !== -1) throw wrong(`has ${shown(list[at])} in '${key}' at place ${at}, no object`);
    return list as readonly Fields[];
  };
  const byId = (key: string): ReadonlyMap<unknown, Fields> => {
    const found = new Map<unknown, Fields>();
    for (const item of listOf(key)) {
      const { id } = item;
      if (!Number.isSafeInteger(id)) throw wrong(`has one of '${key}' ${id === undefined ? 'without an id' : `whose id is ${shown(id)}, ${Number.isInteger(id) ? 'larger than 2^53 - 1' : 'no integer'}`}: ${shown(item)}`);
      if (found.has(id)) throw wrong(`has the id ${String(id)} twice in '${key}'`);
      found.set(id, item);
    }
    return found;
  };

  const named = new Map<string, unknown>();
  const categories = new Map([...byId('categories')].map(([id, { name }], at) => {
    if (typeof name !== 'string') throw wrong(`the category ${String(id)} has no name`);
    // Reports tell classes by their names.
    if (named.has(name)) throw wrong(`has two categories of the name '${name}', with the ids ${String(named.get(name))} and ${String(id)}`);
    named.set(name, id);
    return [id, { at, name }] as const;
  }));
  const objects = new Map<unknown, Omit<AnnotatedObject, 'id'>[]>();
  const sizes = new Map<unknown, PictureSize>();
  const images = [...byId('images')].map(([id, { file_name: file, height, width }]): CocoImage => {
    if (typeof file !== 'string' || !isPixels(height) || !isPixels(width)) throw wrong(`the image ${String(id)} needs file_name, height and width`);
    const own: Omit<AnnotatedObject, 'id'>[] = [];
    objects.set(id, own);
    sizes.set(id, { height, width });
    return { id: id as number, file, size: { height, width }, objects: own };
  });
  const [leftOut, asIs]: [string[], string[]] = [[], []];
  for (const [id, annotation] of byId('annotations')) {
    const object = objectOf(annotation, sizes.get(annotation['image_id']), categories.get(annotation['category_id'])?.at, toTest);
    if (object === null) leftOut.push(`${path}: annotation ${String(id)}: its box has no area`);
    else if (typeof object === 'string') throw wrong(`the annotation ${String(id)} is wrong: ${object}`);
    else {
      objects.get(annotation['image_id'])!.push(object);
      asIs.push(...doubts(object, annotation['segmentation']).map((doubt) => `${path}: annotation ${String(id)}: ${doubt}`));
    }
  }
  return { classes: [...categories.values()].map(({ name }) => name), images, leftOut, asIs };
}

/** The same mask, which keeps its run lengths as COCO's string until they are asked for: as numbers those of COCO's training file would take 1.5 GB. */
function packed({ size, counts }: Rle): Rle {
  const text = compressCounts(counts);
  return { size, get counts() { return expandCounts(text); } };
}

function parsed(text: string, wrong: (cause: unknown) => DataError): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw wrong(cause);
  }
}

/** The beginning of a value's JSON, for messages. */
function shown(value: unknown): string {
  try {
    return value === undefined ? 'undefined' : JSON.stringify(value).slice(0, 120);
  } catch {
    return 'what is nested too deep to be shown';
  }
}

/** What is not as it should be with an object that the format's tools take all the same. */
function doubts({ box, mask }: Omit<AnnotatedObject, 'id'>, segmentation: unknown): readonly string[] {
  return [
    ...(box[2] === 0 || box[3] === 0 ? ['its box has no area: the metric counts it, as an object that nothing finds'] : []),
    ...(mask !== null && maskArea(mask) === 0 ? ['its mask has no pixel'] : []),
    ...(Array.isArray(segmentation) && segmentation.some(crossesItself) ? ['a polygon of its segmentation crosses itself'] : []),
  ];
}

/** The object of an annotation; null where it has no area and is not `toTest`, a text where it is malformed. */
function objectOf(annotation: Fields, size: PictureSize | undefined, category: number | undefined, toTest: boolean): Omit<AnnotatedObject, 'id'> | string | null {
  const { image_id: image, bbox, area, iscrowd = 0, segmentation } = annotation;
  if (size === undefined) return `there is no image ${shown(image)}`;
  if (category === undefined) return `there is no category ${shown(annotation['category_id'])}`;
  if (!isNumbers(bbox) || bbox.length !== 4) return `its bbox is ${shown(bbox)}, not four numbers`;
  const flat = bbox[2] === 0 || bbox[3] === 0;
  if (flat && !toTest) return null;
  const box = (flat ? pointInPicture : boxInPicture)(bbox as unknown as AnnotatedObject['box'], size);
  if (typeof box === 'string') return box;
  if (iscrowd !== 0 && iscrowd !== 1 && typeof iscrowd !== 'boolean') return `its iscrowd is ${shown(iscrowd)}, neither 0 nor 1`;
  if (area !== undefined && (typeof area !== 'number' || !Number.isFinite(area) || area < 0)) return `its area is ${typeof area === 'number' ? String(area) : shown(area)}, no finite number from 0 on`;
  // An empty list, or null, is how many tools write a box without a mask.
  const mask = segmentation === undefined || segmentation === null || (Array.isArray(segmentation) && segmentation.length === 0) ? null : maskOf(segmentation, size);
  if (typeof mask === 'string') return mask;
  return { category, box, area: area ?? (mask === null ? box[2] * box[3] : maskArea(mask)), mask: mask === null ? null : packed(mask), crowd: iscrowd === 1 || iscrowd === true, difficult: false };
}

function maskOf(segmentation: unknown, { height, width }: PictureSize): Rle | string {
  const isPolygons = Array.isArray(segmentation) && segmentation.every(isNumbers);
  const isRuns = isObject(segmentation) && isNumbers(segmentation['size']) && segmentation['size'].length === 2 && (typeof segmentation['counts'] === 'string' || isNumbers(segmentation['counts']));
  if (!isPolygons && !isRuns) return `its segmentation is ${shown(segmentation)}, neither polygons [[x, y, ...], ...] nor run lengths { size: [height, width], counts }`;
  try {
    return segmentationMask(segmentation as CocoSegmentation, height, width);
  } catch (error) {
    if (error instanceof RangeError) return `its segmentation: ${error.message}`;
    throw error;
  }
}
