import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DataError } from '../../errors.js';
import type { JsonObject } from '../../files.js';

/** JSON schema of a source's `path`, with the rule of `dataPath`. */
export const pathSchema = {
  type: 'string',
  minLength: 1,
  description: 'Folder with the data: absolute, or relative to the folder that the environment variable MASKBENCH_DATA names (to the working directory where it is not set).',
} as const satisfies JsonObject;

/** The option `path`, which `pathSchema` has made sure of. */
export function pathOf(options: JsonObject): string {
  const { path } = options;
  if (typeof path === 'string' && path !== '') return path;
  throw new DataError('the option path is missing', { fix: 'Give the folder with the data as `path` in the suite file.' });
}

/**
 * Where a source's `path` lies: an absolute path as it is; a relative one under the folder that MASKBENCH_DATA names, or
 * under the working directory where the variable is not set or empty.
 */
export function dataPath(path: string, environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['MASKBENCH_DATA'];
  return base === undefined || base === '' ? resolve(path) : resolve(base, path);
}

/** The same, checked to be a folder. DataError that names the folder, the rule and the expected layout. */
export async function dataFolder(path: string, source: string, layout: string): Promise<string> {
  const folder = dataPath(path);
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return folder;
  throw missing(folder, found === null ? 'there is no such folder' : 'is not a folder', source, layout, path);
}

/** DataError for data that is not there, or not laid out as its source needs. */
export function missing(where: string, message: string, source: string, layout: string, path: string): DataError {
  const base = process.env['MASKBENCH_DATA'];
  const rule =
    resolve(path) === path
      ? ''
      : base === undefined || base === ''
        ? ` The path '${path}' is relative to the working directory, since MASKBENCH_DATA is not set.`
        : ` The path '${path}' is relative to MASKBENCH_DATA=${base}.`;
  return new DataError(message, { where, fix: `The source '${source}' expects ${layout}.${rule}`, data: { source, path, where } });
}
