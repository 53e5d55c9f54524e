import { readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, sha256, sha256File, writeFileAtomic } from '../../files.js';
import { filesUnder, isMissing, isTaken, syncFile, syncFolder } from './disk.js';
import type { Layout } from './layout.js';

/** What an object must hold, written last. */
export interface Manifest {
  readonly format: 1;
  readonly key: string;
  /** Every file but the manifest itself, sorted by path. `result.json` is one of them. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

export const manifestName = 'manifest.json';
export const resultName = 'result.json';

const isEntry = (value: unknown): value is Manifest['files'][number] => {
  const file = value as Partial<Manifest['files'][number]> | null;
  return typeof file?.path === 'string' && typeof file.bytes === 'number' && typeof file.sha256 === 'string';
};

/** The manifest of an object, or what is wrong with it. */
async function readManifest(layout: Layout, key: string): Promise<Manifest | string> {
  let text: string;
  try {
    text = await readFile(join(layout.object(key), manifestName), 'utf8');
  } catch (error) {
    if (isMissing(error)) return `${manifestName} is missing`;
    throw error;
  }
  try {
    const value = JSON.parse(text) as { readonly format?: unknown; readonly key?: unknown; readonly files?: unknown } | null;
    const files: readonly unknown[] = Array.isArray(value?.files) ? value.files : [null];
    const whole = value?.format === 1 && value.key === key && files.every(isEntry);
    return whole ? (value as Manifest) : `${manifestName} is not a manifest of this key`;
  } catch {
    return `${manifestName} is not JSON`;
  }
}

/** `result`: result.json alone. `quick`: also names and sizes of all files. `full`: the SHA-256 of everything. */
export type Depth = 'result' | 'quick' | 'full';

/**
 * Whether an object is whole. Null: it is; otherwise every thing that is wrong.
 */
export async function problemsOf(layout: Layout, key: string, depth: Depth): Promise<readonly string[] | null> {
  const manifest = await readManifest(layout, key);
  if (typeof manifest === 'string') return [manifest];
  const folder = layout.object(key);
  const problems: string[] = [];
  if (!manifest.files.some(({ path }) => path === resultName)) problems.push(`${resultName} is not in the manifest`);
  for (const { path, bytes, sha256: expected } of manifest.files) {
    if (depth === 'result' && path !== resultName) continue;
    try {
      const size = (await stat(join(folder, path))).size;
      if (size !== bytes) problems.push(`${path} has ${size} bytes instead of ${bytes}`);
      else if ((depth === 'full' || path === resultName) && (await sha256File(join(folder, path))) !== expected) problems.push(`the content of ${path} has changed`);
    } catch (error) {
      if (!isMissing(error)) throw error;
      problems.push(`${path} is missing`);
    }
  }
  if (depth === 'full') {
    const listed = new Set([manifestName, ...manifest.files.map(({ path }) => path)]);
    for (const { path } of await filesUnder(folder)) if (!listed.has(path)) problems.push(`${path} is not in the manifest`);
  }
  return problems.length === 0 ? null : problems;
}

/**
 * Makes a folder with a result.json into the object of a key: manifest, everything to the disk, one rename. A reader sees
 * all of it or nothing. When the object is there already (another process was first), the folder is dropped.
 */
export async function commitObject(layout: Layout, key: string, folder: string): Promise<void> {
  const found = await filesUnder(folder);
  const files = await Promise.all(found.map(async ({ path, bytes }) => {
    await syncFile(join(folder, path));
    return { path, bytes, sha256: await sha256File(join(folder, path)) };
  }));
  const manifest: Manifest = { format: 1, key, files };
  await writeFileAtomic(join(folder, manifestName), `${JSON.stringify(manifest, null, 1)}\n`);
  const folders = new Set(files.map(({ path }) => dirname(join(folder, path))));
  for (const each of [...folders, folder]) await syncFolder(each);
  const target = layout.object(key);
  await makeFolder(dirname(target));
  try {
    await rename(folder, target);
  } catch (error) {
    if (!isTaken(error)) throw error;
    await rm(folder, { recursive: true, force: true });
  }
  await syncFolder(dirname(target));
}

/** Moves an object out of the way in one step, so that no reader sees half of it. Gives the new place; null when it has gone already. */
export async function setAside(layout: Layout, key: string): Promise<string | null> {
  const target = join(layout.corrupt, `${key}-${Date.now()}-${sha256(`${process.pid} ${Math.random()}`).slice(0, 6)}`);
  await makeFolder(layout.corrupt);
  try {
    await rename(layout.object(key), target);
    return target;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
