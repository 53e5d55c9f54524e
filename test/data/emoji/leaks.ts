import type { ImageIndex, Labelled, PretrainView, ClassificationTask } from '../../../src/data/image-set.js';

/** What must never be; each gives the offenders, so that a test can show that it finds one. */
const domainsOf = (index: ImageIndex, { indices }: Labelled): ReadonlySet<string> => new Set(indices.map((at) => index.records[at]?.domain ?? 'none'));

/** Artists that are in more than one part of a task. */
export function sharedArtists(index: ImageIndex, view: ClassificationTask): readonly string[] {
  const parts = [view.train, view.validation, view.test].map((part) => domainsOf(index, part));
  return [...new Set(parts.flatMap((part, i) => [...part].filter((domain) => parts.some((other, j) => j !== i && other.has(domain)))))];
}

/** Images that are in more than one part of a task, or twice in one. */
export function sharedImages(view: ClassificationTask): readonly number[] {
  const all = [...view.train.indices, ...view.validation.indices, ...view.test.indices];
  return all.filter((at, i) => all.indexOf(at) !== i);
}

/** Concepts of a task. */
export const conceptsOf = (index: ImageIndex, view: ClassificationTask): ReadonlySet<string> =>
  new Set([view.train, view.validation, view.test].flatMap(({ indices }) => indices.map((at) => index.records[at]?.label ?? '')));

/** Concepts of the tasks that an entry pre-trains on. */
export const pretrainedConcepts = (index: ImageIndex, pretraining: PretrainView, downstream: ReadonlySet<string>): readonly string[] =>
  [...new Set(pretraining.indices.map((at) => index.records[at]?.label ?? ''))].filter((label) => downstream.has(label));
