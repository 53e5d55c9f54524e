import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson } from '../files.js';
import { isFromHere, type TensorPlace } from './machine.js';
import type { Progress } from './progress/events.js';
import type { Unit } from './schedule.js';
import type { Store } from './store.js';
import { isMissing } from './store/disk.js';
import { resultName, setAside } from './store/object.js';

/** Of a stored result: whether it was made on another kind of machine, device or runtime than this; its job's wall time, where it tells about this machine. */
export interface Origin { readonly foreign: boolean; readonly seconds: number | null }

/** What the store has for a key. */
type Found =
  | { readonly state: 'there'; readonly origin: (tensors: TensorPlace) => Origin }
  | { readonly state: 'absent' }
  /** It was there and did not fit its manifest. `place`: where it has been set aside, null when another process was first. */
  | { readonly state: 'broken'; readonly problems: readonly string[]; readonly place: string | null };

/** That of a key that has a result. */
export type Stored = Extract<Found, { readonly state: 'there' }>;

/** Looks a key up. A broken object is set aside, so that its job runs again; left-overs of a finished one are removed. */
async function lookUp(store: Store, key: string): Promise<Found> {
  if (!(await exists(store.folder(key)))) return { state: 'absent' };
  const problems = await store.problems(key, 'quick');
  if (problems !== null) return { state: 'broken', problems, place: await setAside(store.layout, key) };
  // A worker that was killed right after its commit has left these; whoever still holds the lock is about to remove them too.
  await rm(store.layout.workOf(key), { recursive: true, force: true });
  await rm(store.layout.failure(key), { force: true });
  const result = await readJson(join(store.folder(key), resultName));
  return { state: 'there', origin: (tensors) => originOf(result, tensors) };
}

/** What is stored of a unit; null: its job has to run. A broken one is told. */
export async function findStored(store: Store, unit: Unit, progress: Progress): Promise<Stored | null> {
  const found = await lookUp(store, unit.key);
  if (found.state === 'broken' && found.place !== null) {
    progress.on({ event: 'note', text: `${unit.job.id}: its stored result is broken (${found.problems.join('; ')}); set aside in ${found.place}, the job runs again` });
  }
  return found.state === 'there' ? found : null;
}

function originOf(result: unknown, tensors: TensorPlace): Origin {
  const here = isFromHere(result, tensors);
  const { wallSeconds } = result as { readonly wallSeconds?: unknown };
  return { foreign: here === false, seconds: here === true && typeof wallSeconds === 'number' ? wallSeconds : null };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
