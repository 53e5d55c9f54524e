import { isObject } from '../files.js';

/** Of the files that commands read: a key that no other of them has at its top, and what to call it. */
const kinds = [
  { key: 'results', name: "a run's results.json" },
  { key: 'cells', name: 'a baseline' },
  { key: 'perImage', name: 'the result of one job' },
  { key: 'annotations', name: "COCO's annotations" },
] as const;

/** Of a file that is not of the kind whose key it lacks: so, and what it looks like, to a person who gave it in the place of that. */
export function lacking(key: (typeof kinds)[number]['key'], value: unknown): string {
  const other = isObject(value) ? kinds.find((kind) => Object.hasOwn(value, kind.key)) : undefined;
  return `/: has no ${key}${other === undefined ? '' : `: it looks like ${other.name}`}`;
}
