import { compressCounts, polygonMask } from '../../src/metrics/index.js';
import { stream } from '../../src/random.js';

/** As many as in COCO's val2017. */
export const sizes = { images: 5000, annotations: 36_000, detections: 36_000, categories: 80 };

/** A data set and detections on it with masks, in COCO's formats: objects of all three area ranges, a hundredth crowds. */
export function dataSet(seed: number): { readonly truth: unknown; readonly results: unknown } {
  const random = stream(seed, 'bench-coco', 0, 0);
  const [width, height] = [640, 480];
  const images = Array.from({ length: sizes.images }, (_, i) => ({ id: i + 1, file_name: `${i + 1}.jpg`, height, width }));
  const categories = Array.from({ length: sizes.categories }, (_, i) => ({ id: i + 1, name: `class ${i + 1}` }));
  const rounded = (value: number): number => Math.round(value * 100) / 100;

  const outline = (x: number, y: number, wide: number, high: number): number[] => {
    const corners = 12 + random.integer(24);
    return Array.from({ length: corners }, (_, i) => {
      const angle = (2 * Math.PI * i) / corners;
      const radius = random.between(0.8, 1);
      return [rounded(x + (wide / 2) * (1 + radius * Math.cos(angle))), rounded(y + (high / 2) * (1 + radius * Math.sin(angle)))];
    }).flat();
  };
  const compressed = (polygon: readonly number[]) => ({ size: [height, width], counts: compressCounts(polygonMask(polygon, height, width).counts) });

  const annotations = Array.from({ length: sizes.annotations }, (_, i) => {
    const wide = Math.min(width - 2, Math.exp(random.between(2, 6)));
    const high = Math.min(height - 2, wide * random.between(0.6, 1.6));
    const bbox = [random.between(0, width - wide), random.between(0, height - high), wide, high].map(rounded) as [number, number, number, number];
    const polygon = outline(...bbox);
    const crowd = random.integer(100) === 0;
    return {
      id: i + 1, image_id: 1 + random.integer(sizes.images), category_id: 1 + random.integer(sizes.categories), bbox, area: rounded(wide * high * 0.64),
      iscrowd: crowd ? 1 : 0, segmentation: crowd ? { size: [height, width], counts: polygonMask(polygon, height, width).counts } : [polygon],
    };
  });
  // Two of three lie on an object.
  const results = Array.from({ length: sizes.detections }, () => {
    const { image_id, category_id, bbox: [x, y, wide, high] } = annotations[random.integer(annotations.length)]!;
    const near = random.integer(3) > 0 ? 0.1 : 1;
    const bbox = [x + wide * random.between(-near, near), y + high * random.between(-near, near), wide, high].map(rounded) as [number, number, number, number];
    return { image_id, category_id, bbox, score: rounded(random.uniform()) + random.integer(1000) / 1e6, segmentation: compressed(outline(...bbox)) };
  });
  return { truth: { images, categories, annotations }, results };
}
