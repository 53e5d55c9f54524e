import type { RunRecord } from './types.js';

type Job = RunRecord['jobs'][number];

/** The jobs that one rests on, without itself; of several nodes of one key one. */
export function restsOn({ inputs }: Job, jobs: ReadonlyMap<string, Job>): readonly Job[] {
  const found = new Map<string, Job>();
  const open = Object.values(inputs);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const next = jobs.get(id)!;
    if (found.has(next.key)) continue;
    found.set(next.key, next);
    open.push(...Object.values(next.inputs));
  }
  return [...found.values()];
}
