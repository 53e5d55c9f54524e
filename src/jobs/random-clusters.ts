import type { Clusters } from '../methods/method.js';
import { unitRows } from '../models/feature-rows.js';
import { stream } from '../random.js';

/** Clusters that cost a training what learnt ones do: so many, of so many images. */
export function randomClusters(count: number, width: number, images: number): Clusters {
  const draws = stream(0, 'measure/clusters');
  const centres = unitRows({ data: Float32Array.from({ length: count * width }, () => draws.normal()), rows: count, width });
  return { centres: { shape: [count, width], data: centres.data }, assignments: Int32Array.from({ length: images }, (_, i) => i % count) };
}
