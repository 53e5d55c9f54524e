import { relative } from 'node:path';
import type { Failure, RunRecord } from '../results/types.js';

type Jobs = Pick<RunRecord, 'jobs'>;

/** Ids of the jobs that have failed: a job that the plan has under two ids failed as both, as it would have finished as both. */
export function failedIds({ jobs, failures }: Jobs & Pick<RunRecord, 'failures'>): readonly string[] {
  const keys = new Set(failures.map(({ key }) => key));
  return jobs.filter(({ key }) => keys.has(key)).map(({ id }) => id);
}

/** Failures of the jobs with these ids, also where they stand under another id of the same job. */
export function failuresAmong({ jobs, failures }: Jobs & Pick<RunRecord, 'failures'>, ids: readonly string[]): readonly Failure[] {
  const asked = new Set(ids);
  const keys = new Set(jobs.filter(({ id }) => asked.has(id)).map(({ key }) => key));
  return failures.filter(({ key }) => keys.has(key));
}

/** So many other ids of a job are named. */
const named = 3;

/** Two lines a failure: the job under the id that it ran under, with its others, and its log. */
export const failedText = ({ jobs }: Jobs, failures: readonly Failure[]): readonly string[] =>
  failures.flatMap(({ id, key, message, log }) => {
    const others = jobs.filter((job) => job.key === key && job.id !== id).map((job) => job.id);
    const same = others.length === 0 ? '' : ` (the same job: ${others.slice(0, named).join(', ')}${others.length > named ? ` and ${others.length - named} more` : ''})`;
    return [`  ${id}${same}: ${message.split('\n')[0]}`, `    log: ${here(log)}`];
  });

/** A path as a person in the current folder writes it. */
export const here = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};
