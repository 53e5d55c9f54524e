import { DataError } from '../../errors.js';
import type { DenseTask, ImageIndex, Side } from '../image-set.js';
import { classSide } from './class-side.js';
import { draw } from './draw.js';
import { fixedParts, validationPart } from './fixed-split.js';
import { sideOfMost } from './task-side.js';

/**
 * A dense task on the splits that the source fixes, of the index's classes. Test: the source's test split, or `val` where it has none.
 * Validation: the source's `val` split where it has both, else a fifth of the training split, by seed. DataError where a part is empty, or there are too few classes.
 *
 * @param sides of classes, before what their names tell
 */
export function denseSplitTask(index: ImageIndex, { name, kind, note }: Pick<DenseTask, 'name' | 'kind' | 'note'>, seed: number, sides: ReadonlyMap<string, Side | null> = new Map()): DenseTask {
  const { classes = [] } = index;
  const least = kind === 'segmentation' ? 2 : 1;
  if (classes.length < least) throw new DataError(`the task '${name}' has ${classes.length === 0 ? 'no classes' : `one class, '${classes[0]!}'`}`, { where: index.name, fix: kind === 'segmentation' ? 'Segmentation tells two classes or more apart.' : 'Name the classes of the objects.' });
  const { testSplit, trainAll, test, given } = fixedParts(index);
  const validation = given ?? draw(trainAll, Math.round(trainAll.length * validationPart), seed, `validation/${name}`);
  const taken = new Set(validation);
  const train = trainAll.filter((i) => !taken.has(i));
  if (train.length === 0 || validation.length === 0 || test.length === 0) {
    throw new DataError(`the task '${name}' has ${train.length} readable training pictures, ${validation.length} to validate and ${test.length} to test`, { where: index.name, fix: 'Each part needs pictures.' });
  }
  return {
    name, kind, classes,
    side: sideOfMost(classes.map((label) => (sides.has(label) ? sides.get(label) : classSide(label)))),
    train: { indices: train }, validation: { indices: validation }, test: { indices: test },
    note: [note, `test: the source's ${testSplit} split`, given !== null ? "validation: the source's val split" : `validation: ${validationPart * 100} % of the training split, by seed`].join('; '),
  };
}
