import { ignoredLabel, type PictureSize } from '../../data/dense.js';
import type { DenseTask } from '../../data/image-set.js';
import { DataError } from '../../errors.js';
import { failsToLearn, poolCounts, segmentationCounts, segmentationScores, type SegmentationCounts } from '../../metrics/index.js';
import type { SegmentationProtocol } from '../../protocols/protocol.js';
import { background } from '../background.js';
import { readEncoder, weightsAt } from '../encoder-file.js';
import { readTruth, withoutTest } from '../task-inputs.js';
import type { Judged, Judging } from './judging.js';
import { bestAndWorst, drawPictures, type Drawn } from './pictures.js';

export async function segmentation(protocol: SegmentationProtocol, { context, config, set, task, common }: Judging<DenseTask>): Promise<Judged> {
  const annotations = await readTruth(context.input('data'));
  const labelsOf = (index: number): Uint8Array => annotations.labels(index)!;
  const judgement = await protocol.run({ ...common, task, set, annotations: withoutTest(annotations, task), encoder: await readEncoder(weightsAt(context.input('encoder'), config.snapshot)) });
  const classes = task.classes.length;
  const ground = task.classes.indexOf(background);
  const confusion = new Array<number>(classes * classes).fill(0);
  // One label map is in memory at a time: those of a large set stay in their file.
  const counts = task.test.indices.map((index, at) => {
    const [truth, map] = [labelsOf(index), judgement.maps[at]!];
    const own = segmentationCounts(truth, map, classes, ignoredLabel);
    addConfused(confusion, truth, map, classes);
    return own;
  });
  const scores = segmentationScores(poolCounts(counts));
  if (Number.isNaN(scores.mIoU)) throw new DataError('no pixel of any test image is judged: all are left out', { where: `task ${task.name}` });
  if (scores.absent.length > 0) context.log(`miou leaves out classes that no test image has: ${scores.absent.map((label) => task.classes[label]).join(', ')}`);
  const shown = bestAndWorst(task.test.indices.map((index, at) => ({ index, at, value: segmentationScores(counts[at]!).mIoU })));
  return {
    judgement,
    judged: {
      taskKind: 'segmentation',
      primary: 'miou',
      metrics: [
        { metric: 'miou', value: scores.mIoU, unit: 'fraction' },
        { metric: 'pixel_accuracy', value: scores.pixelAccuracy, unit: 'fraction' },
        { metric: 'mean_accuracy', value: scores.meanAccuracy, unit: 'fraction' },
      ],
      perImage: { ids: task.test.indices.map((index) => set.records[index]!.id), counts: counts.map(sparse) },
      perClass: scores.perClass,
      confusion,
      pictures: await drawPictures(context.folder, set, shown.map(({ index, at, value }) => drawn(index, annotations.sizes[index]!, value, labelsOf(index), judgement.maps[at]!, ground))),
      trainAccuracy: judgement.trainScore,
      chance: 0,
      largestClass: judgement.blindScore,
      failedToLearn: failsToLearn(judgement.trainScore, 0, judgement.blindScore),
    },
  };
}

/** Class, right, said wrongly and missed of each class that is there, one after the other. */
const sparse = ({ tp, fp, fn }: SegmentationCounts): readonly number[] =>
  tp.flatMap((right, label) => (right + fp[label]! + fn[label]! === 0 ? [] : [label, right, fp[label]!, fn[label]!]));

/** Counts the pixels of one picture into [classes, classes], by true and predicted class. */
function addConfused(counts: number[], truth: Uint8Array, map: Uint8Array, classes: number): void {
  truth.forEach((label, pixel) => {
    if (label !== ignoredLabel) counts[label * classes + map[pixel]!]!++;
  });
}

/** What is no object is not coloured. `ground`: the class that is called so, -1 where every class is something. */
function drawn(index: number, size: PictureSize, value: number, truth: Uint8Array, map: Uint8Array, ground: number): Drawn {
  const shown = (label: number): number | null => (label === ignoredLabel || label === ground ? null : label);
  return { index, size, value, truth: [], found: [], truthAt: (pixel) => shown(truth[pixel]!), foundAt: (pixel) => shown(map[pixel]!) };
}
