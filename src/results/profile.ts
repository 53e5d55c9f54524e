import type { Phase } from '../runner/job.js';
import type { KindProfile, Profile, Result, RunRecord } from './types.js';

/** In the order in which they are shown. */
export const phases = ['step', 'evaluate', 'wait', 'checkpoint', 'other'] as const satisfies readonly Phase[];

/** Wall time: the phases leave nothing out. */
export const totalSeconds = (seconds: KindProfile['seconds']): number => phases.reduce((sum, phase) => sum + seconds[phase], 0);

/** Transfers count by protocol: they have little in common. */
const kindOf = (result: Result): string => (result.kind === 'transfer' ? result.protocol : result.kind);

/**
 * Where the time went, from the results of a record. A result that was in the store already counts as it was measured
 * when its job ran.
 */
export function profileOf(record: Pick<RunRecord, 'results'>): Profile {
  const kinds = new Map<string, { jobs: number; seconds: Record<Phase, number> }>();
  const told = record.results.filter((result) => result.phases !== undefined);
  for (const result of told) {
    const kind = kindOf(result);
    const sum = kinds.get(kind) ?? { jobs: 0, seconds: { wait: 0, step: 0, evaluate: 0, checkpoint: 0, other: 0 } };
    kinds.set(kind, sum);
    sum.jobs++;
    for (const phase of phases) sum.seconds[phase] += result.phases![phase];
  }
  return {
    kinds: [...kinds].map(([kind, sum]) => ({ kind, ...sum })),
    untold: record.results.length - told.length,
    resumed: told.filter(({ resumed }) => resumed).length,
  };
}
