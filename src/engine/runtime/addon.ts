import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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

/** A path that a makefile and a linker flag take as it is. */
const isPlainPath = (path: string): boolean => /^[\w./+@=,~-]+$/.test(path);

/** Folder of Node's headers when they are on this disk: `npm_config_nodedir`, or beside the running node. */
export async function nodeHeaders(environment: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const named = environment['npm_config_nodedir'];
  if (named !== undefined && named !== '') return resolve(named);
  const prefix = resolve(dirname(process.execPath), '..');
  const version = await readFile(join(prefix, 'include', 'node', 'node_version.h'), 'utf8').catch(() => '');
  const numbers = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`define NODE_${part}_VERSION (\\d+)`).exec(version)?.[1]);
  return numbers.join('.') === process.versions.node ? prefix : null;
}

/** gyp's input. Libraries are linked by file name, so the addon asks for their sonames and finds them by rpath. */
const gypFile = (build: string, libraries: LibraryFolder, rpath: string): string => JSON.stringify({
  targets: [{
    target_name: 'tfjs_binding',
    sources: ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
    include_dirs: ['include'],
    defines: [`NAPI_VERSION=${NAPI_VERSION}`],
    libraries: [`-Wl,--disable-new-dtags,-rpath,${rpath}`, ...libraries.names.map((name) => join(build, 'lib', name))],
  }],
}, null, 2);

export interface BuildOptions {
  /** Where unfinished work goes; on the same file system as `target`. */
  readonly work: string;
  /** The finished folder; appears whole. */
  readonly target: string;
  /** Search path of the libraries in the addon: absolute, or relative to its folder with $ORIGIN. */
  readonly rpath: string;
  readonly log: string;
  readonly onProgress: OnProgress;
}

/** Builds and puts the addon, with its manifest, into `target`. */
export async function buildAddon(libraries: LibraryFolder, { work, target, rpath, log, onProgress }: BuildOptions): Promise<void> {
  if (!isPlainPath(rpath.replace('\\$$ORIGIN', ''))) {
    throw new EngineError('the path holds characters that a linker flag cannot carry', { where: rpath, fix: 'Use a path of letters, digits and . _ - (a symbolic link to the folder will do).' });
  }
  onProgress({ phase: 'build', done: 0, total: 1 });
  const build = isPlainPath(work) ? join(work, 'build') : await mkdtemp(join(tmpdir(), 'maskbench-build-'));
  try {
    await rm(build, { recursive: true, force: true });
    await mkdir(build, { recursive: true });
    await cp(join(packageFolder(), 'binding'), join(build, 'binding'), { recursive: true });
    await symlink(libraries.include, join(build, 'include')); // only for the compiler: makefiles cannot take every path
    await symlink(libraries.libraries, join(build, 'lib'));
    await writeFile(join(build, 'binding.gyp'), gypFile(build, libraries, rpath));
    await writeFile(join(build, 'package.json'), '{ "name": "tfjs-binding", "version": "0.0.0" }\n');
    await compile(build, log);
    const finished = join(work, 'addon');
    await rm(finished, { recursive: true, force: true });
    await mkdir(finished, { recursive: true });
    await cp(join(build, 'build', 'Release', ADDON), join(finished, ADDON));
    await writeManifest(finished, { schema: 1, version: libraries.version, source: `built for Node ${process.versions.node} against ${libraries.libraries}`, files: { [ADDON]: await describeFile(join(finished, ADDON)) } });
    await rm(target, { recursive: true, force: true });
    await mkdir(dirname(target), { recursive: true });
    await rename(finished, target);
  } finally {
    await rm(build, { recursive: true, force: true });
  }
  onProgress({ phase: 'build', done: 1, total: 1 });
}

async function compile(build: string, log: string): Promise<void> {
  const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js');
  const headers = await nodeHeaders();
  const args = [nodeGyp, 'rebuild', ...(headers === null ? [] : [`--nodedir=${headers}`])];
  const { code } = await runCommand(process.execPath, args, { log, folder: build });
  if (code === 0 && existsSync(join(build, 'build', 'Release', ADDON))) return;
  const lines = await lastLines(log, 4, /error|not found|no such file|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|fatal/i);
  throw new EngineError(`the addon could not be built:\n    ${lines.map((line) => line.trim()).join('\n    ') || `node-gyp ended with code ${code}`}`, {
    where: 'engine set-up',
    fix: [
      `Log: ${log}`,
      'Needed: a C++17 compiler (g++ or clang++), make and python3 (Debian, Ubuntu: apt install build-essential python3).',
      headers === null ? "Node's headers are downloaded; where that is not possible, set npm_config_nodedir to a folder that holds include/node." : `Node's headers: ${headers}.`,
    ].join('\n  '),
  });
}
