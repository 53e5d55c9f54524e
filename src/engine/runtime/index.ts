import { existsSync } from 'node:fs';
import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { EngineError, messageOf } from '../../errors.js';
import { isDiskFull, makeFolder } from '../../files.js';
import { ADDON, addonHeaders, addonPackageVersion, buildAddon, fromAddon, NAPI_VERSION } from './addon.js';
import { downloadArchive, extractArchive } from './archive.js';
import { cacheLayout, type CacheLayout } from './cache.js';
import { cacheError } from './cache-error.js';
import { chooseDevice, deviceOfEnvironment, type DeviceChoice } from './device.js';
import type { GpuSearch } from './gpu.js';
import { openLibraryFolder, type LibraryFolder } from './library-folder.js';
import { withLock } from './lock.js';
import { checkContent, checkSizes, readManifest, writeManifest, type Manifest } from './manifest.js';
import { DownloadError } from './pip.js';
import { archiveFor, platformName, wheelFor, type Device } from './platform.js';
import type { OnProgress } from './progress.js';
import { installWheel } from './wheel.js';

export { cacheFolder } from '../../cache-folder.js';
export { chooseDevice, DEVICE_VARIABLE, deviceChoices, deviceMeant, deviceOfEnvironment, readDevice, suiteDevice, type DeviceChoice } from './device.js';
export { FallbackError, fallbackError, fallbackFacts, fallbackReasons } from './fallback.js';
export { deviceMemory, findGpus, usesTf32, usesXla, XLA_FLAG, type DeviceMemory, type Gpu, type GpuSearch } from './gpu.js';
export type { Device } from './platform.js';
export { phaseTitle, type OnProgress, type SetUpProgress } from './progress.js';

/**
 * TensorFlow's runtime: its shared libraries and the addon that was built against them, in the user's cache.
 *
 *   runtimes/<project>-<version>-<platform>/   libraries, C headers, manifest.json
 *   addons/<what it was built from>/           tfjs_binding.node, manifest.json
 *   work/, logs/, set-up.lock
 *
 * The libraries come from a folder that the user names, else from TensorFlow's wheel through pip, else, where pip cannot
 * bring it, from the archive of the C library. Those for the CPU and for CUDA lie side by side. A finished folder appears
 * by one rename. Loading nothing itself, this module costs a few file look-ups at a start.
 */

/** Names a folder with TensorFlow's libraries, instead of the download. */
export const FOLDER_VARIABLE = 'MASKBENCH_TENSORFLOW';

export interface Runtime {
  /** The addon's file, ready to be loaded. */
  readonly addon: string;
  /** Folder of the shared libraries. */
  readonly libraries: string;
  readonly version: string;
  readonly source: Source;
  /** What it is to compute on. `auto`: what the folder that the user named can. */
  readonly device: Device | 'auto';
  /** What was found of GPUs; null where none was looked for. */
  readonly gpus: GpuSearch | null;
}

export type Source = 'folder' | 'wheel' | 'archive';

export type RuntimeStatus =
  | { readonly state: 'ready'; readonly cache: string; readonly runtime: Runtime }
  | { readonly state: 'absent'; readonly cache: string; readonly missing: readonly string[] }
  | { readonly state: 'damaged'; readonly cache: string; readonly problems: readonly string[] };

export interface RuntimeOptions {
  /** Folder with TensorFlow's libraries; default: the environment variable MASKBENCH_TENSORFLOW, else the cached download. */
  readonly folder?: string | undefined;
  /** Default: the environment variable MASKBENCH_DEVICE, else `auto`. */
  readonly device?: DeviceChoice | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Sets everything up again, whatever is there. */
  readonly again?: boolean | undefined;
}

/** What is asked for, decided for this machine. */
interface Target { readonly named: string | null; readonly device: Runtime['device']; readonly gpus: GpuSearch | null }

async function targetOf(options: RuntimeOptions): Promise<Target> {
  const named = options.folder ?? (process.env[FOLDER_VARIABLE] || null);
  const choice = options.device ?? deviceOfEnvironment();
  const { device, gpus } = await chooseDevice(choice);
  // a folder that the user names may be a CPU build on purpose, also where a GPU is
  return { named, gpus, device: named !== null && choice === 'auto' && device === 'cuda' ? 'auto' : device };
}

/** A folder with libraries, and where it comes from. */
interface Place { readonly folder: string; readonly source: Source }

const wheelPlace = (layout: CacheLayout, device: Device): Place => {
  const { project, version } = wheelFor(device);
  return { folder: join(layout.runtimes, `${project}-${version}-${device === 'cuda' ? 'cuda-' : ''}${platformName()}`), source: 'wheel' };
};

const archivePlace = (layout: CacheLayout, device: Device): Place | null => {
  const archive = archiveFor(device);
  return archive === null ? null : { folder: join(layout.runtimes, `${archive.name}-${archive.version}-${platformName()}`), source: 'archive' };
};

/** The place of a target: what is set up, else where the wheel would be. */
async function placeOf(layout: CacheLayout, { named, device }: Target): Promise<Place> {
  if (named !== null || device === 'auto') return { folder: named ?? '', source: 'folder' };
  const wheel = wheelPlace(layout, device);
  if (await readManifest(wheel.folder) !== null) return wheel;
  const archive = archivePlace(layout, device);
  return archive !== null && await readManifest(archive.folder) !== null ? archive : wheel;
}

const openPlace = ({ folder }: Place, { device }: Target): Promise<LibraryFolder> => openLibraryFolder(folder, FOLDER_VARIABLE, device !== 'cpu');

const addonName = async (libraries: LibraryFolder, { source }: Place, { device }: Target): Promise<string> => {
  const from = source === 'folder' ? `${libraries.version}-${libraries.identity}` : `${libraries.version}${source === 'archive' ? '-archive' : ''}${device === 'cuda' ? '-cuda' : ''}`;
  return `tfjs-${await addonPackageVersion()}-tensorflow-${from}-napi${NAPI_VERSION}-abi${process.versions.modules}-${platformName()}`;
};

/** What is there, without loading, downloading or building anything. EngineError for a named folder that does not fit. */
export async function runtimeStatus(options: RuntimeOptions = {}): Promise<RuntimeStatus> {
  return status(await targetOf(options), checkSizes);
}

/** As runtimeStatus, with every byte of the libraries and of the addon compared with its SHA-256. */
export async function verifyRuntime(options: RuntimeOptions = {}): Promise<RuntimeStatus> {
  return status(await targetOf(options), checkContent);
}

async function status(target: Target, check: typeof checkSizes): Promise<RuntimeStatus> {
  const layout = cacheLayout();
  const place = await placeOf(layout, target);
  if (place.source !== 'folder') {
    const manifest = await readManifest(place.folder);
    if (manifest === null) return { state: 'absent', cache: layout.root, missing: [`TensorFlow's libraries for the device ${target.device} (${nameOfWheel(target)})`, 'the addon'] };
    const problems = await check(place.folder, manifest);
    if (problems.length > 0) return { state: 'damaged', cache: layout.root, problems: problems.map((problem) => `${place.folder}: ${problem}`) };
  }
  const libraries = await openPlace(place, target);
  const folder = join(layout.addons, await addonName(libraries, place, target));
  const manifest = await readManifest(folder);
  if (manifest === null) return { state: 'absent', cache: layout.root, missing: [`the addon for Node ${process.versions.node} and TensorFlow ${libraries.version}`] };
  const problems = await check(folder, manifest);
  if (problems.length > 0) return { state: 'damaged', cache: layout.root, problems: problems.map((problem) => `${folder}: ${problem}`) };
  const { device, gpus } = target;
  return { state: 'ready', cache: layout.root, runtime: { addon: join(folder, ADDON), libraries: libraries.libraries, version: libraries.version, source: place.source, device, gpus } };
}

function nameOfWheel({ device }: Target): string {
  const { project, version } = wheelFor(device === 'cuda' ? 'cuda' : 'cpu');
  return `${project} ${version}`;
}

/**
 * Makes the runtime ready: at once when it is, else by download, unpacking and building. Two processes at once: one works,
 * the other waits. Killed at any moment, the next call goes on with a finished download or starts clean.
 */
export async function ensureRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const target = await targetOf(options);
  if (options.again !== true) {
    const before = await status(target, checkSizes);
    if (before.state === 'ready') return before.runtime;
  }
  const layout = cacheLayout();
  await makeFolder(layout.root).catch((cause: unknown) => {
    throw new EngineError('the cache folder cannot be made', { where: layout.root, fix: 'Set MASKBENCH_CACHE to a folder that you can write to.', cause });
  });
  const onProgress = options.onProgress ?? ((): void => {});
  return withLock(layout.lock, () => onProgress({ phase: 'wait', done: 0, total: 0 }), async () => {
    const now = await status(target, checkSizes); // another process may have finished it meanwhile
    if (now.state === 'ready' && options.again !== true) return now.runtime;
    await setUp(layout, target, options.again === true, onProgress);
    const after = await status(target, checkSizes);
    if (after.state !== 'ready') throw new EngineError(`the set-up ended, but the runtime is ${after.state}`, { where: layout.root, fix: 'Remove this folder and run `maskbench engine install`.' });
    return after.runtime;
  }).catch((error: unknown) => {
    throw isDiskFull(error) ? cacheError(`TensorFlow could not be set up: ${messageOf(error)}`) : error;
  });
}

async function setUp(layout: CacheLayout, target: Target, again: boolean, onProgress: OnProgress): Promise<void> {
  const log = join(layout.logs, `set-up-${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.log`);
  let place = await placeOf(layout, target);
  if (place.source !== 'folder' && (again || !(await isComplete(place.folder)))) place = await install(layout, target.device === 'cuda' ? 'cuda' : 'cpu', log, onProgress);
  const libraries = await openPlace(place, target);
  const addon = join(layout.addons, await addonName(libraries, place, target));
  // relative for the cache's own libraries: the cache may be moved as a whole
  const root = await realpath(layout.root);
  const rpath = (folder: string): string => (place.source === 'folder' ? folder : fromAddon(join(root, relative(layout.root, addon)), folder));
  await buildAddon(libraries, { work: layout.work, target: addon, rpath, log, onProgress });
  await rm(layout.work, { recursive: true, force: true });
}

async function isComplete(folder: string): Promise<boolean> {
  const manifest = await readManifest(folder);
  return manifest !== null && (await checkSizes(folder, manifest)).length === 0;
}

/** Libraries by pip, else the archive. EngineError with all that was tried. */
async function install(layout: CacheLayout, device: Device, log: string, onProgress: OnProgress): Promise<Place> {
  const downloads = join(layout.work, 'download');
  const unpacked = join(layout.work, 'runtime');
  await rm(unpacked, { recursive: true, force: true });
  const finish = async (place: Place, version: string, source: string, files: Manifest['files']): Promise<Place> => {
    await writeManifest(unpacked, { schema: 1, version, source, files });
    if (existsSync(place.folder)) await rm(await realpath(place.folder), { recursive: true, force: true });
    await mkdir(dirname(place.folder), { recursive: true });
    await rename(unpacked, place.folder);
    return place;
  };
  const wheel = wheelFor(device);
  try {
    const { files, source } = await installWheel(wheel, downloads, unpacked, await addonHeaders(), log, onProgress);
    return await finish(wheelPlace(layout, device), wheel.version, source, files);
  } catch (byPip) {
    if (!(byPip instanceof DownloadError)) throw byPip;
    const archive = archiveFor(device);
    const place = archivePlace(layout, device);
    if (archive === null || place === null) throw giveUp(device, byPip.tried, log);
    await rm(unpacked, { recursive: true, force: true });
    const file = await downloadArchive(archive, downloads, log, onProgress).catch((byHand: unknown) => {
      throw byHand instanceof DownloadError ? giveUp(device, [...byPip.tried, ...byHand.tried], log) : byHand;
    });
    const files = await extractArchive(file, unpacked, log, onProgress);
    return finish(place, archive.version, `${archive.url} (SHA-256 ${archive.sha256})`, files);
  }
}

function giveUp(device: Device, tried: readonly string[], log: string): EngineError {
  const { project, version } = wheelFor(device);
  const archive = archiveFor(device);
  return new EngineError(`TensorFlow's runtime could not be downloaded. Tried:\n    - ${tried.join('\n    - ')}`, {
    where: 'engine set-up',
    fix: [
      `Log: ${log}`,
      'Ways out:',
      `  - install Python 3 with pip, or let pip reach an index that has ${project} ${version} (pip config, PIP_INDEX_URL, PIP_FIND_LINKS), and run \`maskbench engine install\` again;`,
      '  - set HTTPS_PROXY where the network is reached through a proxy;',
      `  - set ${FOLDER_VARIABLE} to the folder of an installed tensorflow package (the one with libtensorflow_cc.so.2 and include/);`,
      ...(archive === null ? [] : [`  - or to the folder of TensorFlow's C library, downloaded elsewhere (${archive.url}) and unpacked.`]),
    ].join('\n  '),
  });
}
