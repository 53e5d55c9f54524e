import { join, resolve } from 'node:path';

/**
 * Where things lie in a store:
 *
 * ```
 * store.json                    format version
 * objects/<2 digits>/<key>/     a finished job: result.json, its artifacts, manifest.json (sizes and SHA-256 of all)
 * work/<key>/out/               artifacts of a job that is running or was interrupted: thrown away when it starts again
 * work/<key>/scratch/           its checkpoints: used when it starts again
 * work/<key>/origin.json        the machine that the checkpoints come from
 * failed/<key>.json             why a job failed the last time
 * logs/<key>.log                what a job said, all attempts
 * locks/<key>.<token>.json      who runs a job now; `run.<token>.json`: which keys a running command needs
 * corrupt/<key>-<time>/         objects that did not fit their manifest
 * ```
 */
export interface Layout {
  readonly root: string;
  readonly formatFile: string;
  readonly objects: string;
  readonly work: string;
  readonly failed: string;
  readonly logs: string;
  readonly locks: string;
  readonly corrupt: string;
  object(key: string): string;
  workOf(key: string): string;
  failure(key: string): string;
  log(key: string): string;
}

export const storeFormat = 1;
export const isKey = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

export function layoutOf(folder: string): Layout {
  const root = resolve(folder);
  const objects = join(root, 'objects');
  const work = join(root, 'work');
  const failed = join(root, 'failed');
  const logs = join(root, 'logs');
  return {
    root, objects, work, failed, logs,
    formatFile: join(root, 'store.json'),
    locks: join(root, 'locks'),
    corrupt: join(root, 'corrupt'),
    object: (key) => join(objects, key.slice(0, 2), key),
    workOf: (key) => join(work, key),
    failure: (key) => join(failed, `${key}.json`),
    log: (key) => join(logs, `${key}.log`),
  };
}
