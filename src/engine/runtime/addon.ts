import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { EngineError } from '../../errors.js';
import { lastLines, runCommand } from './command.js';
import type { LibraryFolder } from './library-folder.js';
import { describeFile, writeManifest } from './manifest.js';
import type { OnProgress } from './progress.js';

/** Builds the addon from the sources that `@tensorflow/tfjs-node-gpu` carries, outside of node_modules. */

export const NAPI_VERSION = 8;
export const ADDON = 'tfjs_binding.node';

const require = createRequire(import.meta.url);
const packageFolder = (): string => dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));

export async function addonPackageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder(), 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** TensorFlow's headers that the addon's sources include themselves. */
export async function addonHeaders(): Promise<readonly string[]> {
  const folder = join(packageFolder(), 'binding');
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  return [...new Set(texts.flatMap((text) => Array.from(text.matchAll(/#include "(tensorflow\/[^"]+)"/g), (match) => match[1]!)))].sort();
}

/** Folder of Node's headers when they are on this disk: `npm_config_nodedir`, or beside the running node. */
export async function nodeHeaders(environment: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const named = environment['npm_config_nodedir'];
  if (named !== undefined && named !== '') return resolve(named);
  const prefix = resolve(dirname(process.execPath), '..');
  const version = await readFile(join(prefix, 'include', 'node', 'node_version.h'), 'utf8').catch(() => '');
  const numbers = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`define NODE_${part}_VERSION (\\d+)`).exec(version)?.[1]);
  return numbers.join('.') === process.versions.node ? prefix : null;
}

/** A folder as the loader finds it from the addon's own, for an rpath. `join` would take `$ORIGIN` for a folder and shorten it away. */
export const fromAddon = (addonFolder: string, folder: string): string => `$ORIGIN/${relative(addonFolder, folder)}`;

export interface BuildOptions {
  /** Where unfinished work goes; on the same file system as `target`. */
  readonly work: string;
  /** The finished folder; appears whole. */
  readonly target: string;
  /** Where the addon looks for each of the folders of its libraries: absolute, or relative to its own folder with $ORIGIN. */
  readonly rpath: (folder: string) => string;
  readonly log: string;
  readonly onProgress: OnProgress;
}

/** Builds and puts the addon, with its manifest, into `target`. */
export async function buildAddon(libraries: LibraryFolder, { work, target, rpath, log, onProgress }: BuildOptions): Promise<void> {
  onProgress({ phase: 'build', done: 0, total: 1 });
  const finished = join(work, 'addon');
  await rm(finished, { recursive: true, force: true });
  await mkdir(finished, { recursive: true });
  const file = join(finished, ADDON);
  const headers = await nodeHeaders() ?? await downloadNodeHeaders(join(work, 'node'), log);
  await compile(compilerArguments(libraries, headers, rpath, file), log);
  await writeManifest(finished, { schema: 1, version: libraries.version, source: `built for Node ${process.versions.node} against ${libraries.libraries}`, files: { [ADDON]: await describeFile(file) } });
  await rm(target, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await rename(finished, target);
  onProgress({ phase: 'build', done: 1, total: 1 });
}

/**
 * Libraries are linked by file name, so the addon asks for their sonames and finds them by rpath. The old kind of rpath
 * (RPATH) is searched before LD_LIBRARY_PATH. CUDA's libraries are linked as well although nothing calls them: TensorFlow
 * opens them by name while it starts, its own search path lacks some of their folders, and what is loaded already is found.
 */
function compilerArguments({ libraries, include, names, cuda }: LibraryFolder, headers: string, rpath: (folder: string) => string, file: string): readonly string[] {
  const linked = [...names.map((name) => join(libraries, name)), ...cuda];
  const folders = [...new Set(linked.map(dirname))];
  return [
    '-shared', '-fPIC', '-O2', '-std=c++17', '-pthread', `-DNAPI_VERSION=${NAPI_VERSION}`, '-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION',
    '-I', include, '-I', join(headers, 'include', 'node'),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(packageFolder(), 'binding', name)),
    '-o', file, '-Wl,--disable-new-dtags', '-Wl,--no-as-needed', ...linked,
    // -Xlinker takes a path as it is, -Wl would split it at commas
    ...folders.flatMap((folder) => ['-Xlinker', '-rpath', '-Xlinker', rpath(folder)]),
  ];
}

const words = (text: string | undefined): readonly string[] => (text ?? '').split(/\s+/).filter((word) => word !== '');

/** Compilers to try: the one that CXX names, else the usual names. */
const compilers = (environment: NodeJS.ProcessEnv): readonly (readonly string[])[] => {
  const named = words(environment['CXX']);
  return named.length > 0 ? [named] : [['c++'], ['g++'], ['clang++']];
};

async function compile(args: readonly string[], log: string): Promise<void> {
  const tried: string[] = [];
  for (const [program, ...prefix] of compilers(process.env)) {
    const { code } = await runCommand(program!, [...prefix, ...words(process.env['CXXFLAGS']), ...args, ...words(process.env['LDFLAGS'])], { log });
    if (code === 0) return;
    if (code === null) {
      tried.push(`${program!}: not there`);
      continue;
    }
    const lines = await lastLines(log, 4, /error|not found|no such file|fatal|cannot find/i);
    tried.push(...(lines.length === 0 ? [`${program!} ended with code ${code}`] : lines.map((line) => line.trim())));
    break;
  }
  throw new EngineError(`the addon could not be built:\n    ${tried.join('\n    ')}`, {
    where: 'engine set-up',
    fix: `Log: ${log}\n  Needed: a C++17 compiler (Debian, Ubuntu: apt install g++); CXX names another one.`,
  });
}

/** Node's headers of the running version from nodejs.org, checked by node-gyp against the hashes published there. */
async function downloadNodeHeaders(folder: string, log: string): Promise<string> {
  const args = [require.resolve('node-gyp/bin/node-gyp.js'), 'install', '--ensure', `--devdir=${folder}`];
  const { code } = await runCommand(process.execPath, args, { log });
  const headers = join(folder, process.versions.node);
  if (code === 0 && existsSync(join(headers, 'include', 'node', 'node_api.h'))) return headers;
  const lines = await lastLines(log, 3, /error|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|fatal/i);
  throw new EngineError(`Node's headers could not be downloaded:\n    ${lines.map((line) => line.trim()).join('\n    ') || `node-gyp ended with code ${code}`}`, {
    where: 'engine set-up',
    fix: `Log: ${log}\n  Set npm_config_nodedir to a folder that holds include/node of Node ${process.versions.node}.`,
  });
}
