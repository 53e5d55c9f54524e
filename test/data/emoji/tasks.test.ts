import { describe, expect, it } from 'vitest';
import type { PretrainView, SubsetName, ClassificationTask } from '../../../src/data/image-set.js';
import { REMOVED } from '../../../src/data/sources/emoji/duplicates.js';
import { emojiSource } from '../../../src/data/sources/emoji/index.js';
import { foldOf } from '../../../src/data/sources/emoji/families.js';
import { RELATIVES } from '../../../src/data/sources/emoji/relatives.js';
import { FAMILIES } from '../../../src/data/sources/emoji/sets.js';
import { EMOJI_SENSES } from '../../../src/data/splits/emoji-senses.js';
import { conceptsOf, pretrainedConcepts, sharedArtists, sharedImages } from './leaks.js';
import { classification } from '../classification.js';

const SEEDS = [0, 1, 2, 3, 4, 5, 6, 7, 11, 100, 12_345];
const SUBSETS: readonly SubsetName[] = ['full', 'split-a', 'split-b', 'random'];
const index = await emojiSource.index({});
const summaries = await emojiSource.tasks({});
const view = (name: string, seed: number): ClassificationTask => classification(emojiSource.task(index, {}, name, seed));
const pretrain = (subset: SubsetName, seed: number): PretrainView => emojiSource.pretrain(index, {}, subset, seed);
const views = SEEDS.flatMap((seed) => summaries.map(({ name }) => view(name, seed)));
const downstream = new Set(summaries.flatMap(({ name }) => [...conceptsOf(index, view(name, 0))]));
/** Those that a task asks for by name: not the ones that only subgroup tasks show, as they mean the same. */
const asked = new Set(summaries.filter(({ name }) => !name.endsWith('-kinds')).flatMap(({ name }) => [...conceptsOf(index, view(name, 0))]));
const labels = ({ indices }: PretrainView): ReadonlySet<string> => new Set(indices.map((at) => index.records[at]?.label ?? ''));

describe('leaks', () => {
  it('no artist is in two of train, validation and test, at any seed', () => {
    for (const task of views) expect(sharedArtists(index, task), task.name).toEqual([]);
    // The check finds one where there is one.
    const task = view('mammals', 0);
    expect(sharedArtists(index, { ...task, train: { indices: [...task.train.indices, task.test.indices[0] ?? 0], labels: [...task.train.labels, 0] } })).toHaveLength(1);
  });

  it('two sets of one artist are one family', () => {
    const families = new Map(index.records.map(({ id, domain }) => [id.slice(0, id.indexOf('/')), domain]));
    expect(families.get('noto-v1')).toBe(families.get('noto'));
    expect(families.get('emojione-v1')).toBe(families.get('emojione'));
    expect(new Set(families.values()).size).toBe(6);
  });

  it('no image is in two parts of a task', () => {
    for (const task of views) expect(sharedImages(task), task.name).toEqual([]);
    const task = view('mammals', 0);
    expect(sharedImages({ ...task, validation: task.test })).toHaveLength(task.test.indices.length);
  });

  it('no downstream concept is pre-trained on, from any artist, in any subset', () => {
    expect(downstream.size).toBeGreaterThan(200);
    for (const seed of SEEDS) for (const subset of SUBSETS) expect(pretrainedConcepts(index, pretrain(subset, seed), downstream), subset).toEqual([]);
    const all: PretrainView = { subset: 'full', indices: index.records.map((_, at) => at), classes: 0 };
    expect(pretrainedConcepts(index, all, downstream)).toHaveLength(downstream.size);
  });

  it('no drawing that nearly repeats another, or one of a task, is in the set at all', () => {
    const ids = new Set(index.records.map(({ id }) => id));
    for (const rule of ['across-families', 'same-set', 'near-downstream']) {
      const removed = REMOVED.filter((one) => one.rule === rule).map(({ id }) => id);
      expect(removed.length, rule).toBeGreaterThan(0);
      expect(removed.filter((id) => ids.has(id)), rule).toEqual([]);
    }
  });

  it('nothing of the same WordNet sense as a downstream concept is pre-trained on (cow face beside cow)', () => {
    const senses = new Map(EMOJI_SENSES.map(([name, sense]) => [name, sense]));
    const pretrained = new Set([...labels(pretrain('full', 0))].map((label) => senses.get(label) ?? null));
    expect([...downstream].filter((label) => pretrained.has(senses.get(label) ?? label))).toEqual([]);
    const full = labels(pretrain('full', 0));
    const leftOut = [...labels({ subset: 'full', indices: index.records.map((_, at) => at), classes: 0 })].filter((label) => !asked.has(label) && !full.has(label));
    expect(leftOut).toContain('cow face');
    expect(leftOut).toContain('taxi');
    expect(leftOut).not.toContain('lion');
  });

  it('what shows a downstream concept under another name is not pre-trained on (speak-no-evil monkey beside monkey face)', () => {
    const known = new Set(index.records.map(({ label }) => label));
    for (const [name, like] of RELATIVES) {
      expect(asked.has(like), `${name}: ${like} is a class of a task`).toBe(true);
      expect(known.has(name) && !asked.has(name), `${name} is a concept, and no class of a task`).toBe(true);
    }
    const names = new Set(RELATIVES.map(([name]) => name));
    for (const seed of SEEDS) for (const subset of SUBSETS) expect([...labels(pretrain(subset, seed))].filter((name) => names.has(name)), subset).toEqual([]);
    expect(names.size).toBe(RELATIVES.length);
  });

  it('nothing is pre-trained on of which several drawings nearly repeat a downstream one', () => {
    const names = new Map(index.records.map(({ id, label }) => [id.slice(id.indexOf('/') + 1), label]));
    const near = REMOVED.filter(({ rule }) => rule === 'near-downstream').map(({ id }) => names.get(id.slice(id.indexOf('/') + 1)) ?? id);
    const several = near.filter((name, at) => near.indexOf(name) !== at);
    expect(several).toContain('envelope');
    const pretrained = labels(pretrain('full', 0));
    expect(several.filter((name) => pretrained.has(name))).toEqual([]);
  });

  it('no development concept has the WordNet sense of a reported one', () => {
    const senses = new Map(EMOJI_SENSES.map(([name, sense]) => [name, sense]));
    const sensesOf = (development: boolean): ReadonlySet<string> =>
      new Set(summaries.filter((task) => task.development === development).flatMap(({ name }) => [...conceptsOf(index, view(name, 0))]).map((label) => senses.get(label) ?? label));
    const reported = sensesOf(false);
    expect([...sensesOf(true)].filter((sense) => reported.has(sense))).toEqual([]);
  });

  it('which concepts are downstream does not depend on the seed', () => {
    for (const seed of SEEDS) expect(new Set(summaries.flatMap(({ name }) => [...conceptsOf(index, view(name, seed))]))).toEqual(downstream);
  });

  it('development tasks share no concept with reported ones', () => {
    const concepts = (development: boolean): ReadonlySet<string> =>
      new Set(summaries.filter((task) => task.development === development).flatMap(({ name }) => [...conceptsOf(index, view(name, 0))]));
    const reported = concepts(false);
    expect([...concepts(true)].filter((label) => reported.has(label))).toEqual([]);
    expect(concepts(true).size).toBeGreaterThan(30);
  });

  it('within each Unicode subgroup of a task but one, some concepts are left to pre-training', () => {
    const left = new Set(pretrain('full', 0).indices.map((at) => index.records[at]?.group));
    const groups = [...new Set(index.records.filter(({ label }) => downstream.has(label)).map((record) => record.group))];
    // Of trees, leaves and clover nothing remains that is not much like a class of a task.
    expect(groups.filter((group) => !left.has(group))).toEqual(['plant-other']);
  });
});

describe('folds', () => {
  it('rotate: over six seeds every family is tested twice and validated once, over the first three tested once', () => {
    const count = (families: readonly string[]): readonly number[] => FAMILIES.map((family) => families.filter((other) => other === family).length);
    const folds = [0, 1, 2, 3, 4, 5].map(foldOf);
    expect(count(folds.flatMap(({ test }) => test))).toEqual([2, 2, 2, 2, 2, 2]);
    expect(count(folds.map(({ validation }) => validation))).toEqual([1, 1, 1, 1, 1, 1]);
    expect(count(folds.slice(0, 3).flatMap(({ test }) => test))).toEqual([1, 1, 1, 1, 1, 1]);
    for (const { test, validation, train } of folds) expect([...test, validation, ...train].sort()).toEqual([...FAMILIES].sort());
    expect(foldOf(6)).toEqual(foldOf(0));
    expect(new Set(folds.map(({ test }) => [...test].sort().join())).size).toBe(6);
  });

  it('are what the tasks hold', () => {
    for (const seed of [0, 1, 5]) {
      const fold = foldOf(seed);
      const domains = (part: keyof Pick<ClassificationTask, 'train' | 'validation' | 'test'>): readonly string[] => [...new Set(view('living-kinds', seed)[part].indices.map((at) => index.records[at]?.domain ?? ''))].sort();
      expect(domains('test')).toEqual([...fold.test].sort());
      expect(domains('validation')).toEqual([fold.validation]);
      expect(domains('train')).toEqual([...fold.train].sort());
    }
  });
});

describe('tasks', () => {
  it('are at least eight reported and two for development, with at least three organism and three inanimate ones', () => {
    const reported = summaries.filter(({ development }) => !development);
    expect(reported.length).toBeGreaterThanOrEqual(8);
    expect(summaries.length - reported.length).toBeGreaterThanOrEqual(2);
    const sides = reported.map(({ name }) => view(name, 0).side);
    expect(sides.filter((side) => side === 'A').length).toBeGreaterThanOrEqual(3);
    expect(sides.filter((side) => side === 'B').length).toBeGreaterThanOrEqual(3);
  });

  it('have 15 to 30 concepts or about 10 subgroups with several hundred test images', () => {
    for (const { name } of summaries) {
      const { classes } = view(name, 0);
      if (name.endsWith('-kinds')) {
        expect(classes.length, name).toBeGreaterThanOrEqual(8);
        expect(classes.length, name).toBeLessThanOrEqual(14);
        for (const seed of SEEDS) expect(view(name, seed).test.indices.length, `${name} at seed ${seed}`).toBeGreaterThanOrEqual(200);
      } else {
        expect(classes.length, name).toBeGreaterThanOrEqual(15);
        expect(classes.length, name).toBeLessThanOrEqual(30);
      }
    }
  });

  it('have every class in train, validation and test at every seed, with the right labels', () => {
    for (const task of views) {
      for (const part of [task.train, task.validation, task.test]) {
        expect(part.labels).toHaveLength(part.indices.length);
        expect(new Set(part.labels).size, task.name).toBe(task.classes.length);
        part.indices.forEach((at, i) => {
          const record = index.records[at];
          expect(task.classes[part.labels[i] ?? -1]).toBe(task.name.endsWith('-kinds') ? record?.group : record?.label);
        });
      }
    }
  });

  it('on subgroups show what means the same as a class of their own domains, and nothing like a development concept', () => {
    const living = conceptsOf(index, view('living-kinds', 0));
    for (const name of ['cow', 'cow face', 'pig nose', 'bouquet']) expect([...living], name).toContain(name);
    const things = conceptsOf(index, view('thing-kinds', 0));
    for (const name of ['taxi', 'oncoming taxi', 'tram', 'ledger']) expect([...things], name).toContain(name);
    // A horse on a pole is like one of the living, and of a subgroup of things.
    for (const concepts of [living, things]) expect([...concepts]).not.toContain('carousel horse');
    const development = new Set(summaries.filter((task) => task.development).flatMap(({ name }) => [...conceptsOf(index, view(name, 0))]));
    const likeDevelopment = new Set([...development, ...RELATIVES.filter(([, like]) => development.has(like)).map(([name]) => name)]);
    for (const concepts of [living, things]) expect([...concepts].filter((name) => likeDevelopment.has(name))).toEqual([]);
  });

  it('have a side that at least 90 % of the classes have', () => {
    for (const { name } of summaries.filter((task) => !task.name.endsWith('-kinds'))) {
      const { classes, side } = view(name, 0);
      const sides = classes.map((label) => index.records.find((record) => record.label === label)?.side);
      expect(sides.filter((each) => each === side).length / classes.length, name).toBeGreaterThanOrEqual(0.9);
      expect(sides).not.toContain(null);
    }
  });

  it('say what holds beside any encoder: a checkpoint may have seen everything', () => {
    expect(view('mammals', 0).note).toBe('Tested on the artists noto and twemoji, validated on openmoji; no concept in it is among this set\'s pre-training images.');
  });

  it('name the nearest task for one that is not there', () => {
    expect(() => view('mamals', 0)).toThrow(/no task 'mamals'.*mammals/);
  });
});

describe('subsets for pre-training', () => {
  it('A, B and random are equally large and as large as the smaller side', () => {
    for (const seed of SEEDS) {
      const [a, b, random] = (['split-a', 'split-b', 'random'] as const).map((subset) => pretrain(subset, seed).indices.length);
      expect(a).toBe(b);
      expect(random).toBe(b);
    }
    const full = pretrain('full', 0).indices;
    const onSide = (side: 'A' | 'B'): number => full.filter((at) => index.records[at]?.side === side).length;
    expect(pretrain('split-a', 0).indices.length).toBe(Math.min(onSide('A'), onSide('B')));
  });

  it('A and B are disjoint and lie on their sides; random is drawn from all', () => {
    for (const seed of SEEDS) {
      const [a, b, random] = (['split-a', 'split-b', 'random'] as const).map((subset) => pretrain(subset, seed));
      if (a === undefined || b === undefined || random === undefined) throw new Error('a subset is missing');
      expect(a.indices.every((at) => index.records[at]?.side === 'A')).toBe(true);
      expect(b.indices.every((at) => index.records[at]?.side === 'B')).toBe(true);
      expect([...labels(a)].filter((label) => labels(b).has(label))).toEqual([]);
      expect(new Set(random.indices.map((at) => index.records[at]?.side))).toEqual(new Set(['A', 'B', null]));
      const full = new Set(pretrain('full', seed).indices);
      for (const subset of [a, b, random]) {
        expect(new Set(subset.indices).size).toBe(subset.indices.length);
        expect(subset.indices.every((at) => full.has(at))).toBe(true);
        expect(subset.classes).toBe(labels(subset).size);
      }
    }
  });

  it('are drawn by seed: the same for the same seed, others for another; full is the same always', () => {
    for (const subset of ['split-a', 'random'] as const) {
      expect(pretrain(subset, 3)).toEqual(pretrain(subset, 3));
      expect(pretrain(subset, 3).indices).not.toEqual(pretrain(subset, 4).indices);
    }
    expect(pretrain('full', 3).indices).toEqual(pretrain('full', 4).indices);
  });
});

describe('records', () => {
  it('have unique ids of set and code points, a subgroup, a family and a side by concept', () => {
    const { records } = index;
    expect(records.length).toBeGreaterThan(6_500);
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    for (const { id, group, domain } of records) {
      expect(id).toMatch(/^[a-z0-9-]+\/[0-9a-f]+(-[0-9a-f]+)*$/);
      expect(group).toBeTruthy();
      expect(FAMILIES).toContain(domain);
    }
    const sides = new Map<string, unknown>();
    for (const { label, side } of records) {
      if (sides.has(label)) expect(sides.get(label)).toBe(side);
      sides.set(label, side);
    }
  });

  it('come with the licences of all eight sets', () => {
    expect(emojiSource.credits).toHaveLength(8);
    for (const credit of emojiSource.credits) expect(credit).toMatch(/ by .+\((Apache-2\.0|CC-BY-4\.0|CC-BY-SA-4\.0|MIT)/);
  });

  it('have a fingerprint', async () => {
    expect(await emojiSource.fingerprint({})).toMatch(/^[0-9a-f]{64}$/);
  });
});
