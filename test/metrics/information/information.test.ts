import { describe, expect, it } from 'vitest';
import { conditionalEntropyBound, informationDifference } from '../../../src/metrics/information/index.js';
import { stream } from '../../../src/random.js';

/**
 * A closed form of what the claim is about. Hidden value t, visible part v of the same image, part w of another image that is mixed
 * in, jointly Gaussian with variance 1. Of masked input (v) and of mixed input (v, w) the information on t follows from the
 * conditional variances: I = -ln(Var(t | .)) / 2.
 */
interface World { readonly tv: number; readonly tw: number; readonly vw: number }
const varGivenV = ({ tv }: World): number => 1 - tv ** 2;
/** 1 minus the squared multiple correlation, by the 2 x 2 inverse. */
const varGivenVW = ({ tv, tw, vw }: World): number => 1 - (tv ** 2 + tw ** 2 - 2 * tv * tw * vw) / (1 - vw ** 2);
const truth = (world: World): number => Math.log(varGivenV(world) / varGivenVW(world)) / 2;

type Row = readonly [t: number, v: number, w: number];
/** Draws with t = a v + b w + rest. */
function sample(world: World, n: number, seed: number): readonly Row[] {
  const { normal } = stream(seed, 'test/information');
  const b = (world.tw - world.tv * world.vw) / (1 - world.vw ** 2);
  const a = world.tv - b * world.vw;
  return Array.from({ length: n }, (): Row => {
    const v = normal();
    const w = world.vw * v + Math.sqrt(1 - world.vw ** 2) * normal();
    return [a * v + b * w + Math.sqrt(varGivenVW(world)) * normal(), v, w];
  });
}

type Predict = (row: Row) => number;
/** Least squares of t on v, and on v and w. */
function fromV(fit: readonly Row[]): Predict {
  const slope = fit.reduce((sum, [t, v]) => sum + t * v, 0) / fit.reduce((sum, [, v]) => sum + v * v, 0);
  return ([, v]) => slope * v;
}
function fromVW(fit: readonly Row[]): Predict {
  const moment = (pick: (row: Row) => number): number => fit.reduce((sum, row) => sum + pick(row), 0);
  const [vv, ww, vw, tv, tw] = [moment(([, v]) => v * v), moment(([, , w]) => w * w), moment(([, v, w]) => v * w), moment(([t, v]) => t * v), moment(([t, , w]) => t * w)];
  const determinant = vv * ww - vw * vw;
  const [a, b] = [(ww * tv - vw * tw) / determinant, (vv * tw - vw * tv) / determinant];
  return ([, v, w]) => a * v + b * w;
}
const errors = (rows: readonly Row[], predict: Predict): readonly number[] => rows.map((row) => (row[0] - predict(row)) ** 2);
const difference = (rows: readonly Row[], predict: Predict, other: Predict) => informationDifference(errors(rows, predict), errors(rows, other));

const related: World = { tv: 0.6, tw: 0.5, vw: 0.2 };
const unrelated: World = { tv: 0.6, tw: 0, vw: 0 };

it('the bound is the entropy of a Gaussian, and is reached by the best prediction', () => {
  // h of a Gaussian of variance 1, and what a bit less of spread takes from it: ln 2.
  expect(conditionalEntropyBound(1)).toBeCloseTo(1.4189385332046727, 12);
  expect(conditionalEntropyBound(1) - conditionalEntropyBound(0.25)).toBeCloseTo(Math.LN2, 12);
  expect(() => conditionalEntropyBound(0)).toThrow('a mean squared error is positive, got 0');
  const held = errors(sample(related, 20_000, 2), fromV(sample(related, 20_000, 1)));
  // I = -ln(1 - 0.6²) / 2.
  expect(conditionalEntropyBound(1) - conditionalEntropyBound(held.reduce((sum, error) => sum + error, 0) / held.length)).toBeCloseTo(0.2231, 1);
});

describe('the difference of two inputs of one target', () => {
  it('is the true one with the best linear prediction from each', () => {
    // Var(t | v) = 0.64, Var(t | v, w) = 1 - (0.36 + 0.25 - 0.12) / 0.96: 0.1340 nats.
    expect(truth(related)).toBeCloseTo(0.13396, 5);
    const [fit, held] = [sample(related, 20_000, 3), sample(related, 20_000, 4)];
    const { nats, low, high, samples } = difference(held, fromVW(fit), fromV(fit));
    expect(samples).toBe(20_000);
    expect(nats).toBeCloseTo(truth(related), 2);
    expect(low).toBeLessThan(truth(related));
    expect(high).toBeGreaterThan(truth(related));
    expect(high - low).toBeLessThan(0.02);
  });

  it('is 0 where the other image is independent: its interval holds 0 in 95 % of repetitions', () => {
    const repeats = 400;
    let held = 0;
    for (let seed = 0; seed < repeats; seed++) {
      const rows = sample(unrelated, 600, 100 + seed);
      const [fit, rest] = [rows.slice(0, 400), rows.slice(400)];
      const { low, high } = difference(rest, fromVW(fit), fromV(fit));
      // The loss of a second fitted slope, 1 / (2 * 400) nats, is within what is tolerated.
      if (low <= 0 && high >= 0) held++;
    }
    expect(held / repeats).toBeGreaterThan(0.92);
    expect(held / repeats).toBeLessThan(0.98);
  });

  it('is biased by what a misfitted prediction loses, by the amount that is said', () => {
    const [fit, held] = [sample(related, 20_000, 5), sample(related, 20_000, 6)];
    const [best, masked] = [fromVW(fit), fromV(fit)];
    const fair = difference(held, best, masked).nats;
    // A third of the best prediction, whose variance is 1 - 0.48958: what is left has 0.48958 + 4/9 of that, 0.71644 for 0.48958.
    expect(difference(held, (row) => best(row) / 3, masked).nats - fair).toBeCloseTo(-Math.log(0.71644 / 0.48958) / 2, 2);
    // The smaller input is used too little, and the other seems to tell more than it does: Var(t - 0.3 v) = 0.73 for 0.64.
    expect(difference(held, best, ([, v]) => 0.3 * v).nats - fair).toBeCloseTo(Math.log(0.73 / 0.64) / 2, 2);
  });

  it('is too large with errors on the samples that were fitted', () => {
    // Few samples, 200 times: on those that were fitted the additional input always looks informative, though it is not.
    const nats = (fitted: boolean): number => Array.from({ length: 200 }, (_, seed) => {
      const rows = sample(unrelated, 40, 1000 + seed);
      const [fit, rest] = [rows.slice(0, 20), rows.slice(20)];
      const judged = fitted ? fit : rest;
      return difference(judged, fromVW(fit), fromV(fit)).nats;
    }).reduce((sum, one) => sum + one, 0) / 200;
    // One more fitted slope takes 1 / 20 of the squared error: about 0.026 nats.
    expect(nats(true)).toBeGreaterThan(0.015);
    expect(nats(false)).toBeLessThan(0);
  });

  it('has the delta method\'s interval, by hand', () => {
    // Means 2 and 4; influences (4/4 - 1/2) / 2, (4/4 - 2/2) / 2, (4/4 - 3/2) / 2: 0.25, 0, -0.25, so sd 0.25; t of 2 degrees 4.302653.
    const { nats, low, high } = informationDifference([1, 2, 3], [4, 4, 4]);
    expect(nats).toBeCloseTo(Math.LN2 / 2, 12);
    expect((high - low) / 2).toBeCloseTo((4.302653 * 0.25) / Math.sqrt(3), 6);
    expect(() => informationDifference([1], [1])).toThrow('needs the errors of two samples or more');
    expect(() => informationDifference([1, 2], [1])).toThrow('got 2 and 1');
  });
});
