import { join } from 'node:path';
import type { Clusters } from '../methods/method.js';
import type { Pool } from '../protocols/pool.js';
import { readSafetensorsFile, toFloat32, writeSafetensors } from '../training/safetensors.js';

/**
 * The clusters' file in the folder of a `cluster` job: `centres` [count, width], `assignments` [images] (whole numbers), `mean` [width],
 * all F32; the metadata name the `pool`.
 */
export const clusterFile = 'clusters.safetensors';

/** Clusters with what makes a feature of an encoder's output: which one, and what is taken from it before it is made length 1. */
export interface StoredClusters extends Clusters {
  readonly pool: Pool;
  readonly mean: Float32Array;
}

export const writeClusters = (folder: string, { centres, assignments, mean, pool }: StoredClusters): Promise<void> =>
  writeSafetensors(join(folder, clusterFile), new Map([
    ['centres', centres],
    ['assignments', { shape: [assignments.length], data: Float32Array.from(assignments) }],
    ['mean', { shape: [mean.length], data: mean }],
  ]), { pool });

/** The clusters of a finished `cluster` job. */
export async function readClusters(folder: string): Promise<StoredClusters> {
  const path = join(folder, clusterFile);
  const { tensors, metadata } = await readSafetensorsFile(path);
  const values = (name: string): Float32Array => toFloat32(name, tensors.get(name)!, path);
  return {
    centres: { shape: tensors.get('centres')!.shape, data: values('centres') }, assignments: Int32Array.from(values('assignments')),
    mean: values('mean'), pool: metadata['pool'] as Pool,
  };
}
