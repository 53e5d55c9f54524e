import { sha256 } from '../../../files.js';
import type { Concept } from './concepts.js';
import { FAMILIES, FAMILY_OF } from './sets.js';
import { DOMAINS, type Domain } from './domains.js';
import { RELATIVES } from './relatives.js';
import { senseOfConcept, sideOfConcept } from './sides.js';

/**
 * Where a concept is used: in pre-training; in the tasks of one domain; or, as it shows what a downstream concept `like` shows,
 * in neither pre-training nor a task that asks for concepts, only in tasks that ask for subgroups of that one's domain.
 */
export type Use =
  | { readonly kind: 'pretraining' }
  | { readonly kind: 'downstream'; readonly domain: Domain }
  | { readonly kind: 'left-out'; readonly like: string; readonly domain: Domain };

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
 *
 * A concept is a code point, and several can mean one thing (cow and cow face). So a concept of the same WordNet sense as a
 * downstream one is not pre-trained on either, nor is one that relatives.ts names, and no development domain takes one
 * whose sense a reported domain has.
 */
export function usesOf(concepts: readonly Concept[], isRemoved: (id: string) => boolean): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>();
  /** sense -> name of the first downstream concept that has it. */
  const senses = { reported: new Map<string, string>(), all: new Map<string, string>() };
  const has = (known: ReadonlyMap<string, string>, { name }: Concept): string | undefined => known.get(senseOfConcept(name) ?? '');
  for (const domain of DOMAINS) {
    for (const [subgroup, share] of Object.entries(domain.shares)) {
      const members = concepts.filter((concept) => concept.subgroup === subgroup);
      members
        .filter((concept) => !uses.has(concept.code) && isFit(concept, isRemoved) && !(domain.development && has(senses.reported, concept) !== undefined))
        .map((concept) => ({ concept, order: sha256(`downstream/${concept.code}`) }))
        .sort((a, b) => (a.order < b.order ? -1 : 1))
        .slice(0, Math.round(share * members.length))
        .forEach(({ concept }) => {
          uses.set(concept.code, { kind: 'downstream', domain });
          const sense = senseOfConcept(concept.name);
          if (sense === null) return;
          for (const known of domain.development ? [senses.all] : [senses.all, senses.reported]) if (!known.has(sense)) known.set(sense, concept.name);
        });
    }
  }
  const domains = new Map(concepts.flatMap(({ code, name }) => {
    const use = uses.get(code);
    return use?.kind === 'downstream' ? [[name, use.domain] as const] : [];
  }));
  const relatives = new Map(RELATIVES.map(([name, like]) => [name, like]));
  for (const concept of concepts) {
    if (uses.has(concept.code)) continue;
    const like = has(senses.all, concept) ?? relatives.get(concept.name) ?? '';
    const domain = domains.get(like);
    uses.set(concept.code, domain === undefined ? { kind: 'pretraining' } : { kind: 'left-out', like, domain });
  }
  return uses;
}
