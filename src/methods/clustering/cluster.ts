import { type Rows, unitRows } from '../../models/feature-rows.js';
import { stream } from '../../random.js';
import type { ClusterOptions } from '../method.js';
import { balancedAssignments } from './balanced.js';
import { kMeans } from './k-means.js';
import { learnCentres } from './learnt-centres.js';
import { clusterMeans, products } from './rows.js';
import { spreadRows } from './seeding.js';
import { sinkhorn } from './sinkhorn.js';

export interface Clustered {
  /** float32 [count, width], rows of length 1. */
  readonly centres: Rows;
  /** Cluster of each row; every cluster has one. */
  readonly assignments: Int32Array;
  /** Multiply-adds counted twice, of the dot products with the centres. */
  readonly flops: number;
}

/**
 * Clusters rows of length 1, at least as many as there are clusters. A function of rows, options and seed alone. The centres of k-means and of random clusters
 * are the means of their rows, scaled to length 1.
 *
 * @param progress Called after each step or round, with the share that is done.
 */
export async function cluster(features: Rows, options: ClusterOptions, seed: number, progress: (share: number) => Promise<void>): Promise<Clustered> {
  const { count, epochs } = options;
  const pass = 2 * features.rows * count * features.width;
  switch (options.algorithm) {
    case 'sinkhorn': {
      const centres = await learnCentres(features, options, seed, progress);
      const liking = sinkhorn(products(features, centres), features.rows, count, options.epsilon, options.last_iterations);
      // A start, two products a step, and the last assignment.
      return { centres, assignments: balancedAssignments(liking, features.rows, count), flops: pass * (2 + 2 * epochs) };
    }
    case 'k-means': {
      const { centres, assignments, rounds } = await kMeans(features, spreadRows(features, count, stream(seed, 'cluster/start')), epochs, (round) => progress(round / epochs));
      return { centres: unitRows(centres), assignments, flops: pass * (1 + rounds) };
    }
    case 'random': {
      const assignments = new Int32Array(features.rows);
      stream(seed, 'cluster/random').permutation(features.rows).forEach((image, place) => { assignments[image] = place % count; });
      return { centres: unitRows(clusterMeans(features, assignments, count)), assignments, flops: 0 };
    }
  }
}
