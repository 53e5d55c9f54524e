import type { Side } from '../image-set.js';
import { DataError } from '../../errors.js';
import { ancestry, synsetOfSense, type Synset } from './wordnet.js';

/** Nodes of WordNet that a split or a count is made of, by sense key. */
export const NODES = {
  organism: 'organism%1:03:00::',
  animal: 'animal%1:03:00::',
  person: 'person%1:03:00::',
  fungus: 'fungus%1:20:00::',
  plant: 'plant%1:03:00::',
  artifact: 'artifact%1:03:00::',
  naturalObject: 'natural_object%1:03:00::',
  geologicalFormation: 'geological_formation%1:17:00::',
  food: 'food%1:03:00::',
  solidFood: 'food%1:13:00::',
  plantPart: 'plant_part%1:20:00::',
  fruit: 'fruit%1:20:00::',
  bodyPart: 'body_part%1:08:00::',
} as const;

/** The ways to cut ImageNet along WordNet. Each is a list of nodes; what lies under one of them is side B (or A). */
export const SPLITS = {
  /** 1: organisms against everything else. */
  organism: { side: 'B', nodes: [NODES.organism] },
  /** 2: artifacts against everything else. */
  artifact: { side: 'A', nodes: [NODES.artifact] },
  /** 3: organisms with food and plant produce against everything else. What emoji, CIFAR-100 and ImageNet use here. */
  produce: { side: 'B', nodes: [NODES.organism, NODES.food, NODES.solidFood, NODES.plantPart] },
} as const satisfies Record<string, { readonly side: Side; readonly nodes: readonly string[] }>;
export type SplitName = keyof typeof SPLITS;

const roots = new Map<string, number>();
const rootOf = (key: string): number => {
  const known = roots.get(key);
  if (known !== undefined) return known;
  const synset = synsetOfSense(key);
  if (synset === null) throw new DataError(`WordNet 3.1 has no noun sense ${key}`, { data: { key } });
  roots.set(key, synset.offset);
  return synset.offset;
};

/** Whether a synset lies under any of the nodes (or is one). */
export function isUnderAny(synset: Synset, nodes: readonly string[]): boolean {
  const above = ancestry(synset);
  return nodes.some((node) => above.has(rootOf(node)));
}

/**
 * Side of a synset: found by walking up its hypernyms. A part of a body (a hand, a face) is neither a thing nor an
 * organism and gets null; no ImageNet-1k class is one.
 */
export function sideOfSynset(synset: Synset, split: SplitName = 'produce'): Side | null {
  const { side, nodes } = SPLITS[split];
  if (isUnderAny(synset, nodes)) return side;
  if (isUnderAny(synset, [NODES.bodyPart])) return null;
  return side === 'A' ? 'B' : 'A';
}

const cache = new Map<string, Side | null>();

/** Side of a sense key. DataError for a key that WordNet 3.1 does not have. */
export function sideOfSense(key: string, split: SplitName = 'produce'): Side | null {
  const id = `${split} ${key}`;
  const known = cache.get(id);
  if (known !== undefined) return known;
  const synset = synsetOfSense(key);
  if (synset === null) throw new DataError(`WordNet 3.1 has no noun sense ${key}`, { data: { key } });
  const side = sideOfSynset(synset, split);
  cache.set(id, side);
  return side;
}
