import type { ClusterOptions } from '../methods/method.js';
import { patchCount, patchValues } from '../models/config.js';
import type { VitConfig } from '../models/config.js';
import { encoderMacs } from '../models/flops.js';

/** Numbers for the plan, before anything has run. What really ran is counted by the jobs themselves. */

/** The rule of a schedule's length, for the plan and for the job. Optimiser steps of so many epochs: whole steps, at least one. */
export const pretrainSteps = (images: number, epochs: number, batchSize: number): number => Math.max(1, Math.round((epochs * images) / batchSize));

/** Finished steps at shares of a schedule. The plan sees to it that they are different, and before the end. */
export const snapshotSteps = (shares: readonly number[], totalSteps: number): readonly number[] => shares.map((share) => Math.round(share * totalSteps));

/** Multiply-adds x 2 of one image through the encoder, forward, all patches and a cls token: matrix products only. */
export const forwardFlops = (vit: VitConfig): number => 2 * encoderMacs(vit);

/** Passes over all rows and centres: a start, two an epoch and the last assignment, or k-means' start and one a round. */
const passes = { sinkhorn: (epochs: number) => 2 + 2 * epochs, 'k-means': (epochs: number) => 1 + epochs, random: () => 0 } as const;

/** Multiply-adds x 2 of a clustering's dot products, of a k-means that does not stop early. */
export const clusteringFlops = ({ algorithm, count, epochs }: ClusterOptions, images: number, width: number): number =>
  2 * images * count * width * passes[algorithm](epochs);

/** Those of a whole clustering: features of every image, and the dot products. */
export const clusterJobFlops = (clusters: ClusterOptions, images: number, vit: VitConfig): number => images * forwardFlops(vit) + clusteringFlops(clusters, images, vit.width);

/** Bytes of an encoder's weights in float32. */
export function encoderBytes(vit: VitConfig): number {
  const { width, depth, mlpRatio } = vit;
  const block = width * width * (4 + 2 * mlpRatio) + width * (9 + mlpRatio);
  return 4 * (patchValues(vit) * width + (patchCount(vit) + 3) * width + depth * block);
}

/**
 * Bytes that a process takes at its highest while it trains: the libraries and a small model, the weights with their gradients, moments
 * and copies, and what a batch keeps for its backward pass, which follows its operations. Within a quarter of what ViT-Ti, S and B took
 * with batches of 8 (MAE, MixedAE and iBOT, docs/example/speed-vs-ibot.md); larger batches go in turns and take less.
 *
 * @param flops of one image in a training step
 */
export const trainingBytes = (vit: VitConfig, flops: number, batch: number): number => 1.2e9 + 9 * encoderBytes(vit) + 0.0025 * batch * flops;

/** So many things spread over `places` in order, as evenly as whole ones can be: the first place comes first. */
export function spread(things: number, places: number): readonly number[] {
  const counts = Array.from({ length: places }, () => 0);
  for (let i = 0; i < things; i++) counts[Math.floor((i * places) / things)]! += 1;
  return counts;
}
