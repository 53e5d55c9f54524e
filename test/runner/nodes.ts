import { cpSync } from 'node:fs';
import type { JobNode, PlannedJob } from '../../src/runner/job.js';
import type { Progress, RunEvent } from '../../src/runner/progress/events.js';
import { makePlan } from '../../src/runner/plan.js';
import { runPlan, type RunOptions, type RunOutcome } from '../../src/runner/run.js';
import { openStore, type Store } from '../../src/runner/store.js';
import { temporaryFolder } from '../temporary-folder.js';

/** A node with everything that a test does not care about filled in. */
export const node = (id: string, more: Partial<JobNode> = {}): JobNode => ({
  id, kind: 'chain', config: { name: id, steps: 2, ms: 1, seed: 0 }, inputs: {}, modules: [], threads: 1,
  cost: { images: 0, flops: 1e6, bytes: 0 }, tags: {}, ...more,
});

export const planned = (id: string, key: string, more: Partial<PlannedJob> = {}): PlannedJob => ({ ...node(id), key, code: '', ...more });

export const fixtureJobs = new URL('./fixture/jobs.mjs', import.meta.url).href;

export const copyOf = (folder: string): string => {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
};

export interface Ran { readonly outcome: RunOutcome; readonly events: readonly RunEvent[]; readonly store: Store }

/** Runs nodes with the fixture's job kinds and keeps every event. */
export async function runNodes(nodes: readonly JobNode[], folder: string, more: Partial<RunOptions> & { readonly workers?: number; readonly machine?: string; readonly onEvent?: (event: RunEvent) => void } = {}): Promise<Ran> {
  const { workers = 2, machine = 'here', onEvent, ...options } = more;
  const events: RunEvent[] = [];
  const progress: Progress = { on: (event) => { events.push(event); onEvent?.(event); }, close: () => undefined };
  const store = await openStore(folder);
  const outcome = await runPlan({
    plan: await makePlan('test', nodes), store, jobs: fixtureJobs, validator: fixtureJobs, version: '0.0.0', tensors: {}, progress,
    setUp: () => Promise.resolve({ workers, machine }), ...options,
  });
  return { outcome, events, store };
}

export const notesOf = (events: readonly RunEvent[]): readonly string[] => events.flatMap((event) => (event.event === 'note' ? [event.text] : []));
