import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { balancedAssignments } from '../../../src/methods/clustering/balanced.js';
import { kMeans } from '../../../src/methods/clustering/k-means.js';
import { centreGradient } from '../../../src/methods/clustering/learnt-centres.js';
import { ownCosines, purity, typicalRows } from '../../../src/methods/clustering/quality.js';
import { clusterMeans, nearestCentres, products } from '../../../src/methods/clustering/rows.js';
import { spreadRows } from '../../../src/methods/clustering/seeding.js';
import { sinkhorn } from '../../../src/methods/clustering/sinkhorn.js';
import { type Rows, unitRows } from '../../../src/models/feature-rows.js';
import { stream } from '../../../src/random.js';

interface Reference {
  readonly sinkhorn: readonly { readonly rows: number; readonly clusters: number; readonly epsilon: number; readonly iterations: number; readonly scores: readonly number[]; readonly q: readonly number[] }[];
  readonly kMeans: readonly { readonly rows: number; readonly clusters: number; readonly width: number; readonly points: readonly number[]; readonly start: readonly number[]; readonly centres: readonly number[]; readonly assignments: readonly number[] }[];
}
/** From numpy and scikit-learn: scripts/reference/clustering.py. */
const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference;

const rowsOf = (values: readonly number[], width: number): Rows => ({ data: Float32Array.from(values), rows: values.length / width, width });
const quiet = (): Promise<void> => Promise.resolve();
const drawn = (purpose: string, length: number): Float64Array => {
  const draws = stream(0, purpose);
  return Float64Array.from({ length }, () => draws.normal());
};
const sums = (values: Float64Array, columns: number): { readonly rows: readonly number[]; readonly columns: readonly number[] } => ({
  rows: Array.from({ length: values.length / columns }, (_, i) => values.subarray(i * columns, (i + 1) * columns).reduce((a, b) => a + b, 0)),
  columns: Array.from({ length: columns }, (_, k) => values.filter((_, at) => at % columns === k).reduce((a, b) => a + b, 0)),
});

describe('Sinkhorn-Knopp', () => {
  it.each(reference.sinkhorn.map((one, index) => [index, one] as const))('gives what the published loop gives in numpy, case %i', (_, { rows, clusters, epsilon, iterations, scores, q }) => {
    const found = sinkhorn(Float64Array.from(scores), rows, clusters, epsilon, iterations);
    found.forEach((value, i) => { expect(value).toBeCloseTo(q[i]!, 12); });
  });

  it('gives every row a sum of 1 and, in the end, every cluster an equal mass', () => {
    const { rows, columns } = sums(sinkhorn(drawn('scores', 60 * 5), 60, 5, 0.3, 200), 5);
    for (const sum of rows) expect(sum).toBeCloseTo(1, 12);
    for (const sum of columns) expect(sum).toBeCloseTo(12, 6);
  });

  it('says that epsilon is too small where nothing is left of a row', () => {
    expect(() => sinkhorn(Float64Array.from([1, 0.9, -1, -1]), 2, 2, 1e-3, 3)).toThrow('an epsilon of 0.001 leaves images or clusters without any mass');
  });
});

describe('the balanced assignment', () => {
  it('gives every row its first choice where that is balanced', () => {
    expect([...balancedAssignments(Float64Array.from([0.9, 0.1, 0.2, 0.8, 0.7, 0.3, 0.4, 0.6]), 4, 2)]).toEqual([0, 1, 0, 1]);
  });

  it('sends on who likes a full cluster least, by hand', () => {
    // All like cluster 0 best, which has room for two of five, and one more as the favourite; the third has 1 as its next, the last two 1 and 2.
    const liking = [0.9, 0.05, 0.05, 0.8, 0.1, 0.1, 0.5, 0.4, 0.1, 0.6, 0.3, 0.1, 0.7, 0.05, 0.25];
    // Sizes: floor(5 / 3) = 1, the two left over go to cluster 0 (5 first choices) and 1 (of equal rank the lower). 0 keeps 0.9 and 0.8.
    expect([...balancedAssignments(Float64Array.from(liking), 5, 3)]).toEqual([0, 0, 1, 1, 2]);
  });

  it('settles ties by the lower cluster and the lower row', () => {
    expect([...balancedAssignments(new Float64Array(7 * 3).fill(1 / 3), 7, 3)]).toEqual([0, 0, 0, 1, 1, 2, 2]);
  });

  it('has sizes that differ by one at most, is stable, and moves with its rows', () => {
    const [rows, clusters] = [53, 6];
    const liking = drawn('liking', rows * clusters);
    const assigned = balancedAssignments(liking, rows, clusters);
    const sizes = Array.from({ length: clusters }, (_, k) => assigned.filter((cluster) => cluster === k).length);
    expect([...sizes].sort()).toEqual([8, 9, 9, 9, 9, 9]);
    // No row and cluster would both rather have each other.
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < clusters; k++) {
        const rowWould = liking[i * clusters + k]! > liking[i * clusters + assigned[i]!]!;
        const clusterWould = assigned.some((cluster, j) => cluster === k && liking[j * clusters + k]! < liking[i * clusters + k]!);
        expect(rowWould && clusterWould).toBe(false);
      }
    }
    const order = stream(1, 'order').permutation(rows);
    const moved = balancedAssignments(Float64Array.from({ length: rows * clusters }, (_, at) => liking[order[Math.floor(at / clusters)]! * clusters + (at % clusters)]!), rows, clusters);
    expect([...moved]).toEqual(Array.from(order, (row) => assigned[row]));
  });
});

describe('k-means', () => {
  it.each(reference.kMeans.map((one, index) => [index, one] as const))('ends as scikit-learn does from the same start, case %i', async (_, { width, points, start, centres, assignments }) => {
    const found = await kMeans(rowsOf(points, width), rowsOf(start, width), 300, quiet);
    expect([...found.assignments]).toEqual(assignments);
    found.centres.data.forEach((value, i) => { expect(value).toBeCloseTo(centres[i]!, 5); });
  });

  it('moves with its rows', async () => {
    const { width, points, start, assignments } = reference.kMeans[1]!;
    const rows = points.length / width;
    const order = stream(2, 'order').permutation(rows);
    const moved = rowsOf(Array.from(order).flatMap((row) => points.slice(row * width, (row + 1) * width)), width);
    expect([...(await kMeans(moved, rowsOf(start, width), 300, quiet)).assignments]).toEqual(Array.from(order, (row) => assignments[row]));
  });

  it('gives an empty cluster the row that lies farthest from its own centre', async () => {
    // The third centre has no row: 5 lies 4 from its centre 1, farther than any other.
    const { assignments, centres } = await kMeans(rowsOf([0, 1, 5, 20, 21], 1), rowsOf([1, 20, 100], 1), 1, quiet);
    expect([...assignments]).toEqual([0, 0, 2, 1, 1]);
    expect([...centres.data]).toEqual([0.5, 20.5, 5]);
  });

  it('never leaves a cluster empty for another, and takes equally far rows in order', async () => {
    const { assignments } = await kMeans(rowsOf([7, 7, 7], 1), rowsOf([7, 8, 9], 1), 5, quiet);
    expect([...assignments]).toEqual([1, 2, 0]);
  });

  it('stops at its limit', async () => {
    const { points, start, width } = reference.kMeans[1]!;
    expect((await kMeans(rowsOf(points, width), rowsOf(start, width), 2, quiet)).rounds).toBe(2);
  });
});

describe('spread rows', () => {
  it('takes the next with a probability in proportion to the squared distance', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 4000; seed++) {
      const taken = [...spreadRows(rowsOf([0, 1, 3], 1), 2, stream(seed, 'spread')).data].join();
      counts.set(taken, (counts.get(taken) ?? 0) + 1);
    }
    // First 0: 1 and 9 of 10; first 1: 1 and 4 of 5; first 3: 9 and 4 of 13.
    const expected = { '0,1': 0.1, '0,3': 0.9, '1,0': 0.2, '1,3': 0.8, '3,0': 9 / 13, '3,1': 4 / 13 };
    expect([...counts.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [taken, share] of Object.entries(expected)) expect(Math.abs(counts.get(taken)! / 4000 - share / 3)).toBeLessThan(0.025);
  });

  it('takes rows that are equal in order, none twice', () => {
    expect([...spreadRows(rowsOf([2, 2, 2], 1), 3, stream(0, 'spread')).data]).toEqual([2, 2, 2]);
  });
});

describe('the gradient of learnt centres', () => {
  it('is that of the cross-entropy, by differences', () => {
    const [rows, count, width, temperature] = [6, 3, 4, 0.3];
    const features = unitRows(rowsOf([...drawn('features', rows * width)], width));
    const centres = unitRows(rowsOf([...drawn('centres', count * width)], width));
    const targets = sinkhorn(products(features, centres), rows, count, 0.1, 3);
    const loss = (at: number, by: number): number => {
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        const scores = Array.from({ length: count }, (_, k) => {
          let score = 0;
          for (let j = 0; j < width; j++) score += features.data[i * width + j]! * (centres.data[k * width + j]! + (k * width + j === at ? by : 0));
          return score / temperature;
        });
        const all = Math.log(scores.reduce((total, score) => total + Math.exp(score), 0));
        scores.forEach((score, k) => { sum -= targets[i * count + k]! * (score - all); });
      }
      return sum / rows;
    };
    const gradient = centreGradient(features, products(features, centres), targets, temperature);
    gradient.forEach((value, at) => { expect(value).toBeCloseTo((loss(at, 1e-5) - loss(at, -1e-5)) / 2e-5, 7); });
  });
});

describe('rows', () => {
  it('products, means, lengths and the nearest centre are what they are by hand', () => {
    const features = rowsOf([3, 4, 0, 2, -1, 0], 2);
    const centres = rowsOf([1, 0, 0, 1, -1, 0, 0, -1, 2, 2], 2);
    expect([...products(features, centres)]).toEqual([3, 4, -3, -4, 14, 0, 2, 0, -2, 4, -1, 0, 1, 0, -2]);
    expect([...unitRows(features).data]).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 1, -1, 0]);
    expect([...unitRows(rowsOf([3, 5, 1, 1], 2), [0, 1]).data]).toEqual([Math.fround(0.6), Math.fround(0.8), 1, 0]);
    expect([...unitRows(rowsOf([0, 0], 2)).data]).toEqual([0, 0]);
    expect([...nearestCentres(features, unitRows(centres))]).toEqual([4, 1, 2]);
    expect([...clusterMeans(features, [1, 0, 1], 2).data]).toEqual([0, 2, 1, 2]);
  });
});

describe('quality', () => {
  it('purity counts rows whose label is their cluster\'s most frequent, of those that have one', () => {
    const labels = ['a', 'a', 'b', 'b', 'c', null];
    expect(purity([0, 0, 0, 1, 1, 1], labels, 2)).toBe((2 + 1) / 5);
    expect(purity([0, 1], [null, null], 2)).toBeNull();
  });

  it('shows the largest clusters, the nearest rows first, as many of each', () => {
    const features = unitRows(rowsOf([1, 0, 4, 3, 3, 4, 0, 1, -1, 0], 2));
    const cosines = ownCosines(features, rowsOf([1, 0, 0, 1, -1, 0], 2), Int32Array.of(0, 0, 1, 1, 2));
    [1, 0.8, 0.8, 1, 1].forEach((value, i) => { expect(cosines[i]).toBeCloseTo(value, 6); });
    expect(typicalRows(Int32Array.of(0, 0, 1, 1, 2), cosines, 3, 2, 5)).toEqual([{ cluster: 0, rows: [0, 1] }, { cluster: 1, rows: [3, 2] }]);
  });
});
