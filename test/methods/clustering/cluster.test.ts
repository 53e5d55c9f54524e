import { describe, expect, it } from 'vitest';
import { cluster, type Clustered } from '../../../src/methods/clustering/cluster.js';
import { clusterSizes, nearestCentres, row } from '../../../src/methods/clustering/rows.js';
import type { ClusterOptions } from '../../../src/methods/method.js';
import { type Rows, unitRows } from '../../../src/models/feature-rows.js';
import { stream } from '../../../src/random.js';

const options = (algorithm: ClusterOptions['algorithm'], own: Partial<ClusterOptions> = {}): ClusterOptions =>
  ({ count: 3, pool: 'mean', centred: true, algorithm, epochs: 20, epsilon: 0.05, iterations: 3, temperature: 0.1, ...own });
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
