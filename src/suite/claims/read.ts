import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Json, JsonObject } from '../../files.js';
import { systemReason } from '../../system-reason.js';
import { suiteError } from '../problem.js';
import type { Path, Problem } from '../problem.js';
import type { ResolvedClaim, ResolvedSuite } from '../resolved.js';
import { check } from '../validate.js';
import { decodeText, parseYaml } from '../yaml.js';
import { absentTables, lackingOf, withinSuite, wrongNames } from './names.js';
import { claimSchema } from './schema.js';
import { boundOf, expressionOf, shapeProblems } from './shape.js';

const fileSchema = { type: 'array', minItems: 1, items: claimSchema } as unknown as JsonObject;

type Written = readonly { readonly claim: JsonObject; readonly at: number; readonly file: string | null }[];

/**
 * A suite's claims, which its schema allows: those of files, whose paths are from the suite's folder, and its own. A file is for several suites: of its lists of tables and
 * tasks those count that the suite has, and what the suite lacks stands in `lacks`. A name in the suite's own claim that it lacks is a problem. SuiteError for a wrong file.
 */
export async function readClaims(written: readonly Json[], suiteFile: string, suite: ResolvedSuite): Promise<{ readonly claims: readonly ResolvedClaim[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const all: Written = (await Promise.all(written.map(async (item, at): Promise<Written> => {
    if (typeof item !== 'string') return [{ claim: item as JsonObject, at, file: null }];
    const file = resolve(dirname(suiteFile), item);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(file);
    } catch (error) {
      problems.push({ path: ['claims', at], part: 'value', message: `the file ${file} cannot be read: ${systemReason(error)}; give a path from the suite's folder` });
      return [];
    }
    return claimsOf(decodeText(bytes, file), file).map((claim) => ({ claim, at, file }));
  }))).flat();

  const ids = new Set<string>();
  const claims = all.flatMap(({ claim, at, file }): readonly ResolvedClaim[] => {
    const path: Path = ['claims', at];
    const id = claim['id'] as string;
    if (ids.has(id)) problems.push({ path: file === null ? [...path, 'id'] : path, part: 'value', message: `"${id}" is the id of two claims; each needs its own` });
    ids.add(id);
    const wrong = file === null ? shapeProblems(claim, path) : [];
    problems.push(...wrong);
    if (wrong.length > 0) return [];
    const expression = expressionOf(claim);
    const lacks = file === null ? null : lackingOf(expression, suite);
    if (file === null) problems.push(...wrongNames(expression, suite).map((one): Problem => ({ ...one, path: [...path, ...one.path] })));
    return [{ id, text: claim['text'] as string, source: claim['source'] as string, expression: withinSuite(expression, suite), bound: boundOf(claim), lacks, without: lacks === null ? absentTables(expression, suite) : [] }];
  });
  return { claims, problems };
}

/** Claims in a file's text. */
function claimsOf(text: string, file: string): readonly JsonObject[] {
  const yaml = parseYaml(text, file);
  const bySchema = check(fileSchema, yaml.value);
  const problems = bySchema.length > 0 ? bySchema : (yaml.value as readonly JsonObject[]).flatMap((claim, index) => shapeProblems(claim, [index]));
  const placed = problems.map((problem) => ({ ...problem, at: yaml.locate(problem.path, problem.part) }));
  if (placed.length + yaml.doubled.length > 0) throw suiteError(file, [...yaml.doubled, ...placed]);
  return yaml.value as readonly JsonObject[];
}
