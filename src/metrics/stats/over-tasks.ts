import { hierarchical, type Hierarchical, type InCommon } from './hierarchical.js';
import { mean } from './moments.js';

/** Mean of the middle half of the values: a quarter, rounded down, is left out at each end (Agarwal et al. 2021, section 4.3). NaN for no values. */
export function interquartileMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const out = Math.floor(sorted.length / 4);
  return mean(sorted.slice(out, sorted.length - out));
}

/**
 * The interquartile mean of all values with its error over seeds and test images. Runs are not drawn one by one, as a seed is one pre-training for all tasks: at each
 * seed the interquartile mean over tasks is a number as the average is one (`hierarchical`), and its error is taken for that of all values together. With two tasks or three
 * that leaves out other values than all together do, and covers too little: from four tasks on (test/metrics/stats/coverage.test.ts).
 *
 * @param values [task][seed], two seeds or more
 * @param replicates [task][seed][draw]
 * @param images different test images of all tasks, and whether two seeds have any in common: as in `hierarchical`
 */
export function interquartileEstimate(values: readonly (readonly number[])[], replicates: readonly (readonly Float64Array[])[], images: number, inCommon?: InCommon): Hierarchical {
  const seeds = (values[0] ?? []).map((_, seed) => seed);
  const bySeed = seeds.map((seed) => interquartileMean(values.map((own) => own[seed]!)));
  const drawn = seeds.map((seed) => Float64Array.from(replicates[0]![seed]!, (_, draw) => interquartileMean(replicates.map((own) => own[seed]![draw]!))));
  return { ...hierarchical(bySeed, drawn, images, inCommon), mean: interquartileMean(values.flat()) };
}

/** Tasks from which on it holds. */
export const tasksForInterquartile = 4;

/**
 * Probability that a run of `a` is above a run of `b` on a task drawn at random, ties half: mean over tasks of the Mann-Whitney U statistic
 * divided by the number of pairs (Agarwal et al. 2021, section 4.3). `a[task]` and `b[task]` hold the values of runs, which are not
 * paired. RangeError for different tasks and for a task without runs.
 */
export function probabilityOfImprovement(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`${a.length} tasks cannot be compared with ${b.length}`);
  return mean(a.map((runs, task) => {
    const others = b[task]!;
    if (runs.length === 0 || others.length === 0) throw new RangeError(`task ${task} has no runs`);
    return mean(runs.flatMap((value) => others.map((other) => (value > other ? 1 : value === other ? 0.5 : 0))));
  }));
}
