import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createDispatcher } from '../../src/runner/dispatcher.js';
import { makePlan } from '../../src/runner/plan.js';
import type { RunEvent } from '../../src/runner/progress/events.js';
import { createRunState } from '../../src/runner/run-state.js';
import { unitsOf } from '../../src/runner/schedule.js';
import { openStore } from '../../src/runner/store.js';
import type { Outcome, WorkerProcess } from '../../src/runner/workers/process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { node } from './nodes.js';

it('starts a job that failed once only, however long the record of its failure takes to write', async () => {
  const plan = await makePlan('s', [node('bad'), ...['a', 'b', 'c', 'd'].map((name) => node(name))]);
  const events: RunEvent[] = [];
  const progress = { on: (event: RunEvent) => { events.push(event); }, close: () => undefined };
  const state = createRunState(plan, unitsOf(plan), progress);
  const opened = await openStore(temporaryFolder());
  const store = { ...opened, writeFailure: async (record: Parameters<typeof opened.writeFailure>[0]) => { await sleep(100); await opened.writeFailure(record); } };
  let second = false;
  const outcomeOf = async (id: string): Promise<Outcome> => {
    await sleep(id === 'bad' ? 1 : 30);
    if (id !== 'bad') return { type: 'done', seconds: 0.03, resumed: false };
    const again = second;
    second = true;
    return again ? { type: 'done', seconds: 0.001, resumed: false } : { type: 'failed', message: 'once', stack: null, diskFull: false, broken: false };
  };
  const worker: WorkerProcess = { pid: 1, threads: 1, alive: true, request: (request) => outcomeOf(request.type === 'run' ? request.job.id : ''), kill: () => Promise.resolve() };
  const dispatcher = createDispatcher({ state, pool: { take: () => worker, release: () => undefined, kill: () => Promise.resolve() }, workers: 2, store, progress, tensors: { device: 'cpu', runtime: '' } });
  dispatcher.dispatch();
  await dispatcher.finished;
  expect(events.flatMap((event) => (event.event === 'start' ? [event.id] : [])).sort()).toEqual(['a', 'b', 'bad', 'c', 'd']);
  expect(state.counts()).toEqual({ done: 4, cached: 0, failed: 1, skipped: 0, pending: 0 });
});
