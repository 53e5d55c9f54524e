import { open, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MaskbenchError, messageOf, StoreError } from '../errors.js';
import { isObject, makeFolder, readJson, writeFileAtomic } from '../files.js';
import { bytesUnder, isMissing, storeErrorOf } from './store/disk.js';
import { objectKeys } from './store/gc.js';
import { isKey, layoutOf, storeFormat, type Layout } from './store/layout.js';
import { type Depth, problemsOf, resultName } from './store/object.js';

/** Why a job failed the last time that it ran. */
export interface FailureRecord {
  readonly format: 1;
  readonly key: string;
  readonly id: string;
  readonly kind: string;
  readonly message: string;
  /** The stack, for errors that no user can cause. */
  readonly stack: string | null;
  readonly log: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

const isFailure = (value: unknown): value is FailureRecord =>
  isObject(value) && (['key', 'id', 'kind', 'message', 'log', 'at'] as const).every((name) => typeof value[name] === 'string') && (value['stack'] === null || typeof value['stack'] === 'string');

export interface StoredObject {
  readonly key: string;
  readonly id: string;
  readonly kind: string;
  readonly seed: number | null;
  readonly finishedAt: string;
  readonly wallSeconds: number;
  readonly bytes: number;
}

/** The folder with every finished job's result and artifacts, by key. Reading side; workers write (store/work.ts). */
export interface Store {
  readonly layout: Layout;
  /** Absolute folder of a finished job. */
  folder(key: string): string;
  /** Whether a job is finished. An object appears whole or not at all. */
  has(key: string): Promise<boolean>;
  /** result.json through the given validator. StoreError when it is missing or broken: it names the object and what to do. */
  readResult<T>(key: string, validate: (value: unknown) => T): Promise<T>;
  /** Null when the job did not fail, or has succeeded since, and where the record cannot be read. */
  readFailure(key: string): Promise<FailureRecord | null>;
  writeFailure(failure: FailureRecord): Promise<void>;
  logFile(key: string): string;
  list(): Promise<readonly StoredObject[]>;
  /** Null: whole; else what is wrong, as far as `depth` looks. */
  problems(key: string, depth: Depth): Promise<readonly string[] | null>;
  /** Every job that has written a log, finished or not, by the first line of its log. */
  loggedJobs(): Promise<readonly { readonly key: string; readonly id: string }[]>;
  /** Keys that begin with the given digits. */
  keysLike(prefix: string): Promise<readonly string[]>;
}

/** The store's folder: the option, else MASKBENCH_STORE, else `.maskbench/store` here. */
export const storeFolder = (option?: string): string => resolve(option ?? (process.env['MASKBENCH_STORE'] || join('.maskbench', 'store')));

/** The first 400 bytes of a log are enough: the line that a worker starts it with. */
async function firstLine(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(400), 0, 400, 0);
    return buffer.toString('utf8', 0, bytesRead).split('\n')[0] ?? '';
  } finally {
    await handle.close();
  }
}

const textOr = (other: string, value: unknown): string => (typeof value === 'string' ? value : other);
const numberOr = <T>(other: T, value: unknown): number | T => (typeof value === 'number' ? value : other);

const brokenResult = (key: string, folder: string, cause: unknown): StoreError =>
  new StoreError(`The result of ${key.slice(0, 12)} cannot be read: ${messageOf(cause)}`, {
    where: folder,
    fix: '`maskbench store verify` checks every object; with --repair it sets broken ones aside, and the next run makes them again.',
    cause,
  });

/**
 * Opens a store and makes its folder when there is none. StoreError when the folder cannot be used or was written by
 * another format version.
 */
export async function openStore(folder: string): Promise<Store> {
  const layout = layoutOf(folder);
  try {
    await makeFolder(layout.root);
    const format = await readJson(layout.formatFile).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    }) as { readonly format?: unknown } | null | undefined;
    if (format === undefined) await writeFileAtomic(layout.formatFile, `${JSON.stringify({ format: storeFormat })}\n`);
    else if (format?.format !== storeFormat) {
      throw new StoreError(`The store has format ${JSON.stringify(format?.format ?? format)}; this version reads format ${storeFormat}`, {
        where: layout.root, fix: 'Use another folder (--store DIR or MASKBENCH_STORE).',
      });
    }
  } catch (error) {
    if (error instanceof MaskbenchError) throw error;
    if (error instanceof SyntaxError) {
      throw new StoreError(`store.json cannot be read: ${error.message}`, { where: layout.root, fix: 'Use another folder (--store DIR or MASKBENCH_STORE), or remove store.json if the folder is a store.', cause: error });
    }
    throw await storeErrorOf(error, layout.root, 'The folder cannot be used as a store');
  }

  const has = async (key: string): Promise<boolean> => {
    try {
      await stat(join(layout.object(key), resultName));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  };

  const logKeys = async (): Promise<readonly string[]> =>
    (await readdir(layout.logs).catch(() => [] as string[])).map((name) => name.replace(/\.log$/, '')).filter(isKey);

  const list = async (): Promise<readonly StoredObject[]> =>
    Promise.all((await objectKeys(layout)).map(async (key) => {
      const bytes = await bytesUnder(layout.object(key));
      const head = (await readJson(join(layout.object(key), resultName)).catch(() => null)) as Partial<Record<keyof StoredObject, unknown>> | null;
      return {
        key, bytes,
        id: textOr('(broken)', head?.id), kind: textOr('(broken)', head?.kind), seed: numberOr(null, head?.seed),
        finishedAt: textOr('', head?.finishedAt), wallSeconds: numberOr(0, head?.wallSeconds),
      };
    }));

  return {
    layout, has, list,
    folder: (key) => layout.object(key),
    logFile: (key) => layout.log(key),
    problems: (key, depth) => problemsOf(layout, key, depth),
    async readResult(key, validate) {
      const file = join(layout.object(key), resultName);
      let value: unknown;
      try {
        value = await readJson(file);
      } catch (cause) {
        if (isMissing(cause)) throw new StoreError(`No finished job has the key ${key.slice(0, 12)}`, { where: layout.root, fix: 'Run the suite first: `maskbench run SUITE`.', cause });
        throw brokenResult(key, layout.object(key), cause);
      }
      try {
        return validate(value);
      } catch (cause) {
        throw brokenResult(key, layout.object(key), cause);
      }
    },
    async readFailure(key) {
      const value = await readJson(layout.failure(key)).catch(() => null);
      return isFailure(value) ? value : null;
    },
    writeFailure: (failure) => writeFileAtomic(layout.failure(failure.key), `${JSON.stringify(failure, null, 1)}\n`),
    loggedJobs: async () => {
      const jobs = await Promise.all((await logKeys()).map(async (key) => {
        const start = await firstLine(layout.log(key));
        return { key, id: / start (\S+) \(/.exec(start)?.[1] ?? '' };
      }));
      return jobs.filter(({ id }) => id !== '');
    },
    keysLike: async (prefix) => {
      const all = new Set([...await objectKeys(layout), ...await logKeys()]);
      return [...all].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}
