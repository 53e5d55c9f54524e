import type { JsonObject } from '../../files.js';
import type { Request } from './messages.js';
import type { WorkerProcess } from './process.js';

/** What a measurement in a worker gives. An Error with the reason where it failed or the worker ended. */
export async function measureIn(worker: WorkerProcess, request: Omit<Extract<Request, { readonly type: 'measure' }>, 'type'>): Promise<JsonObject> {
  const outcome = await worker.request({ type: 'measure', ...request }, null, { progress: () => undefined, resumed: () => undefined, dropped: () => undefined });
  if (outcome.type === 'measured') return outcome.body;
  throw new Error(outcome.type === 'failed' ? outcome.message : outcome.type === 'died' ? outcome.how : outcome.type);
}
