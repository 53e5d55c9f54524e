import { join } from 'node:path';
import { type LabelMap, readLabelMap } from '../../data/sources/label-map.js';
import { DataError, messageOf } from '../../errors.js';
import { poolCounts, type SegmentationCounts, segmentationCounts, type SegmentationScores, segmentationScores } from '../../metrics/index.js';
import { pairsOf } from './label-maps.js';

export interface SegmentationEvaluation extends SegmentationScores {
  readonly images: number;
  readonly classes: number;
  /** Share of the truth's pixels that do not count. */
  readonly ignored: number;
  /** Predictions of which there is no truth. */
  readonly leftOut: readonly string[];
}

/** Compares two folders of label maps. `classes` null: as many as the truth's largest label says. */
export async function evaluateFolders(truth: string, predicted: string, { classes: given, ignore }: { readonly classes: number | null; readonly ignore: number }): Promise<SegmentationEvaluation> {
  const { names, leftOut } = await pairsOf(truth, predicted);
  const paths = names.map((name) => join(truth, name));
  const classes = given ?? await classesIn(paths, ignore);
  if (given === null && classes < 2) {
    throw new DataError(`its ${paths.length} label maps have no label but ${[...classes === 1 ? ['0'] : [], `${ignore}, which does not count`].join(' and ')}`, {
      where: truth, fix: 'Label pixels by their class from 0 on. Where one is to count that does not, name another label with --ignore; where there is one class, say so with --classes 1.',
    });
  }
  const images: SegmentationCounts[] = [];
  let [pixels, ignored] = [0, 0];
  for (const name of names) {
    const [is, said] = await Promise.all([readLabelMap(join(truth, name)), readLabelMap(join(predicted, name))]);
    pixels += is.values.length;
    for (const label of is.values) if (label === ignore) ignored++;
    images.push(counted(is, said, join(predicted, name), classes, ignore));
  }
  if (ignored === pixels) throw new DataError(`every pixel has the label ${ignore}, which does not count`, { where: truth, fix: 'Name another label with --ignore.' });
  return { ...segmentationScores(poolCounts(images)), images: names.length, classes, ignored: ignored / pixels, leftOut };
}

async function classesIn(paths: readonly string[], ignore: number): Promise<number> {
  let most = -1;
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
    throw new DataError(`this and its truth cannot be compared: ${messageOf(error)}`, { where, fix: 'Give the number of classes with --classes; a predicted label that is none is an error also where the truth does not count.', cause: error });
  }
}
