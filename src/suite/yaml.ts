import { isAlias, isMap, isScalar, isSeq, Composer, LineCounter, Parser, visit } from 'yaml';
import type { CST, Document, Node, YAMLError } from 'yaml';
import { SuiteError } from '../errors.js';
import type { Json } from '../files.js';
import { pathText } from './problem.js';
import type { Path, Position, Problem } from './problem.js';

/** Plain data out of a YAML text, and where each part of it stands. */
export interface YamlText {
  readonly value: Json;
  /** Keys that stand twice; `value` holds one of the two. */
  readonly doubled: readonly (Problem & { readonly at: Position })[];
  /** Place of the value (or of its key) at a path; of the nearest part above it where the path does not exist. */
  locate(path: Path, part: 'key' | 'value'): Position;
}

/** A suite is written by a person; whatever passes one of these is not one. */
const limits = { bytes: 250_000, depth: 40, nodes: 50_000 };

const refuse = (file: string, message: string, fix: string, at?: Position): SuiteError =>
  new SuiteError(message, { where: at === undefined ? file : `${file}:${at.line}:${at.column}`, fix });

const empty = (file: string): SuiteError => refuse(file, 'the file is empty', 'Start from suites/quick.yaml; docs/suites.md lists every key.');

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
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control !== null) {
    throw refuse(file, 'the file holds control characters: it is binary, not a suite', 'Give a suite file (YAML).', positionIn(text, control.index));
  }
  if (text.trim() === '') throw empty(file);
  return text;
}

const positionIn = (text: string, offset: number): Position => {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

/**
 * Parses one YAML 1.2 document into plain data. SuiteError, with line and column, for a syntax error, a second document, unknown tags, aliases that point into themselves or explode, keys that are not strings, numbers that
 * are not finite or not exact, and nesting that no suite has.
 */
export function parseYaml(text: string, file: string): YamlText {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) throw refuse(file, `nested more than ${limits.depth} levels deep`, 'No key of a suite lies so deep; docs/suites.md lists every key.', at(deep));
  const document = compose(tokens, file, at);
  const trouble = document.errors[0] ?? document.warnings[0];
  if (trouble !== undefined) throw syntaxError(trouble, document, file, at);
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    throw refuse(file, `YAML ${document.directives.yaml.version} reads values otherwise than 1.2`, 'Remove the %YAML line.', { line: 1, column: 1 });
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) throw empty(file);
  return {
    ...toPlain(root, file, at),
    locate: (path, part) => at(offsetOf(root, document, path, part)),
  };
}

function syntaxError({ message, pos }: YAMLError, document: Document, file: string, at: (offset: number) => Position): SuiteError {
  // The parser notices an open quote at the end of the file; a person needs to know where it begins.
  let place = pos[0];
  if (/^Missing closing/.test(message)) {
    visit(document, { Scalar: (_, { type, range }) => {
      if ((type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') && range != null && range[0] < pos[0] && range[2] >= pos[0]) place = range[0];
    } });
  }
  return refuse(file, `not valid YAML: ${firstLine(message)}`, 'Correct the file; indentation and quotes are the usual causes.', at(place));
}

/**
 * Offset of the first token that lies too deep. The parser keeps a list of what is open, but what follows it calls itself
 * once a level: a file of brackets would end the process, and no handler could catch that. So depth is measured first,
 * without recursion.
 */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  let level: readonly CST.Token[] = tokens;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.depth) return Math.min(...level.map(({ offset }) => offset));
    level = level.flatMap(tokensIn);
  }
  return undefined;
}

function tokensIn(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value]).filter((part) => part != null);
}

/**
 * Doubled keys are looked for in `toPlain`, not by the parser: it compares each with each, which takes very long for a file
 * that is made to do so.
 */
function compose(tokens: readonly CST.Token[], file: string, at: (offset: number) => Position): Document {
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, strict: true });
  const documents = [...composer.compose(tokens)];
  const [first, second] = documents;
  if (first === undefined) throw empty(file);
  if (second !== undefined && second.range !== null) throw refuse(file, 'the file holds more than one YAML document', 'Keep one suite a file.', at(second.range[0]));
  return first;
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? message;

const isNode = (value: unknown): value is Node => isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);

function toPlain(root: unknown, file: string, at: (offset: number) => Position): Pick<YamlText, 'value' | 'doubled'> {
  let nodes = 0;
  const open = new Set<unknown>();
  // What an alias means is the nearest anchor above it. (The library finds that by a walk through the whole file each time.)
  const anchors = new Map<string, Node>();
  const doubled: (Problem & { readonly at: Position })[] = [];

  // What an alias brings in is laid to the place that brings it in.
  const plainOf = (node: unknown, path: Path, alias?: Position): Json => {
    const place = alias ?? at(isNode(node) ? (node.range?.[0] ?? 0) : 0);
    const where = pathText(path);
    const fail = (message: string, fix: string): SuiteError => refuse(file, where === '' ? message : `${where}: ${message}`, fix, place);
    if (++nodes > limits.nodes) throw fail(`the file comes to more than ${limits.nodes} values`, 'Aliases that multiply? Write the suite out, or split it.');
    if (path.length > limits.depth) throw fail(`nested more than ${limits.depth} levels deep`, 'No key of a suite lies so deep; docs/suites.md lists every key.');
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) throw fail(`the alias *${node.source} names no anchor above it`, 'Write the value out.');
      if (open.has(target)) throw fail(`the alias *${node.source} lies inside of what it stands for`, 'Write the value out.');
      return plainOf(target, path, place);
    }
    if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node)) return scalar(node.value, fail);
    open.add(node);
    let plain: Json;
    if (isSeq(node)) plain = node.items.map((item, index) => plainOf(item, [...path, index], alias));
    else if (isMap(node)) {
      const seen = new Set<string>();
      plain = Object.fromEntries(node.items.map((pair) => {
        const keyPlace = at(isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0);
        const key: unknown = isScalar(pair.key) ? pair.key.value : pair.key;
        if (typeof key !== 'string') {
          throw refuse(file, `${where === '' ? '' : `${where}: `}the key ${isNode(key) ? 'of a pair' : JSON.stringify(key)} is not a string`, 'Keys are names; put quotes around it if it is one.', keyPlace);
        }
        if (seen.has(key)) doubled.push({ path: [...path, key], part: 'key', message: 'this key stands twice in one mapping', at: keyPlace });
        seen.add(key);
        return [key, plainOf(pair.value, [...path, key], alias)];
      }));
    } else throw fail('this is not plain data', 'A suite holds mappings, lists, strings, numbers and booleans.');
    open.delete(node);
    return plain;
  };
  return { value: plainOf(root, []), doubled };
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
