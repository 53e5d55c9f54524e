import { mean } from './moments.js';

/** Mean of the middle half of the values: a quarter, rounded down, is left out at each end (Agarwal et al. 2021, section 4.3). NaN for no values. */
export function interquartileMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const out = Math.floor(sorted.length / 4);
  return mean(sorted.slice(out, sorted.length - out));
}

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
