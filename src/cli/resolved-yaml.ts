import { Document, isCollection, isScalar, visit } from 'yaml';
import type { ResolvedSuite } from '../suite/resolved.js';

/** A resolved suite as YAML for people: what holds only single values stands on one line where it fits. Of claims it says which are asked. */
export function resolvedYaml({ claims, ...suite }: ResolvedSuite): string {
  const asked = claims === undefined ? {} : { claims: Object.fromEntries(claims.map(({ id, lacks }) => [id, lacks === null ? 'asked' : `not asked here: ${lacks}`])) };
  const document = new Document({ ...suite, ...asked }, { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, node, path) => {
      const values = node.items.map((item) => (isScalar(item) ? item : (item as { readonly value: unknown }).value));
      const short = values.every((value) => isScalar(value) || (isCollection(value) && value.items.length === 0));
      if (path.length > 1 && short && node.toString().length <= 100) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 120 });
}
