import { describe, expect, it } from 'vitest';
import { holm } from '../../../src/metrics/stats/index.js';
import { stream } from '../../../src/random.js';
import { chanceOf, type Change, type Column } from '../../../src/results/gate/chance.js';
import { adjust, type Tested } from '../../../src/results/gate/tested.js';
import { dropTest, seedsToPass } from '../../../src/results/gate/drop-test.js';

const change = (values: readonly number[], more: Partial<Change> = {}): Change => ({ bySeed: new Map(values.map((value, seed) => [seed, value])), imageVariance: 0, source: values.join(), identical: false, ...more });
const column = (rows: Readonly<Record<string, Change>>): Column => new Map(Object.entries(rows));

describe('chance, worked by hand', () => {
  it('is shared by the entries of a column, within entries', () => {
    // Squares within: (1 + 1) and (4 + 4), of 2 (2 - 1) degrees: 5. Seed means -1.5 + c and 1.5 + c: mean square 2 * 4.5 = 9 = (1 + share) 5.
    const { columns: [only] } = chanceOf([column({ a: change([-1, 1]), b: change([3, 7]) })]);
    expect(only!.variance).toBe(5);
    expect(only!.df).toBeCloseTo(2 / (1 + 0.8 ** 2), 12);
  });

  it('has all degrees of freedom where a seed does nothing to all alike', () => {
    // The seeds pull apart: their mean square is 0, which is no share below 0.
    expect(chanceOf([column({ a: change([-1, 1]), b: change([8, 6]) })]).columns[0]).toEqual({ variance: 2, df: 2 });
  });

  it('knows as little as one entry where all entries move as one', () => {
    const all = [-2, 0, 2];
    expect(chanceOf([column({ a: change(all, { source: 'a' }), b: change(all.map((value) => value + 9), { source: 'b' }) })]).columns[0]).toEqual({ variance: 4, df: 2 });
  });

  it('leaves out what is identical, counts a shared job once, and says nothing of one seed', () => {
    const { columns } = chanceOf([
      column({ same: change([0, 0, 0], { identical: true }), a: change([1, 2, 3]), alias: change([1, 2, 3]) }),
      column({ a: change([1]), b: change([2]) }),
      column({ same: change([0, 0], { identical: true }) }),
    ]);
    expect(columns).toEqual([{ variance: 1, df: 2 }, null, null]);
  });

  it('knows the factor of every entry that shares a job', () => {
    const shared = (at: number): Change => change([-3 * at, 3 * at], { source: `job ${at}` });
    const { restless } = chanceOf([1, 2].map((at) => column({ calm: change([-at, at]), wild: shared(at), alias: shared(at) })));
    expect(restless.get('wild')).toBeCloseTo(1.8, 12);
    expect(restless.get('alias')).toBe(restless.get('wild'));
  });

  it('gives an entry that varies more than the others its factor, on the mean over columns', () => {
    // Variances 18 and 2 beside a pooled 10: factors 1.8 and 0.2, in the second column 1 and 1.
    const { restless } = chanceOf([column({ calm: change([-1, 1]), wild: change([-3, 3]) }), column({ calm: change([-1, 1]), wild: change([1, -1]) })]);
    expect(restless.get('wild')).toBeCloseTo((1.8 + 1) / 2, 12);
    expect(restless.get('calm')).toBe(1);
  });
});

describe('the test of a drop, worked by hand', () => {
  // With 2 degrees of freedom P(T <= t) = 1/2 + t / (2 sqrt(2 + t^2)), and the quantile at 97.5 % is 4.302653.
  const cdf = (t: number): number => 0.5 + t / (2 * Math.sqrt(2 + t * t));
  const chance = { variance: 4, df: 2 };

  it('is a t-test against the tolerance', () => {
    const test = dropTest(change([-3, -5, -1, -3]), chance, 1, 0.5);
    // The standard error is 2 / sqrt 4.
    expect(test).toMatchObject({ mean: -3, sd: 2 });
    expect(test.p).toBeCloseTo(cdf(-2.5), 7);
    expect(test.low).toBeCloseTo(-3 - 4.302653, 5);
    expect(test.high).toBeCloseTo(-3 + 4.302653, 5);
    // 2.919986 and 1.060660 are the quantiles at 95 % and 80 %.
    expect(test.detectable).toBeCloseTo(0.5 + 2.919986 + 1.06066, 5);
  });

  it('has the entry\'s factor in its variance, or its images\' where they give more', () => {
    expect(dropTest(change([-3, -3]), chance, 2.25, 0).sd).toBeCloseTo(3, 12);
    expect(dropTest(change([-3, -3], { imageVariance: 16 }), chance, 2.25, 0).sd).toBe(4);
  });

  it('knows a restless entry by its own seeds in so far as its variance is its own', () => {
    // Factor 4: a quarter of the variance is the column's, of 30 degrees, three quarters its own, of 1: 1 / (0.0625 / 30 + 0.5625) = 1.7712.
    const known = { variance: 4, df: 30 };
    const cauchy = (t: number): number => 0.5 + Math.atan(t) / Math.PI;
    const { p, sd } = dropTest(change([-6, -6]), known, 4, 0);
    expect(sd).toBe(4);
    const t = -6 / (4 / Math.SQRT2);
    // Between Student's with one degree of freedom (Cauchy's) and with two.
    expect(p).toBeLessThan(cauchy(t));
    expect(p).toBeGreaterThan(cdf(t));
    // scipy.stats.t.cdf(-2.1213203, 1.7712177)
    expect(p).toBeCloseTo(0.09207794997176683, 6);
    // Under a factor of 2.5 it is the column's alone: scipy.stats.t.cdf(-6 / (sqrt(8) / sqrt(2)), 30).
    expect(dropTest(change([-6, -6]), known, 2, 0).p).toBeCloseTo(0.0026949820328259727, 6);
  });

  it('knows what to say where nothing varies', () => {
    expect(dropTest(change([-3, -3]), { variance: 0, df: 1 }, 1, 1).p).toBe(0);
    expect(dropTest(change([-1, -1]), { variance: 0, df: 1 }, 1, 1).p).toBe(1);
  });

  it('tells from how many seeds on an unchanged run passes', () => {
    // Where the spread is as good as known: (2.8016 * 0.02 / 0.01)^2 = 31.4.
    expect(seedsToPass({ sd: 0.02, df: 1e6, seeds: 3 }, 0.01, 0.8)).toBe(32);
    // Of one entry alone, statsmodels' TTestPower().solve_power: 33.367 for an effect of 0.5, 9.938 for one of 1.
    expect(seedsToPass({ sd: 0.02, df: 2, seeds: 3 }, 0.01, 0.8)).toBe(34);
    expect(seedsToPass({ sd: 0.01, df: 2, seeds: 3 }, 0.01, 0.8)).toBe(10);
    expect(seedsToPass({ sd: 1, df: 2, seeds: 3 }, 0.01, 0.8)).toBeNull();
    expect(seedsToPass({ sd: 0.0001, df: 2, seeds: 3 }, 0.01, 0.8)).toBe(2);
    expect(seedsToPass({ sd: 0, df: 2, seeds: 3 }, 0.01, 0.8)).toBe(2);
    expect(seedsToPass({ sd: 0.02, df: 2, seeds: 3 }, 0, 0.8)).toBeNull();
  });

  it.each([[1, 0.5], [1, 1], [2, 0.5], [2, 1]])('with the seeds that are named for %i entries and a spread of %f tolerances an unchanged row passes about 4 times in 5', (entries, sd) => {
    const { normal } = stream(4, `row ${entries} ${sd}`);
    const seeds = seedsToPass({ sd, df: 2 * entries, seeds: 3 }, 1, 0.8)!;
    const passes = Array.from({ length: 1000 }, () => {
      const all = column(Object.fromEntries(Array.from({ length: entries }, (_, at) => [`e${at}`, change(Array.from({ length: seeds }, () => sd * normal()))])));
      const chance = chanceOf([all]);
      return dropTest(all.get('e0')!, chance.columns[0]!, chance.restless.get('e0')!, 1).low >= -1;
    });
    expect(passes.filter(Boolean).length / passes.length).toBeGreaterThan(0.75);
  });
});

it('with the seeds that are named for the whole by runs of three, unchanged runs pass 4 times in 5 in all of their 27 averages', () => {
  const [rows, sd, tolerance] = [27, 0.02, 0.02];
  const { normal } = stream(3, 'whole');
  const testsOf = (seeds: number) => {
    const all = column(Object.fromEntries(Array.from({ length: rows }, (_, at) => [`e${at}`, change(Array.from({ length: seeds }, () => sd * normal()))])));
    const chance = chanceOf([all]);
    return [...all].map(([entry, one]) => dropTest(one, chance.columns[0]!, chance.restless.get(entry)!, tolerance));
  };
  const named = Array.from({ length: 200 }, () => Math.max(...testsOf(3).map((test) => seedsToPass(test, tolerance, 0.8 ** (1 / rows))!)));
  // Of one row alone it is 8, with which hardly a run passes.
  expect(Math.min(...named)).toBeGreaterThan(15);
  const passed = named.filter((seeds) => testsOf(seeds).every(({ low }) => low >= -tolerance)).length;
  expect(passed / named.length).toBeGreaterThanOrEqual(0.8);
});

describe('p-values of all rows together', () => {
  const row = (p: number | null, whole = false): Tested<null> => ({ p, whole, decides: true, finish: () => null });
  it('are Holm\'s, doubled where half of the rate is for the whole', () => {
    // Of 0.01, 0.04, 0.03: 3 x 0.01, 2 x 0.03, and 0.04 not below that.
    expect(adjust([row(0.01), row(null), row(0.04), row(0.03)])).toEqual([0.03, null, 0.06, 0.06]);
    expect(adjust([row(0.01), row(0.02, true), row(0.04), row(0.03)])).toEqual([0.06, 0.04, 0.12, 0.12]);
    expect(adjust([row(0.9), row(0.7, true)])).toEqual([1, 1]);
    expect(adjust([row(0.01), row(null, true)])).toEqual([0.01, null]);
  });
});

describe('of 400 comparisons of unchanged code with 9 entries on 4 tasks in 3 tables, at most 5 % are called', () => {
  interface World { readonly seeds: number; readonly common?: number; readonly encoder?: number; readonly wild?: number; readonly wildCell?: number; readonly wildCells?: number; readonly uneven?: number; readonly entries?: number; readonly drop?: number }

  /** Changes with a variance of 1: a share `encoder` is of the entry's encoder, a share `common` of the seed, the rest of the cell. The first entry has `wild` times the deviation; the first `wildCells` entries `wildCell` times, each in another column; every cell exp(N(0, `uneven`)) times. */
  function alarms({ seeds, common = 0, encoder = 0.3, wild = 1, wildCell = 1, wildCells = 1, uneven = 0, entries = 9, drop = 0 }: World): number {
    const { normal } = stream(seeds, 'worlds');
    const scales = stream(seeds, 'scales');
    const scaleOf = (entry: number, cell: number): number => (entry === 0 ? wild : 1) * (cell === entry && cell < wildCells ? wildCell : 1) * (uneven === 0 ? 1 : Math.exp(uneven * scales.normal()));
    const many = (n: number): readonly number[] => Array.from({ length: n }, normal);
    const names = Array.from({ length: entries }, (_, at) => `e${at}`);
    let called = 0;
    for (let comparison = 0; comparison < 400; comparison++) {
      const encoders = names.map(() => many(seeds));
      const columns = [0, 1, 2].flatMap((table) => {
        const tasks = [0, 1, 2, 3].map((task) => {
          const shared = many(seeds);
          return names.map((_, entry) => scaleOf(entry, 4 * table + task)).map((scale, entry) => many(seeds).map((own, seed) =>
            scale * (Math.sqrt(common) * shared[seed]! + Math.sqrt(1 - common) * (Math.sqrt(encoder) * encoders[entry]![seed]! + Math.sqrt(1 - encoder) * own)) - drop));
        });
        const average = names.map((_, entry) => shareOf(tasks.map((task) => task[entry]!)));
        return [...tasks, average].map((rows) => new Map(rows.map((values, entry) => [names[entry]!, change(values, { source: names[entry]! })])));
      });
      const chance = chanceOf(columns);
      const p = columns.flatMap((own, at) => [...own].map(([entry, one]) => dropTest(one, chance.columns[at]!, chance.restless.get(entry)!, drop).p));
      if (Math.min(...holm(p)) <= 0.05) called++;
    }
    return called / 400;
  }
  const shareOf = (tasks: readonly (readonly number[])[]): readonly number[] => tasks[0]!.map((_, seed) => tasks.reduce((sum, task) => sum + task[seed]! / tasks.length, 0));

  // 0.05 and two standard errors of 400 draws.
  const most = 0.072;
  it.each([2, 3, 5])('with %d seeds', (seeds) => expect(alarms({ seeds })).toBeLessThanOrEqual(most));
  it('with 3 seeds, every row dropped by just what is tolerated', () => expect(alarms({ seeds: 3, drop: 2 })).toBeLessThanOrEqual(most));
  it.each([2, 3, 5])('with %d seeds that move all entries alike', (seeds) => expect(alarms({ seeds, common: 0.8 })).toBeLessThanOrEqual(most));
  it.each([2, 5])('with %d seeds, and encoders that decide nearly all', (seeds) => expect(alarms({ seeds, encoder: 0.9 })).toBeLessThanOrEqual(most));
  it.each([[2, 3], [2, 5], [2, 10], [3, 3], [3, 10], [5, 3]])('with %d seeds, and an entry of %d times the deviation', (seeds, wild) => expect(alarms({ seeds, wild })).toBeLessThanOrEqual(most));
  it.each([[3, 3], [3, 5], [3, 10], [5, 5]])('with %d seeds, and a cell of %d times the deviation', (seeds, wildCell) => expect(alarms({ seeds, wildCell })).toBeLessThanOrEqual(most));
  it.each([2, 3, 5])('with %d seeds, and deviations that differ by a seventh from cell to cell', (seeds) => expect(alarms({ seeds, uneven: 0.15 })).toBeLessThanOrEqual(most));
  it.each([2, 5])('with %d seeds of two entries', (seeds) => expect(alarms({ seeds, entries: 2 })).toBeLessThanOrEqual(most));
  it('with 2 seeds, and an entry of twice the deviation', () => expect(alarms({ seeds: 2, wild: 2 })).toBeLessThanOrEqual(most));
});
