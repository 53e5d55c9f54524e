import { SuiteError } from '../errors.js';
import type { Json } from '../files.js';
import { nearest } from '../nearest.js';

/** Keys and indices from the top of the file to a value. */
export type Path = readonly (string | number)[];

/** One thing that is wrong in a suite file. `part` says whether the key or the value at `path` is to blame. */
export interface Problem {
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
}

/** A place in a text file, 1-based. */
export interface Position { readonly line: number; readonly column: number }

/** `entries[2].schedule.epochs` */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** `; did you mean "x"?`, else the list of what is valid. */
export function suggestion(wrong: string, valid: readonly string[]): string {
  const near = nearest(wrong, valid);
  if (near !== undefined) return `; did you mean "${near}"?`;
  if (valid.length === 0) return '; there are none here';
  const shown = valid.slice(0, 12).join(', ');
  return `; valid: ${shown}${valid.length > 12 ? `, and ${valid.length - 12} more` : ''}`;
}

/** A value as an error message shows it: short, on one line. */
export function shown(value: Json): string {
  if (value === null) return 'null (empty)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** All problems of one file as one error, in the order of the file, each line with its place. */
export function suiteError(file: string, problems: readonly (Problem & { readonly at: Position })[]): SuiteError {
  const sorted = [...problems].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  const lines = sorted.map(({ path, at, message }) => {
    const where = pathText(path);
    return `${file}:${at.line}:${at.column}: ${where === '' ? '' : `${where}: `}${message}`;
  });
  const unique = [...new Set(lines)];
  const limit = 50;
  const rest = unique.length > limit ? [`... and ${unique.length - limit} more`] : [];
  return new SuiteError([...unique.slice(0, limit), ...rest].join('\n'), {
    fix: `${unique.length === 1 ? 'Correct it' : `Correct these ${unique.length} places`} and run the command again; ${sorted.some(({ path }) => path[0] === 'claims') ? 'docs/claims.md lists the keys of claims, docs/suites.md the others' : 'docs/suites.md lists every key'}.`,
    data: { file, problems: sorted.map(({ path, at, message }) => ({ path: pathText(path), line: at.line, column: at.column, message })) },
  });
}
