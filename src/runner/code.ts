import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { JobError } from '../errors.js';
import { hashJson, sha256 } from '../files.js';

/**
 * The code part of a job's key: what the job's kind runs, and nothing else.
 *
 * It covers the named built modules, everything that they import *statically* inside dist/, and name@version of every
 * package that is imported on the way, or loaded through `createRequire`. A module that is started by its URL (a thread's
 * main: `new URL('./x.js', import.meta.url)`) counts as imported. Dynamic imports are not followed: registries load their
 * members lazily, and a job names the members that it uses in `modules`. Type-only imports are gone from built files, so an edited type changes no key.
 */
export interface Code {
  /** 64 hex digits. */
  readonly hash: string;
  /** Paths relative to dist/, sorted. */
  readonly files: readonly string[];
  /** `name@version`, sorted. */
  readonly packages: readonly string[];
}

export interface CodeReader {
  /** Throws JobError for a module that does not exist. */
  codeOf(modules: readonly string[]): Promise<Code>;
}

/** Folder of the built files, also when this file runs from src/ (tests). */
export function defaultDist(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = dirname(dirname(here));
  return join(root, 'dist');
}

interface FileFacts { readonly hash: string; readonly imports: readonly string[]; readonly packages: readonly string[] }

/** Reads every file at most once; make a new reader to see later edits. */
export function createCodeReader(dist: string): CodeReader {
  const root = resolve(dist);
  const facts = new Map<string, Promise<FileFacts>>();
  const versions = new Map<string, string>();
  const closures = new Map<string, Promise<Code>>();

  const packageVersion = async (name: string): Promise<string> => {
    const known = versions.get(name);
    if (known !== undefined) return known;
    for (let folder = root; ; folder = dirname(folder)) {
      const file = join(folder, 'node_modules', name, 'package.json');
      if (existsSync(file)) {
        const { version } = JSON.parse(await readFile(file, 'utf8')) as { version?: unknown };
        const text = `${name}@${typeof version === 'string' ? version : 'unknown'}`;
        versions.set(name, text);
        return text;
      }
      if (dirname(folder) === folder) throw new JobError(`The package ${name} is not installed`, { fix: 'Run `npm ci`.' });
    }
  };

  let dependencies: Promise<ReadonlySet<string>> | undefined;
  const declared = (): Promise<ReadonlySet<string>> => (dependencies ??= readFile(join(dirname(root), 'package.json'), 'utf8').then(
    (text) => new Set(Object.keys((JSON.parse(text) as { readonly dependencies?: object }).dependencies ?? {})),
    () => new Set<string>(),
  ));

  /** Packages of native code come through `require`, which no parser of imports sees: dependencies that the file names in a string. */
  const required = async (content: string): Promise<readonly string[]> => {
    if (!content.includes('createRequire')) return [];
    const known = await declared();
    const named = Array.from(content.matchAll(/(['"`])((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^'"`\n]*)?\1/g), ([, , name]) => name!);
    return Promise.all([...new Set(named)].filter((name) => known.has(name)).map(packageVersion));
  };

  /** Path below dist/ of what a module names by a relative path. */
  const moduleAt = (file: string, specifier: string): string => {
    const target = relative(root, resolve(root, dirname(file), specifier));
    if (target === '..' || target.startsWith(`..${sep}`)) {
      throw new JobError(`${file} imports ${specifier}, which lies outside dist/`, { where: root, fix: 'Move the module into src/, so that it is part of the code hash.' });
    }
    return target.split(sep).join('/');
  };

  const readFacts = async (file: string, importer: string | null): Promise<FileFacts> => {
    let content: Buffer;
    try {
      content = await readFile(join(root, file));
    } catch (cause) {
      throw new JobError(`The built module ${file} does not exist${importer === null ? '' : ` (imported by ${importer})`}`, {
        where: root, fix: 'Run `npm run build`.', cause,
      });
    }
    const hash = sha256(content);
    if (!file.endsWith('.js')) return { hash, imports: [], packages: [] };
    await init;
    const imports: string[] = [];
    const text = content.toString('utf8');
    const packages = [...await required(text)];
    for (const { n: specifier, d: dynamic } of parse(text, file)[0]) {
      if (dynamic !== -1 || specifier === undefined || isBuiltin(specifier)) continue;
      if (specifier.startsWith('.')) {
        imports.push(moduleAt(file, specifier));
      } else {
        const parts = specifier.split('/');
        packages.push(await packageVersion(specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!));
      }
    }
    for (const [, , target] of text.matchAll(/new URL\((['"`])(\.{1,2}\/[^'"`]+\.js)\1, import\.meta\.url\)/g)) {
      imports.push(moduleAt(file, target!));
    }
    return { hash, imports, packages };
  };

  const factsOf = (file: string, importer: string | null): Promise<FileFacts> => {
    const known = facts.get(file);
    if (known !== undefined) return known;
    const reading = readFacts(file, importer);
    facts.set(file, reading);
    return reading;
  };

  const close = async (modules: readonly string[]): Promise<Code> => {
    const seen = new Map<string, string>();
    const packages = new Set<string>();
    const open: (readonly [string, string | null])[] = modules.map((module) => [module, null]);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [file, importer] = next;
      if (seen.has(file)) continue;
      const found = await factsOf(file, importer);
      seen.set(file, found.hash);
      for (const name of found.packages) packages.add(name);
      for (const target of found.imports) open.push([target, file]);
    }
    const files = [...seen.keys()].sort();
    const sortedPackages = [...packages].sort();
    return { hash: hashJson({ files: files.map((file) => [file, seen.get(file)]), packages: sortedPackages }), files, packages: sortedPackages };
  };

  return {
    codeOf(modules) {
      const sorted = [...new Set(modules)].sort();
      const id = sorted.join('\n');
      const known = closures.get(id);
      if (known !== undefined) return known;
      const closing = close(sorted);
      closures.set(id, closing);
      return closing;
    },
  };
}
