import type { Estimate, RunRecord } from '../results/types.js';
import { plural, threeDigits } from './numbers.js';

/** `0.592 times as long as ibot (95 % interval 0.484 to 0.725, 3 rounds)` */
const asLong = (ratio: Estimate, reference: string): string =>
  `${threeDigits(ratio.value)} times as long as ${reference} (${ratio.low === null || ratio.high === null ? `${plural(ratio.n, 'round')}, no interval` : `95 % interval ${threeDigits(ratio.low)} to ${threeDigits(ratio.high)}, ${plural(ratio.n, 'round')}`})`;

/** A sentence for every model and entry beside the reference; none without one. */
export function speedSentences({ speed = [], suite }: Pick<RunRecord, 'speed' | 'suite'>): readonly string[] {
  const { reference } = suite as { readonly reference: string | null };
  if (reference === null) return [];
  return [...new Set(speed.map(({ job }) => job))].flatMap((job) => {
    const rows = speed.filter((row) => row.job === job);
    const entries = [...new Set(rows.map(({ entry }) => entry))].filter((entry) => entry !== reference);
    return entries.flatMap((entry) => {
      const of = (quantity: (typeof rows)[number]['quantity']) => rows.find((row) => row.entry === entry && row.quantity === quantity && row.ratio !== null);
      const step = of('seconds_per_step_with_loader');
      const schedule = of('seconds_per_schedule');
      if (!step?.ratio) return [];
      const whole = schedule?.ratio
        ? `and ${asLong(schedule.ratio, reference)} for its whole schedule, extrapolated from ${plural(schedule.extrapolatedFromSteps ?? 0, 'step')}`
        : 'and whole schedules are not compared, as the time of what an entry starts from is not in its own';
      return [`With ${step.model}, ${entry} takes ${asLong(step.ratio, reference)} for a step with its loader, ${whole}.`];
    });
  });
}
