import { openEngine } from '../engine/index.js';
import { JobError } from '../errors.js';
import type { JsonObject } from '../files.js';
import { metricVersion } from '../metrics/index.js';
import { vitConfig } from '../models/config.js';
import type { Protocol } from '../protocols/protocol.js';
import type { TransferBody } from '../results/types.js';
import type { JobContext, JobFunction } from '../runner/job.js';
import type { TransferConfig } from './configs.js';
import { protocolSpec } from './members.js';
import { readSet, readTask } from './task-inputs.js';
import type { Judged, Judging } from './transfer/judging.js';

/** One cell: an encoder judged on a task by a protocol. What is true of the test images is used here alone, after the protocol is done. */
export const transfer: JobFunction = async (context) => {
  const config = context.job.config as unknown as TransferConfig;
  const spec = await protocolSpec(config.protocol, context.job.id);
  const [engine, set, protocol] = await Promise.all([openEngine({ threads: context.job.threads, precision: config.precision }), readSet(context.input('data')), spec.load()]);
  const task = await readTask(set, config.task, config.seed);
  const { judged, judgement } = await judge(protocol, {
    context, config, set, task,
    common: { engine, model: vitConfig(config.model), options: config.options, seed: config.seed, progress: progressOf(context), log: (line: string) => { context.log(line); }, phases: context.phases },
  });
  return {
    kind: 'transfer',
    task: task.name,
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
    ...judged,
    curve: judgement.curve,
    trials: judgement.trials,
    chosen: judgement.chosen,
    atEdge: judgement.atEdge,
    imagesSeen: judgement.imagesSeen,
    flops: judgement.flops,
  } satisfies TransferBody as unknown as JsonObject;
};

/** By the kind of task. Loaded here and not above: what one kind is measured by is in no other's key. */
async function judge(protocol: Protocol, { task, ...rest }: Judging): Promise<Judged> {
  switch (protocol.judges) {
    case 'classification':
      if (task.kind === 'classification') return (await import('./transfer/classification.js')).classification(protocol, { task, ...rest });
      break;
    case 'segmentation':
      if (task.kind === 'segmentation') return (await import('./transfer/segmentation.js')).segmentation(protocol, { task, ...rest });
      break;
    case 'detection':
      if (task.kind === 'detection') return (await import('./transfer/detection.js')).detection(protocol, { task, ...rest });
      break;
  }
  throw new JobError(`the protocol ${rest.config.protocol} judges ${protocol.judges} and not ${task.kind}`, { where: `task ${task.name}` });
}

const progressOf = (context: JobContext) => (done: number, total: number, loss?: number): void => {
  context.progress({ done, total, unit: 'steps', ...(loss === undefined ? {} : { loss }) });
};
