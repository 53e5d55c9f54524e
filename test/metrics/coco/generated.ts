import { boxMask, compressCounts, polygonMask } from '../../../src/metrics/index.js';
import type { CocoSegmentation, Rle } from '../../../src/metrics/index.js';

/*
 * Data sets from a seed, in integers and divisions by powers of two alone: scripts/reference/coco.py draws the same ones, so that
 * only pycocotools' numbers need to be kept.
 */

export type Numbers = [number, number, number, number];
export interface Annotation { readonly id: number; readonly image_id: number; readonly category_id: number; readonly bbox: Numbers; readonly area: number; readonly iscrowd: 0 | 1; readonly segmentation: CocoSegmentation }
export interface Instances { readonly images: readonly { id: number; height: number; width: number }[]; readonly categories: readonly { id: number; name: string }[]; readonly annotations: readonly Annotation[] }
export interface Result { readonly image_id: number; readonly category_id: number; readonly score: number; readonly bbox: Numbers; readonly segmentation: { readonly size: [number, number]; readonly counts: string } }

/** xorshift32 (Marsaglia 2003). `draw(n)` is in 0..n-1. */
export function drawer(seed: number): (n: number) => number {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  return (n) => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state % n;
  };
}

/** Even seeds have scores that are all different, odd ones many ties. Every tenth has an object whose id is 0. */
export function generated(seed: number): { readonly truth: Instances; readonly results: readonly Result[] } {
  const draw = drawer(seed);
  const imageCount = 1 + draw(8);
  const first = draw(100);
  // Files list images in any order, and ids have gaps.
  const images = Array.from({ length: imageCount }, (_, i) => ({ id: first + ((i * 7) % 11) * 3, height: 20 + draw(140), width: 20 + draw(140) }));
  const categories = Array.from({ length: 1 + draw(4) }, (_, i) => ({ id: 90 - 7 * i, name: `class ${i}` }));
  const annotations: Annotation[] = [];
  const results: Result[] = [];
  let id = seed % 10 === 0 ? 0 : 1;

  const box = (height: number, width: number): Numbers => {
    const [left, top] = [draw(4 * width), draw(4 * height)];
    return [left / 4, top / 4, (1 + draw(4 * width - left)) / 4, (1 + draw(4 * height - top)) / 4];
  };
  /** Corners on the box's sides and within it. */
  const polygon = ([left, top, width, height]: Numbers): number[] =>
    [left, top + (height * draw(3)) / 8, left + (width * (3 + draw(3))) / 8, top, left + width, top + (height * (3 + draw(3))) / 8, left + (width * (6 + draw(3))) / 8, top + height, left + (width * draw(3)) / 8, top + height];
  const score = (): number => (seed % 2 === 0 ? (draw(1000) * 1024 + results.length) / 1_048_576 : (1 + draw(8)) / 8);
  const compressed = ({ size, counts }: Rle): Result['segmentation'] => ({ size: [size[0], size[1]], counts: compressCounts(counts) });

  for (const { id: image, height, width } of images) {
    const own: Annotation[] = [];
    for (let i = draw(7); i > 0; i--) {
      const bbox = box(height, width);
      const crowd = draw(8) === 0;
      const category = categories[draw(categories.length)]!.id;
      const area = (bbox[2] * bbox[3] * (4 + draw(5))) / 8;
      own.push({ id: id++, image_id: image, category_id: category, bbox, area, iscrowd: crowd ? 1 : 0, segmentation: crowd ? { size: [height, width], counts: [...boxMask(bbox, height, width).counts] } : [polygon(bbox)] });
    }
    annotations.push(...own);
    for (const { category_id, bbox: [left, top, wide, high] } of own) {
      for (let i = draw(3); i > 0; i--) {
        const moved: Numbers = [left + (draw(9) - 4) / 4, top + (draw(9) - 4) / 4, (wide * (12 + draw(9))) / 16, (high * (12 + draw(9))) / 16];
        const category = draw(10) === 0 ? categories[draw(categories.length)]!.id : category_id;
        results.push({ image_id: image, category_id: category, score: score(), bbox: moved, segmentation: compressed(polygonMask(polygon(moved), height, width)) });
      }
    }
    for (let i = draw(4); i > 0; i--) {
      const bbox = box(height, width);
      results.push({ image_id: image, category_id: categories[draw(categories.length)]!.id, score: score(), bbox, segmentation: compressed(boxMask(bbox, height, width)) });
    }
  }
  return { truth: { images, categories, annotations }, results };
}
