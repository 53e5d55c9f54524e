import { weightOf, type Unit } from './schedule.js';

/** Seconds that a kind of job took, and the weight that it had: its rate. */
export interface Sample { readonly kind: string; readonly weight: number; readonly seconds: number }
export interface Running { readonly unit: Unit; readonly seconds: number; /** Done part in [0, 1]. */ readonly fraction: number }

export interface Estimate {
  /** Done part of the whole plan's weight in [0, 1]. */
  readonly fraction: number;
  /** Seconds until the plan is finished; null while nothing has been measured. */
  readonly seconds: number | null;
}

/** Part of the plan's weight that has to be seen before anything is said: a second of preparing images tells nothing about hours of training. */
const enough = 0.002;

/**
 * When the plan will be finished, from what its jobs have taken so far (also in earlier runs on a machine like this one).
 * A kind that has not been seen yet is assumed to run at the rate of the others together. The estimate is the larger of
 * the work left divided by the workers and the longest chain left.
 */
export function estimate(units: readonly Unit[], finished: ReadonlySet<string>, running: readonly Running[], samples: readonly Sample[], workers: number): Estimate {
  const active = new Map(running.map((item) => [item.unit.key, item]));
  const leftOf = (unit: Unit): number => (finished.has(unit.key) ? 0 : weightOf(unit.job.cost) * (1 - (active.get(unit.key)?.fraction ?? 0)));
  const total = units.reduce((sum, unit) => sum + weightOf(unit.job.cost), 0);
  const left = units.reduce((sum, unit) => sum + leftOf(unit), 0);
  const fraction = total === 0 ? 1 : 1 - left / total;

  // A running job tells its rate before it ends.
  const seen: Sample[] = [...samples];
  for (const { unit, seconds, fraction: part } of running) {
    if (part > 0.02 && seconds > 1) seen.push({ kind: unit.job.kind, weight: weightOf(unit.job.cost) * part, seconds });
  }
  const rate = (these: readonly Sample[]): number | null => {
    const weight = these.reduce((sum, sample) => sum + sample.weight, 0);
    return weight === 0 ? null : these.reduce((sum, sample) => sum + sample.seconds, 0) / weight;
  };
  const overall = seen.reduce((sum, { weight }) => sum + weight, 0) < enough * total ? null : rate(seen);
  if (overall === null) return { fraction, seconds: left === 0 ? 0 : null };
  const rates = new Map<string, number>();
  const secondsOf = (unit: Unit): number => {
    const kind = unit.job.kind;
    const known = rates.get(kind) ?? rate(seen.filter((sample) => sample.kind === kind)) ?? overall;
    rates.set(kind, known);
    return leftOf(unit) * known;
  };
  const work = units.reduce((sum, unit) => sum + secondsOf(unit), 0);
  const chain = new Map<string, number>();
  let longest = 0;
  for (const unit of units) {
    const before = Math.max(0, ...Object.values(unit.inputs).map((key) => chain.get(key) ?? 0));
    const end = before + secondsOf(unit);
    chain.set(unit.key, end);
    longest = Math.max(longest, end);
  }
  return { fraction, seconds: Math.max(work / workers, longest) };
}
