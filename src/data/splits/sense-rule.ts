import type { Side } from '../image-set.js';
import { sideOfSynset } from './sides.js';
import { nounSenses, senseKey, type Synset } from './wordnet.js';

/** Lexicographer files of WordNet's nouns, by name. */
export const FILES = {
  act: 4, animal: 5, artifact: 6, attribute: 7, body: 8, cognition: 9, communication: 10, event: 11, feeling: 12,
  food: 13, group: 14, location: 15, motive: 16, object: 17, person: 18, phenomenon: 19, plant: 20, possession: 21,
  process: 22, quantity: 23, relation: 24, shape: 25, state: 26, substance: 27, time: 28, tops: 3,
} as const;
export type FileName = keyof typeof FILES;
const nameOfFile = (file: number): string => Object.entries(FILES).find(([, n]) => n === file)?.[0] ?? String(file);

/** What is known about a name before its sense is chosen. */
export interface SenseHint {
  /** Lexicographer files that the sense may come from, in groups: the first group that has a sense decides. Every file when left out. */
  readonly files?: readonly (readonly FileName[])[];
  /** Side that the name's category (Unicode subgroup, superclass) leads one to expect; a sense of another side is refused. */
  readonly expect?: Side;
  /** What the category is called, for the reason. */
  readonly category?: string;
}

export interface SenseChoice { readonly sense: string | null; readonly side: Side | null; readonly reason: string }

/** Forms of a word that WordNet may list: itself, then the plain English singulars. */
const singulars = (word: string): readonly string[] => {
  const forms = [word];
  if (word.endsWith('ies')) forms.push(`${word.slice(0, -3)}y`);
  if (/(?:s|x|z|ch|sh|o)es$/.test(word)) forms.push(word.slice(0, -2));
  if (word.endsWith('s') && !word.endsWith('ss')) forms.push(word.slice(0, -1));
  return forms;
};

/**
 * The phrases that a name is looked up by, longest first: the whole name, then the ends that are left when words are
 * taken from the front (the head noun of an English compound stands last), each as written and in the singular. Words
 * after `with`, `in`, `of`, `on`, `at`, `and` and `:` describe, so what stands before them is tried after the whole name.
 */
export function phrases(name: string): readonly string[] {
  const clean = name.toLowerCase().replace(/[’']/g, "'").replace(/[“”"!.,]/g, '').trim();
  const found = new Set<string>();
  const addEnds = (text: string): void => {
    const words = text.split(/[\s]+/).filter((w) => w !== '');
    for (let i = 0; i < words.length; i++) {
      const last = words.at(-1) ?? '';
      for (const form of singulars(last)) {
        const phrase = [...words.slice(i, -1), form].join(' ');
        found.add(phrase);
        found.add(phrase.replaceAll(' ', '-'));
      }
    }
  };
  const head = clean.split(/:| (?:with|in|of|on|at|and|from|behind|over|without|holding) /)[0] ?? clean;
  for (const form of singulars(clean)) found.add(form);
  addEnds(head);
  return [...found];
}

/**
 * Chooses the noun sense of a name by rule: of the longest phrase that WordNet knows, the most frequent sense whose
 * lexicographer file fits the category and whose side is the one that the category leads one to expect. Nothing is
 * guessed: where no sense fits, the sense is null and the reason says why.
 */
export function chooseSense(name: string, hint: SenseHint = {}): SenseChoice {
  const where = hint.category === undefined ? '' : ` for ${hint.category}`;
  const expected = (synset: Synset): boolean => hint.expect === undefined || sideOfSynset(synset) === hint.expect;
  let refused: string | null = null;
  for (const phrase of phrases(name)) {
    const senses = nounSenses(phrase);
    const kinds = senses.filter(({ instance }) => !instance);
    const groups = hint.files === undefined ? [kinds] : hint.files.map((files) => kinds.filter(({ file }) => files.some((name) => FILES[name] === file)));
    const synset = groups.map((group) => group.find(expected)).find((found) => found !== undefined);
    if (synset === undefined) {
      const other = groups.flat()[0];
      if (other !== undefined) refused ??= `${senseKey(other, phrase)} is ${sideOfSynset(other) ?? 'on no side'}, ${hint.expect ?? ''} was expected${where}`;
      continue;
    }
    const side = sideOfSynset(synset);
    const key = senseKey(synset, phrase);
    const at = senses.indexOf(synset);
    const rank = at === 0 ? 'first noun sense' : `noun sense ${at + 1} of ${senses.length}, the first that fits${where}`;
    const through = phrase === name.toLowerCase() ? '' : ` of '${phrase}'`;
    return { sense: key, side, reason: `rule: ${rank}${through} (noun.${nameOfFile(synset.file)})` };
  }
  return { sense: null, side: null, reason: refused === null ? `no noun sense found${where}` : `conflict: ${refused}` };
}

/** Side of a noun, decided by the rule alone. `null` where it does not decide. */
export const sideOfName = (noun: string, hint: SenseHint = {}): Side | null => chooseSense(noun, hint).side;
