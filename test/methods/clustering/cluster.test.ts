import { describe, expect, it } from 'vitest';
import { cluster, type Clustered } from '../../../src/methods/clustering/cluster.js';
import { centreGradient } from '../../../src/methods/clustering/learnt-centres.js';
import { clusterSizes, nearestCentres, products, row } from '../../../src/methods/clustering/rows.js';
import { spreadRows } from '../../../src/methods/clustering/seeding.js';
import { sinkhorn } from '../../../src/methods/clustering/sinkhorn.js';
import type { ClusterOptions } from '../../../src/methods/method.js';
import { type Rows, unitRows } from '../../../src/models/feature-rows.js';
import { stream } from '../../../src/random.js';

const options = (algorithm: ClusterOptions['algorithm'], own: Partial<ClusterOptions> = {}): ClusterOptions =>
  ({ count: 3, pool: 'mean', centred: true, algorithm, epochs: 20, epsilon: 0.05, iterations: 3, temperature: 0.1, batch_size: 'auto', rate: 0.5, last_iterations: 100, ...own });
const run = (features: Rows, given: ClusterOptions, seed = 0): Promise<Clustered> => cluster(features, given, seed, () => Promise.resolve());

/** Rows around three directions, one after the other in turns, and the blob of each. */
function blobs(each: number, width = 8): { readonly features: Rows; readonly blob: readonly number[] } {
  const draws = stream(4, 'blobs');
  const blob = Array.from({ length: 3 * each }, (_, i) => i % 3);
  const data = Float32Array.from(blob.flatMap((which) => Array.from({ length: width }, (_, j) => (j === which ? 1 : 0) + 0.1 * draws.normal())));
  return { features: unitRows({ data, rows: 3 * each, width }), blob };
}

/** Whether two assignments are one partition under two namings. */
const isSamePartition = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  new Set(Array.from(a, (value, i) => `${value} ${b[i]!}`)).size === new Set(Array.from(a)).size && new Set(Array.from(a)).size === new Set(Array.from(b)).size;

describe.each(['sinkhorn', 'k-means'] as const)('%s', (algorithm) => {
  it.each([0, 1, 2, 3, 4])('finds three well separated blobs, seed %i', async (seed) => {
    const { features, blob } = blobs(40);
    const { centres, assignments } = await run(features, options(algorithm), seed);
    expect(isSamePartition(assignments, blob)).toBe(true);
    expect([...nearestCentres(features, centres)]).toEqual([...assignments]);
    // A centre points into its blob; a learnt one only as far as the softmax needs it to.
    for (let k = 0; k < 3; k++) expect(row(centres, k)[blob[assignments.indexOf(k)]!]).toBeGreaterThan(0.9);
  });

  it('puts the same images together in whatever order they come', async () => {
    const { features, blob } = blobs(30);
    const order = stream(5, 'order').permutation(features.rows);
    const moved: Rows = { ...features, data: Float32Array.from(Array.from(order).flatMap((at) => [...row(features, at)])) };
    const { assignments } = await run(moved, options(algorithm));
    expect(isSamePartition(assignments, Array.from(order, (at) => blob[at]!))).toBe(true);
  });
});

describe('sinkhorn', () => {
  it('cuts blobs of unequal size into clusters of equal size', async () => {
    const { features } = blobs(40);
    const part: Rows = { ...features, rows: 100, data: features.data.slice(0, 100 * features.width) };
    const { assignments } = await run(part, options('sinkhorn', { count: 7 }));
    expect([...clusterSizes(assignments, 7)].sort()).toEqual([14, 14, 14, 14, 14, 15, 15]);
  });

  it('takes several batches an epoch where there are many images', async () => {
    const { features, blob } = blobs(700);
    expect(isSamePartition((await run(features, options('sinkhorn', { epochs: 4 }))).assignments, blob)).toBe(true);
  });

  it('goes through the features in batches of at most batch_size', async () => {
    const { features } = blobs(40);
    const steps = async (batch_size: ClusterOptions['batch_size'], count = 3): Promise<number> => {
      const shares: number[] = [];
      await cluster(features, options('sinkhorn', { epochs: 2, batch_size, count }), 0, (share) => Promise.resolve(void shares.push(share)));
      return shares.length;
    };
    expect(await steps('auto')).toBe(2);
    expect(await steps(120)).toBe(2);
    expect(await steps(119)).toBe(4);
    expect(await steps(50)).toBe(6);
  });

  it('moves its centres by one step of the gradient at the rate', async () => {
    const { features } = blobs(40);
    const rate = 0.125;
    const own = options('sinkhorn', { epochs: 1, rate });
    const start = spreadRows(features, 3, stream(0, 'cluster/start'));
    const scores = products(features, start);
    const gradient = centreGradient(features, scores, sinkhorn(scores, features.rows, 3, own.epsilon, own.iterations), own.temperature);
    const expected = unitRows({ ...start, data: start.data.map((value, i) => value - rate * 3 * own.temperature * gradient[i]!) });
    const { centres } = await run(features, own);
    centres.data.forEach((value, i) => expect(value).toBeCloseTo(expected.data[i]!, 5));
  });

  it('balances the last assignment in as many turns as asked', async () => {
    // Nearly all of three directions' images are of the first: one turn is far from equal mass, the sizes are equal all the same.
    const { features } = blobs(40);
    const part: Rows = { ...features, data: features.data.map((value, at) => (at % features.width === 0 ? value + 1 : value)) };
    const [one, many] = await Promise.all([run(unitRows(part), options('sinkhorn', { last_iterations: 1, count: 7 })), run(unitRows(part), options('sinkhorn', { count: 7 }))]);
    expect([...clusterSizes(one.assignments, 7)].sort()).toEqual([...clusterSizes(many.assignments, 7)].sort());
    expect([...one.assignments]).not.toEqual([...many.assignments]);
  });
});

describe.each(['sinkhorn', 'k-means', 'random'] as const)('%s', (algorithm) => {
  it('is a function of rows, options and seed, with centres of length 1 and no empty cluster', async () => {
    const { features } = blobs(40);
    const [one, again, other] = await Promise.all([run(features, options(algorithm)), run(features, options(algorithm)), run(features, options(algorithm), 1)]);
    expect(again).toEqual(one);
    expect([...other.assignments]).not.toEqual([...one.assignments]);
    for (let k = 0; k < 3; k++) expect(Math.hypot(...row(one.centres, k))).toBeCloseTo(1, 6);
    expect(Math.min(...clusterSizes(one.assignments, 3))).toBeGreaterThan(0);
  });

  it('takes one image a cluster where there are as many', async () => {
    const { features } = blobs(2);
    const { assignments } = await run(features, options(algorithm, { count: 6 }));
    expect([...assignments].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

it('random clusters have equal sizes, and the unit mean of their rows as centre', async () => {
  const features: Rows = { data: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1), rows: 4, width: 2 };
  const { centres, assignments, flops } = await run(features, options('random', { count: 2 }));
  expect([...clusterSizes(assignments, 2)]).toEqual([2, 2]);
  for (let k = 0; k < 2; k++) {
    const [a, b] = Array.from(assignments, (_, i) => i).filter((i) => assignments[i] === k).map((i) => i % 2) as [number, number];
    const expected = a === b ? [1 - a, a] : [Math.SQRT1_2, Math.SQRT1_2];
    row(centres, k).forEach((value, j) => { expect(value).toBeCloseTo(expected[j]!, 6); });
  }
  expect(flops).toBe(0);
});

it('counts the products of rows and centres', async () => {
  const { features } = blobs(40);
  const pass = 2 * 120 * 3 * 8;
  expect((await run(features, options('sinkhorn', { epochs: 5 }))).flops).toBe(pass * (1 + 2 * 5 + 1));
});
