import { UsageError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { Plan, PlannedJob } from './job.js';

/** Tag -> accepted values. */
export type Only = ReadonlyMap<string, ReadonlySet<string>>;

const example = 'For example: --only "entry=mae|scratch,task=emoji/mammals".';

/** Reads `entry=a|b,task=c`. UsageError for text of another form. */
export function parseOnly(text: string): Only {
  const only = new Map<string, ReadonlySet<string>>();
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const tag = part.slice(0, Math.max(0, at)).trim();
    const values = part.slice(at + 1).split('|').map((value) => value.trim());
    if (at < 1 || tag === '' || values.some((value) => value === '')) throw new UsageError(`--only cannot read "${part}"`, { fix: example });
    if (only.has(tag)) throw new UsageError(`--only names ${tag} twice`, { fix: 'Put the values together: entry=a|b.' });
    only.set(tag, new Set(values));
  }
  return only;
}

/** Jobs that no other job reads: what the plan is for. */
const finalJobs = (plan: Plan): readonly PlannedJob[] => {
  const read = new Set(plan.jobs.flatMap((job) => Object.values(job.inputs)));
  return plan.jobs.filter(({ id }) => !read.has(id));
};

/**
 * The part of a plan whose final jobs carry the named tags, with everything that they need. Keys stay as they are.
 * UsageError, with the nearest name, for a tag or a value that no final job has, and when nothing is left.
 */
export function selectOnly(plan: Plan, only: Only): Plan {
  const final = finalJobs(plan);
  const tags = [...new Set(final.flatMap((job) => Object.keys(job.tags)))];
  for (const [tag, values] of only) {
    if (!tags.includes(tag)) throw new UsageError(`--only: no job has the tag ${tag}${didYouMean(tag, tags)}`, { fix: `There are: ${tags.join(', ')}.` });
    const known = [...new Set(final.flatMap((job) => job.tags[tag] ?? []))];
    for (const value of values) {
      if (!known.includes(value)) throw new UsageError(`--only: ${tag} is never ${value}${didYouMean(value, known)}`, { fix: `There are: ${known.join(', ')}.` });
    }
  }
  const byId = new Map(plan.jobs.map((job) => [job.id, job]));
  const wanted = new Set<string>();
  const open = final.filter((job) => [...only].every(([tag, values]) => values.has(job.tags[tag] ?? ''))).map(({ id }) => id);
  if (open.length === 0) throw new UsageError('--only leaves no job', { fix: 'Each of its conditions fits some job, all of them together none.' });
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (wanted.has(id)) continue;
    wanted.add(id);
    open.push(...Object.values(byId.get(id)!.inputs));
  }
  return { suite: plan.suite, jobs: plan.jobs.filter(({ id }) => wanted.has(id)) };
}
