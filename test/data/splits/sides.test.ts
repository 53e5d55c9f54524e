import { describe, expect, it } from 'vitest';
import { CIFAR100_BY_HAND, CIFAR100_SUPERCLASSES } from '../../../src/data/splits/cifar100-hints.js';
import { CIFAR100_SENSES } from '../../../src/data/splits/cifar100-senses.js';
import { IMAGENET_SENSES } from '../../../src/data/splits/imagenet-senses.js';
import { cifar100Side, chooseSense, NODES, sideOfName, sideOfSense, wnidSide } from '../../../src/data/splits/index.js';
import { phrases } from '../../../src/data/splits/sense-rule.js';
import { isUnderAny, sideOfSynset, type SplitName } from '../../../src/data/splits/sides.js';
import { synsetOfSense } from '../../../src/data/splits/wordnet.js';

const classes = [...IMAGENET_SENSES.entries()].map(([wnid, sense]) => {
  const synset = synsetOfSense(sense);
  if (synset === null) throw new Error(`${wnid}: ${sense} is not in WordNet 3.1`);
  return { wnid, synset };
});
const under = (...nodes: readonly string[]): readonly number[] => classes.flatMap(({ synset }, at) => (isUnderAny(synset, nodes) ? [at] : []));
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const sideB = (split: SplitName): readonly number[] => classes.flatMap(({ synset }, at) => (sideOfSynset(synset, split) === 'B' ? [at] : []));

describe('ImageNet-1k along WordNet', () => {
  // The counts were found in WordNet 3.0, with the wnids as its offsets; here the classes come through sense keys to 3.1.
  it('has the counts that WordNet 3.0 gives', () => {
    expect(classes).toHaveLength(1000);
    expect(under(NODES.organism)).toHaveLength(410);
    expect(under(NODES.animal)).toEqual(range(0, 397));
    expect(under(NODES.person)).toHaveLength(3);
    expect(under(NODES.fungus)).toHaveLength(7);
    expect(under(NODES.plant)).toHaveLength(2);
    expect(under(NODES.artifact)).toHaveLength(522);
    expect(under(NODES.naturalObject)).toHaveLength(17);
    expect(under(NODES.geologicalFormation)).toHaveLength(10);
    expect(under(NODES.food)).toHaveLength(26);
    expect(under(NODES.solidFood)).toHaveLength(27);
    expect(under(NODES.plantPart)).toHaveLength(16);
    expect(under(NODES.fruit)).toEqual(under(NODES.plantPart));
  });

  it('splits into 410/590, 522/478 and 464/536, at the classes that methods name', () => {
    expect(sideB('organism')).toEqual([...range(0, 397), ...range(981, 983), ...range(985, 986), ...range(991, 997)]);
    expect(sideB('artifact')).toEqual([...range(0, 397), ...range(919, 920), ...range(922, 999)]);
    expect(sideB('produce')).toEqual([...range(0, 397), ...range(922, 969), ...range(981, 998)]);
    expect([sideB('organism'), sideB('artifact'), sideB('produce')].map((b) => b.length)).toEqual([410, 478, 464]);
    for (const split of ['organism', 'artifact', 'produce'] as const) expect(classes.every(({ synset }) => sideOfSynset(synset, split) !== null)).toBe(true);
  });

  it('knows a wnid by its sense, not by its offset in another version', () => {
    expect(wnidSide('n01440764')).toBe('B'); // tench
    expect(wnidSide('n04465501')).toBe('A'); // tractor
    expect(wnidSide('n07747607')).toBe('B'); // orange
    expect(wnidSide('n02084071')).toBeNull(); // dog: a synset, but no class
    expect(wnidSide('tench')).toBeNull();
  });
});

describe('CIFAR-100', () => {
  it('has a sense for each of the 100 labels', () => {
    const labels = CIFAR100_SENSES.map(([label]) => label);
    expect(new Set(labels).size).toBe(100);
    expect(new Set(CIFAR100_SUPERCLASSES.flatMap((superclass) => superclass.labels))).toEqual(new Set(labels));
    expect(labels.filter((label) => cifar100Side(label) === 'A')).toHaveLength(35);
    expect(labels.filter((label) => cifar100Side(label) === 'B')).toHaveLength(65);
  });

  it('puts whole superclasses on a side', () => {
    for (const { superclass, labels, hint } of CIFAR100_SUPERCLASSES) expect(labels.map(cifar100Side), superclass).toEqual(labels.map(() => hint.expect));
  });

  it('is what the rule and the hand-made table give today', () => {
    for (const { superclass, labels, hint } of CIFAR100_SUPERCLASSES) {
      for (const label of labels) {
        const row = CIFAR100_SENSES.find(([known]) => known === label);
        const expected = CIFAR100_BY_HAND[label]?.[0] ?? chooseSense(label.replaceAll('_', ' '), { ...hint, category: superclass }).sense;
        expect(row?.[1], label).toBe(expected);
      }
    }
  });

  it('takes spaces for underscores and knows no other words', () => {
    expect(cifar100Side('sweet pepper')).toBe('B');
    expect(cifar100Side('ship')).toBeNull();
  });
});

describe('the rule for senses', () => {
  it('looks for the longest phrase, then for the head noun, in the singular too', () => {
    expect(phrases('oncoming police car').filter((phrase) => !phrase.includes('-'))).toEqual(['oncoming police car', 'police car', 'car']);
    expect(phrases('cherries')).toContain('cherry');
    expect(phrases('bell with slash')).toContain('bell');
  });

  it('takes the most frequent sense that fits the category', () => {
    expect(chooseSense('seal', { files: [['animal']], expect: 'B' })).toMatchObject({ sense: 'seal%1:05:00::', side: 'B' });
    expect(chooseSense('crane', { files: [['artifact']], expect: 'A' }).sense).toMatch(/^crane%1:06/);
    expect(chooseSense('crane', { files: [['animal']], expect: 'B' }).sense).toMatch(/^crane%1:05/);
  });

  it('guesses nothing', () => {
    expect(chooseSense('qwertyuiop')).toMatchObject({ sense: null, side: null });
    const conflict = chooseSense('hammer', { files: [['artifact']], expect: 'B', category: 'animals' });
    expect(conflict).toMatchObject({ sense: null, side: null });
    expect(conflict.reason).toMatch(/^conflict: hammer%1:06.*B was expected for animals/);
    // Water polo is no Marco Polo: names of single persons are no senses of a noun.
    expect(chooseSense('polo', { files: [['person']] }).sense).toBeNull();
  });

  it('leaves parts of a body on no side', () => {
    expect(sideOfSense('hand%1:08:00::')).toBeNull();
    expect(sideOfName('dog')).toBe('B');
    expect(sideOfName('fire engine')).toBe('A');
    expect(() => sideOfSense('nothing%1:06:00::')).toThrow(/no noun sense/);
  });
});
