import type { ClassificationTask } from '../../data/image-set.js';
import { classify, confusion, failsToLearn, largestShare, meanPerClass } from '../../metrics/index.js';
import { blind } from '../../protocols/blind.js';
import type { EncoderProtocol, FeaturesProtocol } from '../../protocols/protocol.js';
import { readEncoder, weightsAt } from '../encoder-file.js';
import { readFeatures } from '../feature-files.js';
import type { Judged, Judging } from './judging.js';

export async function classification(protocol: EncoderProtocol | FeaturesProtocol, { context, config, set, task, common }: Judging<ClassificationTask>): Promise<Judged> {
  const given = { ...common, task: blind(task) };
  const judgement = protocol.needs === 'encoder'
    ? await protocol.run({ ...given, set, encoder: await readEncoder(weightsAt(context.input('encoder'), config.snapshot)) })
    : await protocol.run({ ...given, features: await readFeatures(context.input('features'), task, common.model.width) });
  const classes = task.classes.length;
  const untrained = protocol.needs === 'features' && context.job.inputs['untrained'] !== undefined
    ? classify(task.test.labels, (await protocol.run({ ...given, progress: () => undefined, features: await readFeatures(context.input('untrained'), task, common.model.width) })).predictions, classes)[task.primary]
    : null;
  const metrics = classify(task.test.labels, judgement.predictions, classes);
  const { absent } = meanPerClass(confusion(task.test.labels, judgement.predictions, classes));
  if (absent.length > 0) context.log(`mean_per_class leaves out classes without a test image: ${absent.map((label) => task.classes[label]).join(', ')}`);
  const chance = 1 / classes;
  const largestClass = largestShare([...task.train.labels, ...task.validation.labels]);
  return {
    judgement,
    judged: {
      taskKind: 'classification',
      primary: task.primary,
      ...(untrained === null ? {} : { untrained }),
      metrics: Object.entries(metrics).map(([metric, value]) => ({ metric, value, unit: 'fraction' })),
      perImage: { ids: task.test.indices.map((index) => set.records[index]!.id), labels: task.test.labels, predictions: Array.from(judgement.predictions) },
      trainAccuracy: judgement.trainAccuracy,
      chance,
      largestClass,
      failedToLearn: failsToLearn(judgement.trainAccuracy, chance, largestClass),
    },
  };
}
