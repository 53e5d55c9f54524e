import { allConcepts } from './concepts.js';
import { REMOVED, type Removed } from './duplicates.js';

/** A removed drawing with the names of the two concepts. */
export interface NamedRemoved extends Removed { readonly name: string; readonly likeName: string }

/** The list of near-duplicates with names, for people. */
export function namedDuplicates(): readonly NamedRemoved[] {
  const names = new Map(allConcepts().map(({ code, name }) => [code, name]));
  const nameOf = (id: string): string => names.get(id.slice(id.indexOf('/') + 1)) ?? '';
  return REMOVED.map((removed) => ({ ...removed, name: nameOf(removed.id), likeName: nameOf(removed.like) }));
}
