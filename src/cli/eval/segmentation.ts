import { join } from 'node:path';
import { type LabelMap, readLabelMap } from '../../data/sources/label-map.js';
import { DataError, messageOf } from '../../errors.js';
import { poolCounts, type SegmentationCounts, segmentationCounts, type SegmentationScores, segmentationScores } from '../../metrics/index.js';
import { pairsOf } from './label-maps.js';

export interface SegmentationEvaluation extends SegmentationScores {
  readonly images: number;
  readonly classes: number;
  /** Predictions of which there is no truth. */
  readonly leftOut: readonly string[];
}

/** Compares two folders of label maps. `classes` null: as many as the truth's largest label says. */
export async function evaluateFolders(truth: string, predicted: string, { classes: given, ignore }: { readonly classes: number | null; readonly ignore: number }): Promise<SegmentationEvaluation> {
  const { names, leftOut } = await pairsOf(truth, predicted);
  const classes = given ?? await classesIn(names.map((name) => join(truth, name)), ignore);
  const images: SegmentationCounts[] = [];
  for (const name of names) {
    const [is, said] = await Promise.all([readLabelMap(join(truth, name)), readLabelMap(join(predicted, name))]);
    images.push(counted(is, said, join(predicted, name), classes, ignore));
  }
  return { ...segmentationScores(poolCounts(images)), images: names.length, classes, leftOut };
}

async function classesIn(paths: readonly string[], ignore: number): Promise<number> {
  let most = 0;
  for (const path of paths) for (const value of (await readLabelMap(path)).values) if (value !== ignore && value > most) most = value;
  return most + 1;
}

function counted(is: LabelMap, said: LabelMap, where: string, classes: number, ignore: number): SegmentationCounts {
  if (is.height !== said.height || is.width !== said.width) {
    throw new DataError(`is ${said.height} x ${said.width}, the truth ${is.height} x ${is.width} (height x width)`, { where, fix: 'Predict at the size of the truth.' });
  }
  try {
    return segmentationCounts(is.values, said.values, classes, ignore);
  } catch (error) {
    throw new DataError(`this and its truth cannot be compared: ${messageOf(error)}`, { where, fix: 'Give the number of classes with --classes, and the label that does not count with --ignore.', cause: error });
  }
}
