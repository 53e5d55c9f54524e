import { maskBox, segmentationMask } from '../../../src/metrics/index.js';
import type { CocoSegmentation, Detection, GroundTruth } from '../../../src/metrics/index.js';

interface FileTruth {
  readonly images: readonly { readonly id: number; readonly height: number; readonly width: number }[];
  readonly categories: readonly { readonly id: number }[];
  readonly annotations: readonly { readonly id: number; readonly image_id: number; readonly category_id: number; readonly bbox: readonly number[]; readonly area: number; readonly iscrowd: number; readonly segmentation?: CocoSegmentation }[];
}
interface FileResult { readonly image_id: number; readonly category_id: number; readonly score: number; readonly bbox?: readonly number[]; readonly segmentation?: CocoSegmentation }

export interface Inputs {
  readonly truths: readonly (readonly GroundTruth[])[];
  readonly found: readonly (readonly Detection[])[];
  /** Ids by index, ascending. */
  readonly categories: readonly number[];
}

/** What COCO's files hold as `evaluateCoco` takes it, images and classes by ascending id. */
export function inputs(truth: FileTruth, results: readonly FileResult[]): Inputs {
  const images = [...truth.images].sort((a, b) => a.id - b.id);
  const categories = truth.categories.map(({ id }) => id).sort((a, b) => a - b);
  const mask = (segmentation: CocoSegmentation | undefined, { height, width }: { height: number; width: number }) => (segmentation === undefined ? null : segmentationMask(segmentation, height, width));
  return {
    categories,
    truths: images.map((image) => truth.annotations.filter(({ image_id }) => image_id === image.id).map((one) => ({
      id: one.id, category: categories.indexOf(one.category_id), box: one.bbox as unknown as GroundTruth['box'], area: one.area,
      mask: mask(one.segmentation, image), crowd: one.iscrowd === 1, difficult: false,
    }))),
    found: images.map((image) => results.filter(({ image_id }) => image_id === image.id).map((one) => {
      const own = mask(one.segmentation, image);
      return { category: categories.indexOf(one.category_id), score: one.score, box: (one.bbox ?? maskBox(own!)) as Detection['box'], mask: own };
    })),
  };
}
