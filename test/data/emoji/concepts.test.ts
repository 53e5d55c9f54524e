import { describe, expect, it } from 'vitest';
import { allConcepts } from '../../../src/data/sources/emoji/concepts.js';
import { charsOf, icon, iconNames } from '../../../src/data/sources/emoji/icons.js';
import { NAMES_BY_HAND } from '../../../src/data/sources/emoji/names-by-hand.js';
import { MIN_SETS, SETS } from '../../../src/data/sources/emoji/sets.js';
import { EMOJI_BY_HAND } from '../../../src/data/splits/emoji-by-hand.js';
import { EMOJI_HINTS } from '../../../src/data/splits/emoji-hints.js';
import { chooseEmojiSense } from '../../../src/data/splits/emoji-sense.js';
import { EMOJI_SENSES } from '../../../src/data/splits/emoji-senses.js';
import { sideOfSense } from '../../../src/data/splits/sides.js';

const concepts = allConcepts();
const byName = new Map(concepts.map((concept) => [concept.name, concept]));
const drawing = (name: string, set: string): string | undefined => byName.get(name)?.drawings.find((d) => d.set === set)?.icon;

describe('concepts', () => {
  it('are about a thousand, each drawn by at least five sets, each once', () => {
    expect(concepts.length).toBeGreaterThan(950);
    expect(concepts.length).toBeLessThan(1100);
    expect(new Set(concepts.map(({ code }) => code)).size).toBe(concepts.length);
    expect(byName.size).toBe(concepts.length);
    for (const { name, drawings } of concepts) {
      expect(drawings.length, name).toBeGreaterThanOrEqual(MIN_SETS);
      expect(new Set(drawings.map(({ set }) => set)).size).toBe(drawings.length);
    }
  });

  it('hold no skin tones, flags and symbols', () => {
    const groups = new Set(concepts.map(({ group }) => group));
    expect([...groups].sort()).toEqual(['activities', 'animals-nature', 'food-drink', 'objects', 'people-body', 'smileys-emotion', 'travel-places']);
    expect(concepts.filter(({ code }) => /1f3f[b-f]/.test(code))).toEqual([]);
    expect(concepts.filter(({ name }) => /skin tone|^flag:/.test(name))).toEqual([]);
  });

  it('follow the code points that a set publishes', () => {
    for (const set of ['noto', 'twemoji', 'openmoji', 'fluent-emoji-flat'] as const) {
      const codesOf = new Map<string, Set<string>>();
      for (const [key, name] of Object.entries(charsOf(set))) {
        codesOf.set(name, (codesOf.get(name) ?? new Set()).add(key.split('-').filter((part) => part !== 'fe0f').join('-')));
      }
      for (const { code, drawings } of concepts) {
        const mine = drawings.find((d) => d.set === set);
        if (mine === undefined) continue;
        expect(codesOf.get(mine.icon), `${set}/${code}`).toEqual(new Set([code]));
      }
    }
  });

  it('are found by name where a set publishes none', () => {
    expect(drawing('dog face', 'fxemoji')).toBe('dog');
    expect(drawing('dog', 'fxemoji')).toBe('dogside');
    expect(drawing('eggplant', 'fxemoji')).toBe('aubergine');
    expect(drawing('panda', 'emojione')).toBe('panda-face');
    expect(drawing('laptop', 'emojione-v1')).toBe('laptop-computer');
    expect(drawing('water wave', 'fxemoji')).toBe('wave');
    expect(drawing('waving hand', 'fxemoji')).toBe('waving');
  });

  it('leave out drawings that show another thing or are damaged', () => {
    expect(drawing('cricket', 'noto-v1')).toBeUndefined();
    expect(drawing('cricket', 'emojione')).toBeUndefined();
    expect(drawing('scroll', 'openmoji')).toBeUndefined();
    expect(drawing('blue heart', 'fxemoji')).toBeUndefined();
    expect(drawing('tram car', 'fxemoji')).toBeUndefined();
  });

  it('use no drawing for two concepts', () => {
    for (const set of SETS) {
      const icons = concepts.flatMap(({ drawings }) => drawings.filter((d) => d.set === set).map((d) => d.icon));
      expect(icons.filter((name, at) => icons.indexOf(name) !== at), set).toEqual([]);
    }
  });

  it('name only drawings that exist, in the hand-made table too', () => {
    for (const { drawings } of concepts) for (const { set, icon: name } of drawings) expect(icon(set, name).body.length).toBeGreaterThan(10);
    for (const set of SETS) for (const name of Object.keys(NAMES_BY_HAND[set] ?? {})) expect(iconNames(set), `${set}/${name}`).toContain(name);
    expect(() => icon('noto', 'no-such-drawing')).toThrow(/no drawing no-such-drawing/);
  });
});

describe('the sense table', () => {
  it('has one row a concept, in order, and each is what the rule and the hand-made table give today', () => {
    expect(EMOJI_SENSES.map(([name]) => name)).toEqual(concepts.map(({ name }) => name));
    for (const [name, sense, reason] of EMOJI_SENSES) {
      expect({ name, sense, reason }).toEqual({ name, ...((choice) => ({ sense: choice.sense, reason: choice.reason }))(chooseEmojiSense(name, byName.get(name)?.subgroup ?? '')) });
    }
  });

  it('agrees with the Unicode subgroup wherever that leads one to expect a side', () => {
    const against = EMOJI_SENSES.filter(([name, sense]) => {
      const hint = EMOJI_HINTS[byName.get(name)?.subgroup ?? ''];
      return sense !== null && hint?.kind === 'nouns' && hint.hint.expect !== undefined && sideOfSense(sense) !== hint.hint.expect;
    });
    // A rosette stands among the flowers and is an ornament; the table says so by hand.
    expect(against.map(([name]) => name)).toEqual(['rosette']);
  });

  it('resolves the names that have several senses', () => {
    const side = (name: string): string | null | undefined => EMOJI_SENSES.filter(([known]) => known === name).map(([, sense]) => (sense === null ? null : sideOfSense(sense)))[0];
    expect(['bat', 'turkey', 'mouse', 'orange book', 'computer mouse', 'dragon', 'ear', 'grinning face', 'man cook', 'hot dog'].map(side)).toEqual(['B', 'B', 'B', 'A', 'A', null, null, null, 'B', 'B']);
  });

  it('has no hand-made row for a name that is no concept', () => {
    expect(Object.keys(EMOJI_BY_HAND).filter((name) => !byName.has(name))).toEqual([]);
  });
});
