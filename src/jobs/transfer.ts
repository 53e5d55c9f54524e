import { openEngine } from '../engine/index.js';
import { JobError } from '../errors.js';
import type { JsonObject } from '../files.js';
import { classificationMetrics, classify, confusion, failsToLearn, largestShare, meanPerClass, metricVersion } from '../metrics/index.js';
import { vitConfig } from '../models/config.js';
import { blind } from '../protocols/blind.js';
import type { Judgement } from '../protocols/protocol.js';
import type { TransferBody } from '../results/types.js';
import type { JobContext, JobFunction } from '../runner/job.js';
import type { TransferConfig } from './configs.js';
import { readEncoder, weightsAt } from './encoder-file.js';
import { readFeatures } from './feature-files.js';
import { readSet, readTask } from './task-inputs.js';

/** One cell: an encoder judged on a task by a protocol. The test labels are used here alone, after the protocol is done. */
export const transfer: JobFunction = async (context) => {
  const config = context.job.config as unknown as TransferConfig;
  // Loaded here and not above: another protocol must not be in this one's key.
  const { protocols } = await import('../protocols/index.js');
  const spec = protocols[config.protocol];
  if (spec === undefined) throw new JobError(`there is no protocol "${config.protocol}"`, { fix: `Known: ${Object.keys(protocols).join(', ')}` });
  const [engine, set, protocol] = await Promise.all([openEngine({ threads: context.job.threads, precision: config.precision }), readSet(context.input('data')), spec.load()]);
  const task = await readTask(set, config.task, config.seed);
  if (task.kind !== 'classification' || protocol.judges !== 'classification') throw new JobError(`the protocol ${config.protocol} does not judge ${task.kind}`, { where: `task ${task.name}` });
  const model = vitConfig(config.model);
  const common = { engine, model, options: config.options, task: blind(task), seed: config.seed, progress: progressOf(context), log: (line: string) => { context.log(line); }, phases: context.phases };
  const judgement: Judgement = protocol.needs === 'encoder'
    ? await protocol.run({ ...common, set, encoder: await readEncoder(weightsAt(context.input('encoder'), config.snapshot)) })
    : await protocol.run({ ...common, features: await readFeatures(context.input('features'), task, model.width) });

  const classes = task.classes.length;
  const metrics = classify(task.test.labels, judgement.predictions, classes);
  const { absent } = meanPerClass(confusion(task.test.labels, judgement.predictions, classes));
  if (absent.length > 0) context.log(`mean_per_class leaves out classes without a test image: ${absent.map((label) => task.classes[label]).join(', ')}`);
  const chance = 1 / classes;
  const largestClass = largestShare([...task.train.labels, ...task.validation.labels]);
  return {
    kind: 'transfer',
    task: task.name,
    taskKind: task.kind,
    side: task.side,
    note: task.note,
    protocol: config.protocol,
    protocolHash: config.protocolHash,
    seed: config.seed,
    classes: task.classes,
    nTrain: task.train.indices.length,
    nValidation: task.validation.indices.length,
    nTest: task.test.indices.length,
    metricVersion,
    primary: task.primary,
    metrics: classificationMetrics.map((metric) => ({ metric, value: metrics[metric], unit: 'fraction' })),
    perImage: { ids: task.test.indices.map((index) => set.records[index]!.id), labels: task.test.labels, predictions: Array.from(judgement.predictions) },
    trainAccuracy: judgement.trainAccuracy,
    chance,
    largestClass,
    failedToLearn: failsToLearn(judgement.trainAccuracy, chance, largestClass),
    curve: judgement.curve,
    trials: judgement.trials,
    chosen: judgement.chosen,
    atEdge: judgement.atEdge,
    imagesSeen: judgement.imagesSeen,
    flops: judgement.flops,
  } satisfies TransferBody as unknown as JsonObject;
};

const progressOf = (context: JobContext) => (done: number, total: number, loss?: number): void => {
  context.progress({ done, total, unit: 'steps', ...(loss === undefined ? {} : { loss }) });
};
