import { DataError } from '../../errors.js';
import { stream } from '../../random.js';
import type { ImageIndex, ImageRecord, Labelled, PretrainView, Side, SubsetName, ClassificationTask } from '../image-set.js';
import { draw } from './draw.js';
import { sideOfMost } from './task-side.js';

/** Part of the training images that validation takes (of a classification a class at a time), where the source fixes no validation split. */
export const validationPart = 0.2;

const unreadableIds = (index: ImageIndex): ReadonlySet<string> => new Set((index.unreadable ?? []).map(({ id }) => id));

/** Indices of the readable records that pass. */
export function select(index: ImageIndex, passes: (record: ImageRecord) => boolean): number[] {
  const unreadable = unreadableIds(index);
  const found: number[] = [];
  index.records.forEach((record, i) => {
    if (passes(record) && !unreadable.has(record.id)) found.push(i);
  });
  return found;
}

/**
 * Pre-training images of a source with splits of its own: those of its training split (or all where it has none), never
 * a validation or test image. Split-A, Split-B and random have equal image counts: that of the smaller side, drawn by
 * seed from the larger one and from all. Without sides, `random` is half of the images and the splits are a DataError.
 */
export function fixedSplitPretrain(index: ImageIndex, subset: SubsetName, seed: number): PretrainView {
  const all = select(index, ({ split }) => split === 'train' || split === null);
  if (all.length === 0) throw new DataError('no readable image to pre-train on', { where: index.name, fix: 'Check the folder and the list of unreadable images.' });
  const onSide = (side: Side): number[] => all.filter((i) => index.records[i]!.side === side);
  const [a, b] = [onSide('A'), onSide('B')];
  const sided = a.length > 0 && b.length > 0;
  const count = sided ? Math.min(a.length, b.length) : Math.floor(all.length / 2);
  const pick = (): number[] => {
    switch (subset) {
      case 'full':
        return all;
      case 'random':
        return draw(all, Math.max(count, 1), seed, 'subset/random');
      case 'split-a':
      case 'split-b':
        if (!sided) {
          throw new DataError(`has no ${subset}: ${a.length} of its ${all.length} images are known to lie on side A and ${b.length} on side B`, {
            where: index.name,
            fix: "Sides come from class names that are ImageNet wnids or nouns of WordNet, and from the options `sides` and `side` of the source folder. Give them, or use the subset full or random.",
            data: { subset, a: a.length, b: b.length },
          });
        }
        return draw(subset === 'split-a' ? a : b, count, seed, `subset/${subset}`);
    }
  };
  const indices = pick();
  return { subset, indices, classes: new Set(indices.map((i) => index.records[i]!.label).filter((label) => label !== '')).size };
}

export interface FixedSplitTask {
  readonly name: string;
  /** Class of a record. */
  readonly classOf: (record: ImageRecord) => string;
  readonly primary: ClassificationTask['primary'];
  /** First part of the note. */
  readonly note: string;
}

/** Readable images of the parts that a source fixes. */
interface FixedParts {
  readonly testSplit: 'test' | 'val';
  readonly trainAll: readonly number[];
  readonly test: readonly number[];
  /** The source's `val` split; null where it is the test, or there is none. */
  readonly given: readonly number[] | null;
}

/** Test: the source's test split, or `val` where it has none. By what the source has, not by what of it can be read: a broken test split is no reason to judge on another. */
export function fixedParts(index: ImageIndex): FixedParts {
  const has = (wanted: string): boolean => index.records.some(({ split }) => split === wanted);
  const of = (wanted: string): readonly number[] => select(index, ({ split }) => split === wanted);
  const testSplit = has('test') ? 'test' : 'val';
  return { testSplit, trainAll: of('train'), test: of(testSplit), given: testSplit === 'test' && has('val') ? of('val') : null };
}

/**
 * A task on the splits that the source fixes. Test: the source's test split, or `val` where it has no test split.
 * Validation: the source's `val` split where it has both, else a fifth of every class of the training split, by seed.
 * DataError where a split is empty, there is one class alone, or a tested class has no training image.
 */
export function fixedSplitTask(index: ImageIndex, task: FixedSplitTask, seed: number): ClassificationTask {
  const { name, classOf, primary } = task;
  const { testSplit, trainAll, test, given } = fixedParts(index);
  if (trainAll.length === 0 || test.length === 0) {
    throw new DataError(`the task '${name}' has ${trainAll.length} readable training images and ${test.length} test images`, { where: index.name, fix: 'Both splits need images.' });
  }
  const classes = [...new Set(trainAll.map((i) => classOf(index.records[i]!)))].sort();
  const labelOf = new Map(classes.map((label, i) => [label, i]));
  const label = (i: number): number => {
    const found = labelOf.get(classOf(index.records[i]!));
    if (found !== undefined) return found;
    const { id } = index.records[i]!;
    throw new DataError(`the class '${classOf(index.records[i]!)}' of ${id} has no readable training image`, { where: index.name, fix: 'Every class needs images in the training split.' });
  };
  const labelled = (indices: readonly number[]): Labelled => ({ indices, labels: indices.map(label) });
  const { kept, taken } = given !== null ? { kept: trainAll, taken: given } : stratified(trainAll, label, classes.length, seed, `validation/${name}`);
  const untested = classes.length - new Set(test.map(label)).size;
  if (classes.length < 2) throw new DataError(`the task '${name}' has one class, '${classes[0]!}': there is nothing to tell apart`, { where: index.name, fix: 'A task needs images of two classes or more.' });
  const note = [
    task.note,
    `test: the source's ${testSplit} split`,
    given !== null ? "validation: the source's val split" : `validation: ${validationPart * 100} % of each class of the training split, by seed`,
    ...(untested === 0 ? [] : [`${untested} classes have no test image`]),
  ].join('; ');
  return {
    name,
    kind: 'classification',
    primary,
    classes,
    side: sideOfTask(index, classOf, classes),
    train: labelled(kept),
    validation: labelled(taken),
    test: labelled(test),
    note,
  };
}

/** Takes a part of each class by seed; a class of one image keeps it for training. Both results ascend. */
function stratified(indices: readonly number[], label: (i: number) => number, classes: number, seed: number, purpose: string): { kept: number[]; taken: number[] } {
  const byClass: number[][] = Array.from({ length: classes }, () => []);
  for (const i of indices) byClass[label(i)]!.push(i);
  const taken = new Set<number>();
  byClass.forEach((members, c) => {
    const count = members.length < 2 ? 0 : Math.max(1, Math.round(members.length * validationPart));
    const order = stream(seed, purpose, 0, c).permutation(members.length);
    for (let k = 0; k < count; k++) taken.add(members[order[k]!]!);
  });
  return { kept: indices.filter((i) => !taken.has(i)), taken: indices.filter((i) => taken.has(i)) };
}

/** A class lies on a side when all of its images do; the task where at least 90 % of its classes do. */
function sideOfTask(index: ImageIndex, classOf: (record: ImageRecord) => string, classes: readonly string[]): Side | 'mixed' {
  const sides = new Map<string, Side | null>();
  for (const record of index.records) {
    const name = classOf(record);
    const before = sides.get(name);
    sides.set(name, before === undefined || before === record.side ? record.side : null);
  }
  return sideOfMost(classes.map((name) => sides.get(name)));
}
