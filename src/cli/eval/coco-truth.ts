import { isPixels } from '../../data/dense.js';
import { DataError, messageOf } from '../../errors.js';
import { isObject } from '../../files.js';
import { type GroundTruth, maskArea, type OverlapType, type Rle, segmentationMask } from '../../metrics/index.js';
import { boxField, type Fields, integerField, numberField, segmentationField, sideField } from './fields.js';
import { readEvalJson } from './read-json.js';

/** What is to be found, images and categories by ascending id. */
export interface CocoTruth {
  readonly path: string;
  /** Index by id. */
  readonly images: ReadonlyMap<number, number>;
  readonly categories: ReadonlyMap<number, number>;
  /** By image. */
  readonly truths: readonly (readonly GroundTruth[])[];
  /** [height, width] by image; null where the file does not say, which only boxes can do without. */
  readonly sizes: readonly (readonly [number, number] | null)[];
  /** Annotations that are odd and counted as they are, as pycocotools does: id and reason. */
  readonly odd: readonly string[];
  /** Annotations of an image or a category that the file has not, which pycocotools passes over: id, and which it is. */
  readonly passedOver: readonly string[];
}

const fix = 'It is to be a file of COCO\'s instances: { images, annotations, categories }.';

/** Reads a file of COCO's `instances` format as pycocotools takes it: what is wrong is an error with file, id and reason. */
export async function readTruth(path: string, type: OverlapType): Promise<CocoTruth> {
  const file = await readEvalJson(path, fix);
  if (!isObject(file)) throw new DataError('holds no object', { where: path, fix });
  const wrong = (what: string, reason: string): DataError => new DataError(`${what}: ${reason}`, { where: path, fix });

  const listed = (key: string): readonly { readonly id: number; readonly fields: Fields }[] => {
    const list = file[key];
    if (!Array.isArray(list)) throw new DataError(`has no list '${key}'`, { where: path, fix });
    const seen = new Set<number>();
    return list.map((fields: unknown, i) => {
      if (!isObject(fields)) throw wrong(`${key}[${i}]`, 'is no object');
      const id = attempt(() => integerField(fields, 'id'), (reason) => wrong(`${key}[${i}]`, reason));
      if (seen.has(id)) throw wrong(`${key}[${i}]`, `a second one with the id ${id}`);
      seen.add(id);
      return { id, fields };
    });
  };
  const indices = (ids: readonly number[]): ReadonlyMap<number, number> => new Map([...ids].sort((a, b) => a - b).map((id, i) => [id, i]));

  const pictures = listed('images');
  const images = indices(pictures.map(({ id }) => id));
  const categories = indices(listed('categories').map(({ id }) => id));
  const sizes = new Array<readonly [number, number] | null>(images.size).fill(null);
  for (const { id, fields } of pictures) {
    const size = () => [sideField(fields, 'height'), sideField(fields, 'width')] as const;
    // Boxes need none: what is no size is not said, as for pycocotools, which does not look at it.
    if (type === 'segm' || (isPixels(fields['height']) && isPixels(fields['width']))) sizes[images.get(id)!] = attempt(size, (reason) => wrong(`image ${id}`, reason));
  }
  const truths: GroundTruth[][] = [...images].map(() => []);
  const odd: string[] = [];
  const passedOver: string[] = [];
  for (const { id, fields } of listed('annotations')) {
    attempt(() => {
      const [shown, named] = [integerField(fields, 'image_id'), integerField(fields, 'category_id')];
      const [image, category] = [images.get(shown), categories.get(named)];
      if (image === undefined || category === undefined) {
        passedOver.push(`annotation ${id} (${image === undefined ? `image_id ${shown}` : `category_id ${named}`})`);
        return;
      }
      const truth: GroundTruth = {
        id,
        category,
        box: type === 'bbox' ? boxField(fields) : [0, 0, 0, 0],
        area: numberField(fields, 'area'),
        mask: type === 'segm' ? maskIn(fields, sizes[image]!) : null,
        crowd: fields['iscrowd'] === true || (fields['iscrowd'] !== undefined && fields['iscrowd'] !== false && numberField(fields, 'iscrowd') !== 0),
        difficult: false,
      };
      truths[image]!.push(truth);
      const reason = oddness(truth, type, sizes[image]!);
      if (reason !== null) odd.push(`annotation ${id}: ${reason}`);
    }, (reason) => wrong(`annotation ${id}`, reason));
  }
  return { path, images, categories, truths, sizes, odd, passedOver };
}

/** What is wrong with an object, or a detection, that can be counted all the same; null: nothing. */
export function oddness({ box: [left, top, width, height], area = 0, mask }: Pick<GroundTruth, 'box' | 'mask'> & { readonly area?: number }, type: OverlapType, size: readonly [number, number] | null): string | null {
  if (area < 0) return `its area is ${area}`;
  if (type === 'segm') return mask !== null && maskArea(mask) === 0 ? 'its mask is empty' : null;
  const told = (): string => `its box [${[left, top, width, height].join(', ')}]`;
  if (width <= 0 || height <= 0) return `${told()} has no area`;
  if (size !== null && (left < -1 || top < -1 || left + width > size[1] + 1 || top + height > size[0] + 1)) return `${told()} lies outside its image of ${size[0]} x ${size[1]} pixels (height x width)`;
  return null;
}

/** The index of an id that the truth has to have. */
export function known(ids: ReadonlyMap<number, number>, id: number, field: string, what: string): number {
  const index = ids.get(id);
  if (index === undefined) throw new RangeError(`${field} is ${id}, and there is no ${what} with this id`);
  return index;
}

/** Height and width of a result's image. */
export function pictureOf(size: readonly [number, number] | null): readonly [number, number] {
  if (size === null) throw new RangeError('its image has no height and width in the ground truth');
  return size;
}

export const maskIn = (fields: Fields, size: readonly [number, number] | null): Rle => segmentationMask(segmentationField(fields), ...pictureOf(size));

/** Runs `read`; what it finds wrong becomes an error that says where. */
export function attempt<T>(read: () => T, describe: (reason: string) => DataError): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof RangeError ? describe(messageOf(error)) : error;
  }
}
