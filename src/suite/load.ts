import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { SuiteError } from '../errors.js';
import { codeOf, type Json, type JsonObject } from '../files.js';
import { didYouMean } from '../nearest.js';
import { systemReason } from '../system-reason.js';
import { readClaims } from './claims/read.js';
import type { SuiteDocument } from './core.js';
import { crossCheck } from './cross-check.js';
import type { SuiteMembers } from './members.js';
import { deepFreeze } from './merge.js';
import { shown, suiteError } from './problem.js';
import type { Path, Problem } from './problem.js';
import { resolveSuite, type ResolveOptions } from './resolve.js';
import type { ResolvedSuite } from './resolved.js';
import { suiteSchema } from './schema.js';
import { check } from './validate.js';
import { decodeText, parseYaml } from './yaml.js';

export interface LoadedSuite {
  readonly suite: ResolvedSuite;
  /** The file as it was written, for the report. */
  readonly text: string;
}

/**
 * Reads, checks and resolves a suite file. Everything that is wrong with it comes as one SuiteError, each problem with
 * file, line, column, path and, for a wrong name, the nearest valid one. DataError where the file is right and its data
 * is missing.
 */
export async function loadSuite(file: string, members: SuiteMembers, options: ResolveOptions = {}): Promise<LoadedSuite> {
  const text = decodeText(await readBytes(file), file);
  return { suite: await readSuite(text, file, members, options), text };
}

/** As `loadSuite`, on a text that is there already. `file` names it in errors. */
export async function readSuite(text: string, file: string, members: SuiteMembers, options: ResolveOptions = {}): Promise<ResolvedSuite> {
  const yaml = parseYaml(text, file);
  if (typeof yaml.value !== 'object' || yaml.value === null || Array.isArray(yaml.value)) {
    throw new SuiteError(`a suite is a mapping (name: ..., model: ..., entries: ...), this is ${shown(yaml.value)}`, {
      where: `${file}:1:1`, fix: 'Start from suites/quick.yaml; docs/suites.md lists every key.',
    });
  }
  const document = yaml.value as JsonObject;
  const bySchema = check(suiteSchema(members), document);
  const problems = [...bySchema, ...await crossCheck(document, members, bySchema)];
  const placed = problems.map((problem) => ({ ...problem, at: yaml.locate(problem.path, problem.part) }));
  if (placed.length + yaml.doubled.length > 0) throw suiteError(file, [...yaml.doubled, ...placed]);
  const suite = resolveSuite(document as unknown as SuiteDocument, members, options);
  // Entries that were added are right where those are that they are made of.
  const written = suite.entries.slice(0, (document['entries'] as readonly unknown[]).length);
  const { claims, problems: ofClaims } = await readClaims((document['claims'] ?? []) as readonly Json[], file, suite);
  const later = [...methodProblems({ ...suite, entries: written }, members, document), ...ofClaims].map((problem) => ({ ...problem, at: yaml.locate(problem.path, problem.part) }));
  if (later.length > 0) throw suiteError(file, later);
  return claims.length === 0 ? suite : deepFreeze({ ...suite, claims });
}

/** What methods say of their complete options. How many epochs an equal-steps or an equal-compute control trains for is not known here. */
const methodProblems = (suite: ResolvedSuite, members: SuiteMembers, document: JsonObject): readonly Problem[] =>
  suite.entries.flatMap(({ name, method, options, pretrain }, index) => {
    const epochs = pretrain === null || pretrain.schedule.of !== null || pretrain.schedule.flops_of !== undefined ? null : pretrain.schedule.epochs;
    const found = members.methods[method]?.problems?.({ model: suite.model, options, epochs, batchSize: pretrain?.batch_size ?? null }) ?? [];
    return found.map((message): Problem => {
      // Messages begin with the option that they are about; a value that entries share stands in the method's block.
      const option = message.split(' ', 1)[0]!.split('.');
      const own = ['entries', index, ...option];
      const shared = ['methods', method, ...option];
      if (isThere(document, own)) return { path: own, part: 'value', message };
      if (isThere(document, shared)) return { path: shared, part: 'value', message: `of the entry ${name}: ${message}` };
      return { path: ['entries', index, 'method'], part: 'value', message };
    });
  });

/** Whether a file has a value at a path. */
function isThere(document: Json, path: Path): boolean {
  let here: Json | undefined = document;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return false;
    here = (here as Readonly<Record<string | number, Json>>)[step];
  }
  return true;
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = codeOf(error) ?? '';
    const reasons: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EISDIR: 'this is a folder, not a suite file', ENOTDIR: 'there is no such file' };
    const near = code === 'ENOENT' ? didYouMean(basename(file), await suitesBeside(file)) : '';
    throw new SuiteError(`${reasons[code] ?? `the file cannot be read: ${systemReason(error)}`}${near}`, { where: file, fix: 'Give the path of a suite file, for example suites/quick.yaml.', cause: error });
  }
}

const suitesBeside = async (file: string): Promise<readonly string[]> =>
  (await readdir(dirname(file)).catch((): readonly string[] => [])).filter((name) => /\.ya?ml$/.test(name));
