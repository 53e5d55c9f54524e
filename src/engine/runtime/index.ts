import { existsSync } from 'node:fs';
import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../errors.js';
import { ADDON, addonHeaders, addonPackageVersion, buildAddon, NAPI_VERSION } from './addon.js';
import { cacheLayout, type CacheLayout } from './cache.js';
import { openLibraryFolder, type LibraryFolder } from './library-folder.js';
import { withLock } from './lock.js';
import { checkContent, checkSizes, readManifest, writeManifest } from './manifest.js';
import { platformName, TENSORFLOW_VERSION, wheelFor } from './platform.js';
import type { OnProgress } from './progress.js';
import { downloadWheel, extractWheel } from './wheel.js';

export { cacheFolder } from './cache.js';
export { phaseTitle, type OnProgress, type SetUpProgress } from './progress.js';

/**
 * TensorFlow's runtime: its shared libraries and the addon that was built against them, in the user's cache.
 *
 *   runtimes/<project>-<version>-<platform>/   libraries, C headers, manifest.json
 *   addons/<what it was built from>/           tfjs_binding.node, manifest.json
 *   work/, logs/, set-up.lock
 *
 * A finished folder appears by one rename. Loading nothing itself, this module costs a few file look-ups at a start.
 */

/** Names a folder with TensorFlow's libraries, instead of the download. */
export const FOLDER_VARIABLE = 'MASKBENCH_TENSORFLOW';

export interface Runtime {
  /** The addon's file, ready to be loaded. */
  readonly addon: string;
  /** Folder of the shared libraries. */
  readonly libraries: string;
  readonly version: string;
  readonly source: 'folder' | 'wheel';
}

export type RuntimeStatus =
  | { readonly state: 'ready'; readonly cache: string; readonly runtime: Runtime }
  | { readonly state: 'absent'; readonly cache: string; readonly missing: readonly string[] }
  | { readonly state: 'damaged'; readonly cache: string; readonly problems: readonly string[] };

export interface RuntimeOptions {
  /** Folder with TensorFlow's libraries; default: the environment variable MASKBENCH_TENSORFLOW, else the cached wheel. */
  readonly folder?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Sets everything up again, whatever is there. */
  readonly again?: boolean | undefined;
}

interface Place { readonly folder: string; readonly wheel: string | null }

const namedFolder = (options: RuntimeOptions): string | undefined => options.folder ?? (process.env[FOLDER_VARIABLE] || undefined);

const wheelPlace = (layout: CacheLayout): Place => {
  const { project, version } = wheelFor();
  return { folder: join(layout.runtimes, `${project}-${version}-${platformName()}`), wheel: `${project} ${version}` };
};

const addonName = async (libraries: LibraryFolder, source: Runtime['source']): Promise<string> => {
  const from = source === 'wheel' ? libraries.version : `${libraries.version}-${libraries.identity}`;
  return `tfjs-${await addonPackageVersion()}-tensorflow-${from}-napi${NAPI_VERSION}-abi${process.versions.modules}-${platformName()}`;
};

/** What is there, without loading, downloading or building anything. EngineError for a named folder that does not fit. */
export async function runtimeStatus(options: RuntimeOptions = {}): Promise<RuntimeStatus> {
  return status(options, checkSizes);
}

/** As runtimeStatus, with every byte of the libraries and of the addon compared with its SHA-256. */
export async function verifyRuntime(options: RuntimeOptions = {}): Promise<RuntimeStatus> {
  return status(options, checkContent);
}

async function status(options: RuntimeOptions, check: typeof checkSizes): Promise<RuntimeStatus> {
  const layout = cacheLayout();
  const named = namedFolder(options);
  const source = named === undefined ? 'wheel' : 'folder';
  let libraries: LibraryFolder;
  if (named === undefined) {
    const { folder, wheel } = wheelPlace(layout);
    const manifest = await readManifest(folder);
    if (manifest === null) return { state: 'absent', cache: layout.root, missing: [`TensorFlow's libraries (${wheel})`, 'the addon'] };
    const problems = await check(folder, manifest);
    if (problems.length > 0) return { state: 'damaged', cache: layout.root, problems: problems.map((problem) => `${folder}: ${problem}`) };
    libraries = await openLibraryFolder(folder, FOLDER_VARIABLE);
  } else {
    libraries = await openLibraryFolder(named, FOLDER_VARIABLE);
  }
  const folder = join(layout.addons, await addonName(libraries, source));
  const manifest = await readManifest(folder);
  if (manifest === null) return { state: 'absent', cache: layout.root, missing: [`the addon for Node ${process.versions.node} and TensorFlow ${libraries.version}`] };
  const problems = await check(folder, manifest);
  if (problems.length > 0) return { state: 'damaged', cache: layout.root, problems: problems.map((problem) => `${folder}: ${problem}`) };
  return { state: 'ready', cache: layout.root, runtime: { addon: join(folder, ADDON), libraries: libraries.libraries, version: libraries.version, source } };
}

/**
 * Makes the runtime ready: at once when it is, else by download, unpacking and building. Two processes at once: one works,
 * the other waits. Killed at any moment, the next call goes on with a finished download or starts clean.
 */
export async function ensureRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  if (options.again !== true) {
    const before = await runtimeStatus(options);
    if (before.state === 'ready') return before.runtime;
  }
  const layout = cacheLayout();
  await mkdir(layout.root, { recursive: true }).catch((cause: unknown) => {
    throw new EngineError('the cache folder cannot be made', { where: layout.root, fix: 'Set MASKBENCH_CACHE to a folder that you can write to.', cause });
  });
  const onProgress = options.onProgress ?? ((): void => {});
  return withLock(layout.lock, () => onProgress({ phase: 'wait', done: 0, total: 0 }), async () => {
    const now = await runtimeStatus(options); // another process may have finished it meanwhile
    if (now.state === 'ready' && options.again !== true) return now.runtime;
    await setUp(layout, options, onProgress);
    const after = await runtimeStatus(options);
    if (after.state !== 'ready') throw new EngineError(`the set-up ended, but the runtime is ${after.state}`, { where: layout.root, fix: 'Remove this folder and run `maskbench engine install`.' });
    return after.runtime;
  });
}

async function setUp(layout: CacheLayout, options: RuntimeOptions, onProgress: OnProgress): Promise<void> {
  const named = namedFolder(options);
  const log = join(layout.logs, `set-up-${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.log`);
  const place = named === undefined ? wheelPlace(layout) : { folder: named, wheel: null };
  if (named === undefined && (options.again === true || !(await isComplete(place.folder)))) await installWheel(layout, place.folder, log, onProgress);
  const libraries = await openLibraryFolder(place.folder, FOLDER_VARIABLE);
  const name = await addonName(libraries, named === undefined ? 'wheel' : 'folder');
  // relative for the cache's own libraries: the cache may be moved as a whole
  const rpath = named === undefined ? `\\$$ORIGIN/../../runtimes/${place.folder.slice(layout.runtimes.length + 1)}` : libraries.libraries;
  await buildAddon(libraries, { work: layout.work, target: join(layout.addons, name), rpath, log, onProgress });
  await rm(layout.work, { recursive: true, force: true });
}

async function isComplete(folder: string): Promise<boolean> {
  const manifest = await readManifest(folder);
  return manifest !== null && (await checkSizes(folder, manifest)).length === 0;
}

async function installWheel(layout: CacheLayout, target: string, log: string, onProgress: OnProgress): Promise<void> {
  const wheel = wheelFor();
  const file = await downloadWheel(wheel, join(layout.work, 'download'), log, onProgress);
  const unpacked = join(layout.work, 'runtime');
  await rm(unpacked, { recursive: true, force: true });
  const files = await extractWheel(wheel, file, unpacked, await addonHeaders(), log, onProgress);
  await writeManifest(unpacked, { schema: 1, version: TENSORFLOW_VERSION, source: file.slice(file.lastIndexOf('/') + 1), files });
  if (existsSync(target)) await rm(await realpath(target), { recursive: true, force: true });
  await mkdir(layout.runtimes, { recursive: true });
  await rename(unpacked, target);
}
