import { join } from 'node:path';
import type { Clusters } from '../methods/method.js';
import { readSafetensors, writeSafetensors } from '../training/safetensors.js';

/** The clusters' file in the folder of a `cluster` job: `centres` [count, width], `assignments` [images] (whole numbers), `mean` [width], all F32. */
export const clusterFile = 'clusters.safetensors';

/** Clusters with the mean of the features, which is taken from every feature before it is made length 1. */
export interface StoredClusters extends Clusters { readonly mean: Float32Array }

export const writeClusters = (folder: string, { centres, assignments, mean }: StoredClusters): Promise<void> =>
  writeSafetensors(join(folder, clusterFile), new Map([
    ['centres', centres],
    ['assignments', { shape: [assignments.length], data: Float32Array.from(assignments) }],
    ['mean', { shape: [mean.length], data: mean }],
  ]));

/** The clusters of a finished `cluster` job. */
export async function readClusters(folder: string): Promise<StoredClusters> {
  const tensors = await readSafetensors(join(folder, clusterFile));
  return { centres: tensors.get('centres')!, assignments: Int32Array.from(tensors.get('assignments')!.data), mean: tensors.get('mean')!.data };
}
