import { type Rows, unitRows } from '../../models/feature-rows.js';
import { stream } from '../../random.js';
import type { ClusterOptions } from '../method.js';
import { pick, products } from './rows.js';
import { spreadRows } from './seeding.js';
import { sinkhorn } from './sinkhorn.js';

/** Images of a step at most where the options leave it open: so many, or so many for each cluster where that is more. */
const batchImages = 1024;
const batchImagesPerCluster = 8;

/**
 * Centres of length 1 that are learnt (methods.md 4.3): in each step a batch gets balanced soft assignments q by `sinkhorn` of its
 * cosines to the centres, and the centres descend the cross-entropy of q and softmax(cosines / temperature), then are
 * scaled to length 1 again. Plain gradient descent at the rate `r * count * temperature`, r falling from `rate` to 0 along half a
 * cosine: the gradient of a centre is a mean over its share of the images, 1 / count, divided by the temperature. They begin as images, spread out. Batches of an epoch differ by one image at most.
 */
export async function learnCentres(features: Rows, options: ClusterOptions, seed: number, progress: (share: number) => Promise<void>): Promise<Rows> {
  const { count, epochs, epsilon, iterations, temperature, rate: firstRate } = options;
  const images = options.batch_size === 'auto' ? Math.max(batchImages, batchImagesPerCluster * count) : options.batch_size;
  const batches = Math.ceil(features.rows / images);
  let centres = spreadRows(features, count, stream(seed, 'cluster/start'));
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = stream(seed, 'cluster/order', epoch).permutation(features.rows);
    for (let batch = 0; batch < batches; batch++) {
      const own = pick(features, order.subarray(Math.floor((batch * features.rows) / batches), Math.floor(((batch + 1) * features.rows) / batches)));
      const scores = products(own, centres);
      const gradient = centreGradient(own, scores, sinkhorn(scores, own.rows, count, epsilon, iterations), temperature);
      const step = epoch * batches + batch;
      const rate = firstRate * 0.5 * (1 + Math.cos((Math.PI * step) / (epochs * batches))) * count * temperature;
      centres = unitRows({ ...centres, data: centres.data.map((value, i) => value - rate * gradient[i]!) });
      await progress((step + 1) / (epochs * batches));
    }
  }
  return centres;
}

/**
 * Gradient, by the centres, of the mean over rows of -sum_k q_k log softmax(scores / temperature)_k: (1 / (rows * temperature)) sum_i (p_ik - q_ik) x_i.
 *
 * @param scores float64 [rows, count], dot products with the centres
 * @param targets float64 [rows, count], each row of sum 1
 * @returns float64 [count, width]
 */
export function centreGradient(features: Rows, scores: Float64Array, targets: Float64Array, temperature: number): Float64Array {
  const { rows, width } = features;
  const count = scores.length / rows;
  const gradient = new Float64Array(count * width);
  const weights = new Float64Array(count);
  for (let i = 0; i < rows; i++) {
    const start = i * count;
    let highest = -Infinity;
    for (let k = 0; k < count; k++) highest = Math.max(highest, scores[start + k]!);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      weights[k] = Math.exp((scores[start + k]! - highest) / temperature);
      sum += weights[k]!;
    }
    for (let k = 0; k < count; k++) {
      const weight = (weights[k]! / sum - targets[start + k]!) / (rows * temperature);
      for (let j = 0; j < width; j++) gradient[k * width + j] = gradient[k * width + j]! + weight * features.data[i * width + j]!;
    }
  }
  return gradient;
}
