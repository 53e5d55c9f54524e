import { isObject } from '../files.js';

/** Of the files that commands read: a key that no other of them has at its top, and what to call it. */
const kinds = [
  { key: 'results', name: "a run's results.json" },
  { key: 'cells', name: 'a baseline' },
  { key: 'perImage', name: 'the result of one job' },
  { key: 'annotations', name: "COCO's annotations" },
] as const;

/** What the JSON of a file looks like, to a person who gave it in the place of another; null for none that is known. */
export const looksLike = (value: unknown): string | null =>
  (isObject(value) ? kinds.find(({ key }) => Object.hasOwn(value, key))?.name ?? null : null);
