import { boxMask, type CocoSegmentation, compressCounts, segmentationMask } from '../../../src/metrics/index.js';
import { drawer, type Instances, type Numbers, type Result } from './generated.js';

/** Detections on a data set (missed, found once or twice, moved, with ties, of wrong classes, beside objects): scripts/reference/coco.py draws the same. */
export function simulated({ images, categories, annotations }: Instances, seed: number): readonly Result[] {
  const draw = drawer(seed);
  const sizes = new Map(images.map(({ id, height, width }) => [id, [height, width] as const]));
  const results: Result[] = [];
  for (const [number, { image_id, category_id, bbox: [left, top, wide, high], segmentation }] of annotations.entries()) {
    const [height, width] = sizes.get(image_id)!;
    for (let i = [0, 1, 1, 2][draw(4)]! + (number % 5 === 0 ? 1 : 0); i > 0; i--) {
      const far = draw(6) === 0 ? 40 : 1;
      const dx = (far * (draw(9) - 4)) / 4;
      const dy = (far * (draw(9) - 4)) / 4;
      const bbox: Numbers = [left + dx, top + dy, (wide * (12 + draw(9))) / 16, (high * (12 + draw(9))) / 16];
      const category = draw(12) === 0 ? categories[draw(categories.length)]!.id : category_id;
      const score = (1 + draw(200)) / 256;
      const { counts } = isPolygons(segmentation)
        ? segmentationMask(segmentation.map((polygon) => polygon.map((value, at) => value + (at % 2 === 1 ? dy : dx))), height, width)
        : boxMask(bbox, height, width);
      results.push({ image_id, category_id: category, score, bbox, segmentation: { size: [height, width], counts: compressCounts(counts) } });
    }
  }
  return results;
}

const isPolygons = (segmentation: CocoSegmentation): segmentation is readonly (readonly number[])[] => Array.isArray(segmentation);
