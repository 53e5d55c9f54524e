import type { Result, RunRecord, TransferBody } from '../../../src/results/types.js';
import type { ClaimBound, ClaimExpression, ResolvedClaim } from '../../../src/suite/resolved.js';

/** A claim as a suite has it. */
export const claim = (expression: ClaimExpression, bound: Partial<ClaimBound> = {}, more: Partial<ResolvedClaim> = {}): ResolvedClaim =>
  ({ id: 'c', text: 'A claim.', source: 'a test', expression, bound: { kind: 'above', value: 0, tolerance: 0, ...bound }, lacks: null, without: [], ...more });

export const withClaims = (record: RunRecord, ...claims: readonly ResolvedClaim[]): RunRecord =>
  ({ ...record, suite: { ...(record.suite as object), claims } as unknown as RunRecord['suite'] });

/**
 * The record with so many right images of 200 in each fine-tuned cell, other images at each seed: `right` of an entry, a task (its name without
 * the data set) and a seed. What an entry has right, one with more has right too. `sameImages`: the seeds judge the same ones.
 */
export function planted(record: RunRecord, right: (entry: string, task: string, seed: number) => number, sameImages = false): RunRecord {
  const tags = new Map(record.jobs.map((job) => [job.key, job.tags]));
  return {
    ...record,
    results: record.results.map((result): Result => {
      const { entry, task, protocol, seed } = tags.get(result.key)!;
      if (result.kind !== 'transfer' || result.taskKind !== 'classification' || protocol !== 'fine-tune') return result;
      const count = right(entry!, task!.replace('emoji/', ''), Number(seed));
      const labels = Array.from({ length: 200 }, (_, i) => i % result.classes.length);
      return {
        ...result, nTest: 200, primary: 'top1', metrics: [{ metric: 'top1', value: count / 200, unit: 'fraction' }],
        perImage: { ids: labels.map((_, i) => (sameImages ? `${i}` : `${seed}/${i}`)), labels, predictions: labels.map((label, i) => (i < count ? label : (label + 1) % result.classes.length)) },
      } satisfies Result<TransferBody>;
    }),
  };
}
