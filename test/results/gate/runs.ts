import { classify } from '../../../src/metrics/index.js';
import { stream } from '../../../src/random.js';
import type { ClassificationTransfer, Result, RunRecord } from '../../../src/results/types.js';

export interface Redraw {
  /** Of training: another one gives another run of the same code. */
  readonly seed: number;
  /** What is added to the expected accuracy of a cell, in fractions. */
  readonly shift?: (cell: { readonly entry: string; readonly task: string; readonly protocol: string; readonly seed: number }) => number;
  /** Standard deviation that training gives the accuracy of an encoder, and of one cell on top; default 0.01 each. `common`: of all entries alike at a seed. */
  readonly sd?: { readonly encoder?: (entry: string) => number; readonly cell?: number; readonly common?: number };
  /** Expected accuracy; default 0.5. */
  readonly level?: number;
}

/**
 * The same run, trained again: classification cells get other predictions on the same images. An image has a difficulty of its own, so
 * two runs mostly agree on which are right, as real ones do.
 */
export function redrawn(record: RunRecord, { seed: training, shift = () => 0, sd = {}, level = 0.5 }: Redraw): RunRecord {
  const { encoder = () => 0.01, cell = 0.01, common = 0 } = sd;
  const tags = new Map(record.jobs.map((job) => [job.key, job.tags]));
  const results = record.results.map((result): Result => {
    if (result.kind !== 'transfer' || result.taskKind !== 'classification') return result;
    const { entry = '', task = '', protocol = '' } = tags.get(result.key)!;
    const { seed, classes, perImage: { ids, labels } } = result;
    const wanted = level + shift({ entry, task, protocol, seed })
      + encoder(entry) * stream(training, `encoder/${entry}`, seed).normal() + cell * stream(training, `${entry}/${task}/${protocol}`, seed).normal() + common * stream(training, `seed/${task}`, seed).normal();
    const difficulty = stream(1, `difficulty/${task}`, seed);
    const luck = stream(training, `luck/${entry}/${task}/${protocol}`, seed);
    const predictions = labels.map((label) => {
      const hard = difficulty.uniform() < 0.8 ? difficulty.uniform() : luck.uniform();
      return hard < wanted ? label : (label + 1) % classes.length;
    });
    const scores = classify(labels, predictions, classes.length);
    return { ...result, metrics: Object.entries(scores).map(([metric, value]) => ({ metric, value, unit: 'fraction' as const })), perImage: { ids, labels, predictions } } satisfies Result<ClassificationTransfer>;
  });
  return { ...record, results };
}

/** The part of a record with these protocols. */
export function onlyProtocols(record: RunRecord, protocols: readonly string[]): RunRecord {
  const jobs = record.jobs.filter(({ kind, tags }) => kind !== 'transfer' || protocols.includes(tags['protocol']!));
  const keys = new Set(jobs.map(({ key }) => key));
  return { ...record, jobs, results: record.results.filter(({ key }) => keys.has(key)) };
}

export const withGate = (record: RunRecord, gate: { readonly tolerance?: number; readonly slower?: number }): RunRecord => ({ ...record, suite: { ...(record.suite as object), gate } });
