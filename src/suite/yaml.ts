import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { SuiteError } from '../errors.js';
import type { Json } from '../files.js';
import { pathText, shown } from './problem.js';
import type { Path, Position } from './problem.js';

/** Plain data out of a YAML text, and where each part of it stands. */
export interface YamlText {
  readonly value: Json;
  /** Place of the value (or of its key) at a path; of the nearest part above it where the path does not exist. */
  locate(path: Path, part: 'key' | 'value'): Position;
}

/** A suite is written by a person; whatever passes one of these is not one. */
const limits = { bytes: 1_000_000, depth: 40, nodes: 50_000 };

const refuse = (file: string, message: string, fix: string, at?: Position): SuiteError =>
  new SuiteError(message, { where: at === undefined ? file : `${file}:${at.line}:${at.column}`, fix });

/** Bytes to text. SuiteError for what is too large, empty, or not UTF-8 text. */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.byteLength > limits.bytes) {
    throw refuse(file, `the file has ${bytes.byteLength} bytes; a suite has at most ${limits.bytes}`, 'Give a suite file (YAML), not data.');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse(file, 'the file is not UTF-8 text', 'Give a suite file (YAML); if it is one, save it as UTF-8.');
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control !== null) {
    throw refuse(file, 'the file holds control characters: it is binary, not a suite', 'Give a suite file (YAML).', positionIn(text, control.index));
  }
  if (text.trim() === '') throw refuse(file, 'the file is empty', 'Start from suites/quick.yaml; docs/suites.md lists every key.');
  return text;
}

const positionIn = (text: string, offset: number): Position => {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

/** Deepest nesting of flow brackets outside of strings, roughly: enough to refuse what would exhaust the parser's stack. */
const bracketDepth = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if ((character === ']' || character === '}') && depth > 0) depth--;
  }
  return deepest;
};

/**
 * Parses one YAML 1.2 document into plain data. SuiteError, with line and column, for a syntax error, duplicate keys, a
 * second document, unknown tags, aliases that point into themselves or explode, keys that are not strings, numbers that
 * are not finite or not exact, and nesting that no suite has.
 */
export function parseYaml(text: string, file: string): YamlText {
  if (bracketDepth(text) > 1000) throw refuse(file, 'the file is nested more than 1000 levels deep', 'Give a suite file (YAML).');
  const lines = new LineCounter();
  const document = parse(text, file, lines);
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const trouble = document.errors[0] ?? document.warnings[0];
  if (trouble !== undefined) {
    const place = at(trouble.pos[0]);
    if (trouble.code === 'MULTIPLE_DOCS') throw refuse(file, 'the file holds more than one YAML document', 'Keep one suite a file.', place);
    if (trouble.code === 'DUPLICATE_KEY') throw refuse(file, `the key ${keyAt(text, trouble.pos[0])} stands twice in one mapping`, 'Remove one of the two.', place);
    throw refuse(file, `not valid YAML: ${firstLine(trouble.message)}`, 'Correct the file; indentation and quotes are the usual causes.', place);
  }
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    throw refuse(file, `YAML ${document.directives.yaml.version} reads values otherwise than 1.2`, 'Remove the %YAML line.', { line: 1, column: 1 });
  }
  const root = document.contents;
  if (root === null) throw refuse(file, 'the file is empty', 'Start from suites/quick.yaml; docs/suites.md lists every key.');
  const value = toPlain(root, document, file, at);
  return { value, locate: (path, part) => at(offsetOf(root, document, path, part)) };
}

function parse(text: string, file: string, lines: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter: lines, version: '1.2', schema: 'core', uniqueKeys: true, prettyErrors: false, strict: true, intAsBigInt: false });
  } catch (error) {
    // The parser throws only where its own stack ends (or at a fault of its own): either way the text is no suite.
    throw new SuiteError('the file cannot be read as YAML', { where: file, fix: 'Give a suite file (YAML); this one is nested too deep or damaged.', cause: error });
  }
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? message;
const keyAt = (text: string, offset: number): string => JSON.stringify(/^[^\s:]+/.exec(text.slice(offset, offset + 80))?.[0] ?? '');

const isNode = (value: unknown): value is Node => isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);

function toPlain(root: unknown, document: Document, file: string, at: (offset: number) => Position): Json {
  let nodes = 0;
  const open = new Set<unknown>();

  const visit = (node: unknown, path: Path): Json => {
    const place = at(isNode(node) ? (node.range?.[0] ?? 0) : 0);
    const where = pathText(path);
    const fail = (message: string, fix: string): SuiteError => refuse(file, where === '' ? message : `${where}: ${message}`, fix, place);
    if (++nodes > limits.nodes) throw fail(`the file comes to more than ${limits.nodes} values`, 'Aliases that multiply? Write the suite out, or split it.');
    if (path.length > limits.depth) throw fail(`nested more than ${limits.depth} levels deep`, 'No key of a suite lies so deep; docs/suites.md lists every key.');
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw fail(`the alias *${node.source} names no anchor above it`, 'Write the value out.');
      if (open.has(target)) throw fail(`the alias *${node.source} lies inside of what it stands for`, 'Write the value out.');
      return visit(target, path);
    }
    if (isScalar(node)) return scalar(node.value, fail);
    open.add(node);
    let plain: Json;
    if (isSeq(node)) plain = node.items.map((item, index) => visit(item, [...path, index]));
    else if (isMap(node)) {
      plain = Object.fromEntries(node.items.map((pair) => {
        const key: unknown = isScalar(pair.key) ? pair.key.value : pair.key;
        if (typeof key !== 'string') {
          const keyPlace = at(isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0);
          throw refuse(file, `${where === '' ? '' : `${where}: `}the key ${isNode(key) ? 'of a pair' : shown(key)} is not a string`, 'Keys are names; put quotes around it if it is one.', keyPlace);
        }
        return [key, visit(pair.value, [...path, key])];
      }));
    } else throw fail('this is not plain data', 'A suite holds mappings, lists, strings, numbers and booleans.');
    open.delete(node);
    return plain;
  };
  return visit(root, []);
}

function scalar(value: unknown, fail: (message: string, fix: string) => SuiteError): Json {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw fail(`${value} is not a number that a suite can hold`, 'Give a finite number.');
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw fail(`${value} is too large to be held exactly`, `Give a number below ${Number.MAX_SAFE_INTEGER}.`);
    // -0 and 0 are one number to a reader; they must be one to a hash.
    return value === 0 ? 0 : value;
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  throw fail('this is not plain data', 'A suite holds mappings, lists, strings, numbers and booleans.');
}

function offsetOf(root: unknown, document: Document, path: Path, part: 'key' | 'value'): number {
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const start = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
  let node: unknown = root;
  let offset = start(root) ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    const holder = follow(node);
    if (isSeq(holder) && typeof step === 'number') {
      node = holder.items[step];
    } else if (isMap(holder)) {
      const pair = holder.items.find(({ key }) => (isScalar(key) ? key.value : key) === step);
      if (pair === undefined) return offset;
      if (last && part === 'key') return start(pair.key) ?? offset;
      // A mapping or an empty value has no better place than its key.
      const keyOffset = start(pair.key);
      if (keyOffset !== undefined) offset = keyOffset;
      node = pair.value;
      if (!last || isMap(follow(node))) continue;
    } else return offset;
    const here = start(node);
    if (here === undefined) return offset;
    offset = here;
  }
  return offset;
}
