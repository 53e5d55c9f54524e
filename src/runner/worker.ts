import { appendFileSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../cache-folder.js';
import { EngineError, JobError, MaskbenchError, messageOf, StoreError } from '../errors.js';
import { isDiskFull, type Json } from '../files.js';
import { waitedShare } from '../phases.js';
import { nudgeThreadPool } from '../thread-pool.js';
import { createCodeReader, defaultDist } from './code.js';
import type { JobContext, JobKinds, JobProgress, PlannedJob } from './job.js';
import { thisMachine } from './machine.js';
import { startPhases } from './phases.js';
import { layoutOf } from './store/layout.js';
import { tryLock } from './store/lock.js';
import { beginWork, finishWork } from './store/work.js';
import { openStore } from './store.js';
import { dieWithParent } from './workers/lifeline.js';
import { measureFolder } from './workers/measure-folder.js';
import type { FromWorker, Reply, Request, WorkerSetup } from './workers/messages.js';
import { startMeter } from './workers/meter.js';

/** Main of a worker process: serves one request after another until its parent ends it. */

interface JobModule { readonly jobKinds: JobKinds; readonly engineInfo?: () => Json }
interface ValidatorModule { readonly validateResult: (value: unknown) => unknown; readonly resultVersion: number }

const progressEveryMs = 100;

const setup = JSON.parse(process.argv[2] ?? '{}') as WorkerSetup;
dieWithParent(setup.parent);
nudgeThreadPool();
// Ctrl-C reaches the whole process group. The parent decides what it means for the workers.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

const layout = layoutOf(setup.store);

const send = (message: FromWorker): void => {
  // The parent may be gone; then the lifeline ends this process.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

const loadKind = async (kind: string): Promise<Awaited<ReturnType<JobKinds[string]>>> => {
  const { jobKinds } = (await import(setup.jobs)) as JobModule;
  const load = Object.hasOwn(jobKinds, kind) ? jobKinds[kind] : undefined;
  if (load === undefined) throw new JobError(`No job is of the kind ${kind}`, { fix: `There are: ${Object.keys(jobKinds).join(', ')}.` });
  return load();
};

const throttled = (): ((progress: JobProgress) => void) => {
  let last = 0;
  return (progress) => {
    const now = Date.now();
    if (now - last < progressEveryMs && progress.done < progress.total) return;
    last = now;
    send({ type: 'progress', progress });
  };
};

/** The key names the code as the plan saw it. Built files that have changed since may have run instead. */
async function refuseNewCode(job: PlannedJob): Promise<void> {
  if ((await createCodeReader(defaultDist()).codeOf(job.modules)).hash !== job.code) {
    throw new JobError('The program was built anew while this job ran, so that its result would stand under a wrong key', { where: job.id, fix: 'Run again, and let the build rest meanwhile.' });
  }
}

async function runJob(job: PlannedJob, inputs: Readonly<Record<string, string>>): Promise<Reply> {
  const lock = await tryLock(layout.locks, job.key);
  if (lock === null) return { type: 'held' };
  try {
    const store = await openStore(setup.store);
    if (await store.has(job.key)) return { type: 'present' };
    const logFile = layout.log(job.key);
    mkdirSync(dirname(logFile), { recursive: true });
    const log = (line: string): void => {
      try {
        appendFileSync(logFile, `${new Date().toISOString()} ${line}\n`);
      } catch (error) {
        // A full disk shows where the job writes; a line that is lost is no reason to fail.
        if (!isDiskFull(error)) throw error;
      }
    };
    const work = await beginWork(layout, job.key, setup.machine);
    log(`start ${job.id} (${job.kind}, key ${job.key.slice(0, 12)}, threads ${job.threads}, process ${process.pid})`);
    let { resumed } = work;
    const startAnew = (reason: string): void => {
      resumed = false;
      log(`starts anew: ${reason}`);
      send({ type: 'dropped', reason });
    };
    if (work.dropped !== null) startAnew(work.dropped);
    if (resumed) {
      log('goes on from its checkpoint');
      send({ type: 'resumed' });
    }
    for (const [role, key] of Object.entries(inputs)) {
      if (!(await store.has(key))) throw new StoreError(`The input \`${role}\` of ${job.id} has gone from the store`, { where: layout.object(key), fix: 'Run again: it is made anew.' });
    }
    const phases = startPhases();
    const context: JobContext = {
      job,
      folder: work.out,
      scratch: work.scratch,
      input(role) {
        const key = Object.hasOwn(inputs, role) ? inputs[role] : undefined;
        if (key === undefined) throw new JobError(`${job.id} has no input called ${role}`, { fix: `It has: ${Object.keys(inputs).join(', ') || 'none'}.` });
        return layout.object(key);
      },
      progress: throttled(),
      startAnew,
      log,
      phases,
    };
    const startedAt = new Date().toISOString();
    const stop = startMeter();
    try {
      const { engineInfo } = (await import(setup.jobs)) as JobModule;
      engineInfo?.();
      const body = await (await loadKind(job.kind))(context);
      const seconds = phases.seconds();
      const measured = { ...stop(), phases: seconds, waitedShare: waitedShare(seconds) };
      await refuseNewCode(job);
      const validator = setup.validator === null ? null : (await import(setup.validator)) as ValidatorModule;
      const seed = job.config['seed'];
      const head = {
        schema: validator?.resultVersion ?? null, key: job.key, id: job.id, kind: job.kind, config: job.config, inputs, code: job.code, version: setup.version,
        seed: typeof seed === 'number' ? seed : null,
        environment: { ...thisMachine(), engine: engineInfo?.() ?? null },
        startedAt, finishedAt: new Date().toISOString(), ...measured, resumed,
      };
      // Again at the end, so that no body can claim to be another job.
      const result = { ...head, ...body, ...head };
      validator?.validateResult(result);
      await finishWork(layout, job.key, work, result);
      log(`done in ${measured.wallSeconds.toFixed(2)} s`);
      return { type: 'done', seconds: measured.wallSeconds, resumed };
    } catch (error) {
      // Half-written artifacts are of no use, and others may need their room.
      await rm(work.out, { recursive: true, force: true });
      log(`failed: ${error instanceof MaskbenchError ? error.describe() : error instanceof Error ? error.stack ?? error.message : String(error)}`);
      throw error;
    }
  } finally {
    await lock.release();
  }
}

async function measure(request: Extract<Request, { type: 'measure' }>): Promise<Reply> {
  const folder = await measureFolder(join(cacheFolder(), 'measure'));
  try {
    const job: PlannedJob = {
      id: `measure/${request.kind}`, kind: request.kind, config: request.config, inputs: {}, modules: [], threads: request.threads,
      cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: '', code: '',
    };
    const context: JobContext = {
      job, folder, scratch: folder, progress: () => undefined, startAnew: () => undefined, log: () => undefined, phases: startPhases(),
      input: (role) => { throw new JobError(`A measurement has no input called ${role}`); },
    };
    return { type: 'measured', body: await (await loadKind(request.kind))(context) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const failure = (error: unknown): Reply => ({
  type: 'failed',
  message: error instanceof MaskbenchError ? error.describe() : messageOf(error),
  stack: error instanceof MaskbenchError || !(error instanceof Error) ? null : error.stack ?? null,
  diskFull: isDiskFull(error),
  broken: error instanceof EngineError,
});

process.on('message', (request: Request) => {
  const answer = request.type === 'run' ? runJob(request.job, request.inputs) : measure(request);
  void answer.catch(failure).then(send);
});
