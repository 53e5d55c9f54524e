import { perPhase, phases, type PhaseSeconds } from '../phases.js';
import type { Profile, Result, RunRecord } from './types.js';

/** Wall time: the phases leave nothing out. */
export const totalSeconds = (seconds: PhaseSeconds): number => phases.reduce((sum, phase) => sum + seconds[phase], 0);

/** Seconds by phase of several together. */
export const sumOfPhases = (parts: readonly PhaseSeconds[]): PhaseSeconds =>
  perPhase((phase) => parts.reduce((sum, seconds) => sum + seconds[phase], 0));

/** Transfers count by protocol: they have little in common. */
const kindOf = (result: Result): string => (result.kind === 'transfer' ? result.protocol : result.kind);

/**
 * Where the time went, from the results of a record. A result that was in the store already counts as it was measured
 * when its job ran.
 */
export function profileOf(record: Pick<RunRecord, 'results'>): Profile {
  const kinds = new Map<string, readonly PhaseSeconds[]>();
  const told = record.results.filter((result) => result.phases !== undefined);
  for (const result of told) kinds.set(kindOf(result), [...kinds.get(kindOf(result)) ?? [], result.phases!]);
  return {
    kinds: [...kinds].map(([kind, jobs]) => ({ kind, jobs: jobs.length, seconds: sumOfPhases(jobs) })),
    untold: record.results.length - told.length,
    resumed: told.filter(({ resumed }) => resumed).length,
  };
}
