import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineError } from '../../errors.js';
import { sha256 } from '../../files.js';
import { CUDA_LIBRARIES } from './cuda-libraries.js';
import { readManifest } from './manifest.js';

/** A folder with TensorFlow's shared libraries and C headers. */
export interface LibraryFolder {
  /** Real path of the folder that holds the libraries; the loader searches it. */
  readonly libraries: string;
  readonly include: string;
  /** File names, TensorFlow's own first. */
  readonly names: readonly [string, string];
  /** Paths of CUDA's libraries where they were asked for and lie beside it as pip lays them out (site-packages); else empty. */
  readonly cuda: readonly string[];
  /** 'unknown' where nothing beside the libraries says it. */
  readonly version: string;
  /** Changes when the libraries do. */
  readonly identity: string;
}

const FRAMEWORK = 'libtensorflow_framework.so.2';
/** The wheel's library, and that of the C archive. */
const MAIN = ['libtensorflow_cc.so.2', 'libtensorflow.so.2'];
const C_HEADER = join('tensorflow', 'c', 'c_api.h');

const firstThat = (candidates: readonly string[], test: (path: string) => boolean): string | undefined => candidates.find(test);

/**
 * Finds the libraries in a folder that the user named: an unpacked libtensorflow archive (`lib/`, `include/`), the folder
 * of an installed `tensorflow` package, or the `site-packages` that it is in. `withCuda`: looks for CUDA's libraries beside
 * it, too. EngineError when something is missing.
 */
export async function openLibraryFolder(named: string, variable: string, withCuda: boolean): Promise<LibraryFolder> {
  const fix = `Set ${variable} to a folder that holds ${MAIN.join(' or ')}, ${FRAMEWORK} and include/tensorflow/c: an installed tensorflow package's folder, or an unpacked libtensorflow archive.`;
  if (!existsSync(named)) throw new EngineError('there is no such folder', { where: `${variable}=${named}`, fix });
  const inside = [named, join(named, 'lib'), join(named, 'tensorflow')];
  const libraries = firstThat(inside, (folder) => existsSync(join(folder, FRAMEWORK)) && MAIN.some((name) => existsSync(join(folder, name))));
  if (libraries === undefined) throw new EngineError('there is no TensorFlow library in this folder', { where: `${variable}=${named}`, fix });
  const include = firstThat([join(libraries, 'include'), join(named, 'include'), join(named, '..', 'include')], (folder) => existsSync(join(folder, C_HEADER)));
  if (include === undefined) throw new EngineError("TensorFlow's C headers (include/tensorflow/c/c_api.h) are missing", { where: `${variable}=${named}`, fix });
  return describe(await realpath(libraries), await realpath(include), withCuda);
}

async function describe(libraries: string, include: string, withCuda: boolean): Promise<LibraryFolder> {
  const main = firstThat(MAIN, (name) => existsSync(join(libraries, name)))!;
  const names = [main, FRAMEWORK] as const;
  const cuda = withCuda ? await cudaBeside(libraries) : [];
  const facts = await Promise.all([...names.map((name) => join(libraries, name)), ...cuda].map(async (path) => {
    const { size, mtimeMs } = await stat(path);
    return `${path} ${size} ${mtimeMs}`;
  }));
  return { libraries, include, names, cuda, version: await findVersion(libraries, include), identity: sha256(facts.join('\n')).slice(0, 12) };
}

/** `nvidia/<part>/lib/<library>` beside the folder of an installed package. */
async function cudaBeside(libraries: string): Promise<readonly string[]> {
  const nvidia = join(dirname(libraries), 'nvidia');
  const parts = (await readdir(nvidia).catch(() => [])).sort();
  return CUDA_LIBRARIES.flatMap((name) => firstThat(parts.map((part) => join(nvidia, part, 'lib', name)), existsSync) ?? []);
}

/**
 * From our own manifest, the installed package's metadata beside the folder, or the headers (which said it until 2.18).
 * Only for people and for names of folders: results carry what the loaded library says.
 */
async function findVersion(libraries: string, include: string): Promise<string> {
  const manifest = await readManifest(libraries) ?? await readManifest(dirname(libraries));
  if (manifest !== null) return manifest.version;
  const beside = await readdir(join(libraries, '..')).catch(() => []);
  const installed = beside.map((name) => /^tensorflow\w*-(\d[\w.]*)\.dist-info$/.exec(name)?.[1]).find((version) => version !== undefined);
  if (installed !== undefined) return installed;
  const text = await readFile(join(include, 'tensorflow/core/public/version.h'), 'utf8').catch(() => '');
  const numbers = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`define\\s+TF_${part}_VERSION\\s+(\\d+)`).exec(text)?.[1]);
  return numbers.every((number) => number !== undefined) ? numbers.join('.') : 'unknown';
}
