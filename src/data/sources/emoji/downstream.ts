import { sha256 } from '../../../files.js';
import type { Concept } from './concepts.js';
import { FAMILIES, FAMILY_OF } from './sets.js';
import { DOMAINS, type Domain } from './domains.js';
import { sideOfConcept } from './sides.js';

/** Where a concept is used: in pre-training, or in the tasks of one domain. */
export type Use = { readonly kind: 'pretraining' } | { readonly kind: 'downstream'; readonly domain: Domain };

/**
 * A downstream class has a side (its task's side is computed from it) and a drawing of every family, else some fold has
 * nothing to test or to train it on.
 */
const isFit = (concept: Concept, isRemoved: (id: string) => boolean): boolean => {
  const families = new Set(concept.drawings.filter(({ set }) => !isRemoved(`${set}/${concept.code}`)).map(({ set }) => FAMILY_OF[set]));
  return families.size === FAMILIES.length && sideOfConcept(concept.name) !== null;
};

/**
 * Splits the concepts, within each Unicode subgroup, into those of the tasks and those of pre-training. Which ones is
 * fixed by a hash of their code points, not by a seed: a downstream concept is never pre-trained on, in any run. A domain
 * takes its share of each of its subgroups; domains that name the same subgroup take from it in turn.
 */
export function usesOf(concepts: readonly Concept[], isRemoved: (id: string) => boolean): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>(concepts.map(({ code }) => [code, { kind: 'pretraining' }]));
  const taken = new Set<string>();
  for (const domain of DOMAINS) {
    for (const [subgroup, share] of Object.entries(domain.shares)) {
      const members = concepts.filter((concept) => concept.subgroup === subgroup);
      members
        .filter((concept) => !taken.has(concept.code) && isFit(concept, isRemoved))
        .map(({ code }) => ({ code, order: sha256(`downstream/${code}`) }))
        .sort((a, b) => (a.order < b.order ? -1 : 1))
        .slice(0, Math.round(share * members.length))
        .forEach(({ code }) => {
          taken.add(code);
          uses.set(code, { kind: 'downstream', domain });
        });
    }
  }
  return uses;
}
