import { expect, it } from 'vitest';
import { stream } from '../../../src/random.js';
import { partOf, seedEvidence } from '../../../src/results/claims/part.js';
import type { Series } from '../../../src/results/effects/index.js';
import type { ClaimBound } from '../../../src/suite/resolved.js';

/** Five seeds around `truth` with a standard deviation of 1, each judged on images of its own with hardly any noise. */
function series(truth: number, round: number): Series {
  const { normal } = stream(11, 'test/claims', round);
  return Array.from({ length: 5 }, (_, seed) => {
    const value = truth + normal();
    return { seed, value, replicates: Float64Array.from({ length: 20 }, () => value + 1e-6 * normal()), images: [`${seed}`] };
  });
}

/** Shares of verdicts over many repetitions. */
function shares(truth: number, bound: ClaimBound): Readonly<Record<string, number>> {
  const rounds = 800;
  const counts: Record<string, number> = { supported: 0, refuted: 0, unresolved: 0 };
  for (let round = 0; round < rounds; round++) {
    counts[partOf(seedEvidence({ series: series(truth, round), doubt: null }, { on: '', protocolHashes: [] }, bound), bound).verdict]! += 1 / rounds;
  }
  return counts;
}

it('at its bound a claim is supported, and refuted, in 2.5 % of runs', () => {
  const { supported, refuted } = shares(0.3, { kind: 'above', value: 0.3, tolerance: 0 });
  // 20 of 800, standard deviation 4.4.
  expect(supported).toBeGreaterThan(0.01);
  expect(supported).toBeLessThan(0.042);
  expect(refuted).toBeGreaterThan(0.01);
  expect(refuted).toBeLessThan(0.042);
});

it('far from it, it is decided, and with a tolerance so is no difference', () => {
  expect(shares(4, { kind: 'above', value: 0, tolerance: 0 })['supported']).toBeGreaterThan(0.95);
  expect(shares(0, { kind: 'at_least', value: 0, tolerance: 4 })['supported']).toBeGreaterThan(0.95);
  expect(shares(-4, { kind: 'at_least', value: 0, tolerance: 0 })['refuted']).toBeGreaterThan(0.95);
});
