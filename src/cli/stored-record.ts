import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedSuite } from '../catalog.js';
import { registries } from '../catalog.js';
import { repairStore, StoreError } from '../errors.js';
import { collect } from '../results/collect.js';
import { validateResult } from '../results/schema.js';
import type { Failure, Restatement, Result, RunRecord } from '../results/types.js';
import type { Plan, PlannedJob } from '../runner/job.js';
import type { Store } from '../runner/store.js';
import { encoderSourceLine } from './encoder-source-text.js';

/** One line on each registered method and protocol, and on the file of each entry that has its encoder from one. */
async function descriptions(encoderSources: PlannedSuite['encoderSources']): Promise<Readonly<Record<string, string>>> {
  const { methods, protocols } = await registries();
  return Object.fromEntries([
    ...Object.values(methods).map(({ name, description }) => [`method/${name}`, description] as const),
    ...Object.entries(encoderSources).map(([entry, source]) => [`entry/${entry}`, encoderSourceLine(source)] as const),
    ...Object.values(protocols).map(({ name, description }) => [`protocol/${name}`, description] as const),
  ]);
}

/** Those of a suite's methods whose papers could not be read whole. */
async function restatements({ entries }: PlannedSuite['suite']): Promise<Readonly<Record<string, Restatement>>> {
  const { methods } = await registries();
  const used = [...new Set(entries.map(({ method }) => method))];
  return Object.fromEntries(used.flatMap((name) => {
    const restatement = methods[name]?.restatement;
    return restatement === undefined ? [] : [[name, restatement] as const];
  }));
}

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** The jobs of a plan by their key, in its order. */
function byKey({ jobs }: Plan): ReadonlyMap<string, readonly PlannedJob[]> {
  const found = new Map<string, PlannedJob[]>();
  for (const job of jobs) found.set(job.key, [...(found.get(job.key) ?? []), job]);
  return found;
}

/** null where its job has not finished. StoreError for one that is not as its job has left it: a changed digit is a wrong number. */
async function storedResult(store: Store, key: string): Promise<Result | null> {
  if (!await store.has(key)) return null;
  const changed = await store.problems(key, 'result');
  if (changed !== null) throw new StoreError(`a result is not as its job has left it: ${changed.join('; ')}`, { where: store.folder(key), fix: repairStore });
  return store.readResult(key, (value) => validateResult(value, join(store.folder(key), 'result.json')));
}

/** Everything that the store holds of a planned suite: finished jobs, failures, pictures. */
export async function storedRecord({ suite, text, plan, encoderSources }: PlannedSuite, store: Store): Promise<RunRecord> {
  const failures: Failure[] = [];
  for (const [key, jobs] of byKey(plan)) {
    const failure = await store.readFailure(key);
    if (failure === null) continue;
    // Of a job with several ids the one that it ran under, which its log begins with; the first where another suite ran it.
    const { id, tags } = jobs.find((job) => job.id === failure.id) ?? jobs[0]!;
    failures.push({ id, key, message: failure.message, log: failure.log, tags });
  }
  return collect({
    suite,
    suiteText: text,
    plan,
    failures,
    descriptions: await descriptions(encoderSources),
    restatements: await restatements(suite),
    readResult: (key) => storedResult(store, key),
    readArtifact: (key, file) =>
      readFile(join(store.folder(key), file)).catch((error: unknown) => {
        if (missing(error)) return null;
        throw error;
      }),
  });
}
