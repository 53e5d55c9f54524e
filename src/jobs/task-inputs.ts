import type { Annotations } from '../data/dense.js';
import { readAnnotations, readPreparedSet } from '../data/prepared.js';
import type { DenseTask, ImageIndex, PreparedSet, TaskView } from '../data/image-set.js';
import { DataError } from '../errors.js';
import type { TaskConfig } from './configs.js';
import { kept } from './kept.js';
import { dataSource } from './members.js';

const preparedSet = kept(2, (folder) => readPreparedSet(folder));

/** The prepared image set of a finished `prepare` job. */
export const readSet = (folder: string): Promise<PreparedSet> => preparedSet(folder);

const annotations = kept(1, (folder) => readAnnotations(folder));

/** What is in the pictures of a finished `prepare` job's set. */
export const readTruth = (folder: string): Promise<Annotations> => annotations(folder);

/** The same without what is in the test pictures, whose sizes alone may be known: RangeError for the rest. */
export function withoutTest(truth: Annotations, { name, test }: DenseTask): Annotations {
  const hidden = new Set(test.indices);
  const open = (index: number): number => {
    if (hidden.has(index)) throw new RangeError(`record ${index} is a test picture of ${name}: what is in it is not handed over`);
    return index;
  };
  return { ...truth, objects: (index) => truth.objects(open(index)), labels: (index) => truth.labels(open(index)) };
}

/** The task at a seed, as the source cuts it. DataError where a split that is needed is empty. */
export async function readTask(set: ImageIndex, config: TaskConfig, seed: number): Promise<TaskView> {
  const task = (await dataSource(config.source, `task ${config.task}`)).task(set, config.options, config.task, seed);
  for (const split of ['train', 'test'] as const) {
    if (task[split].indices.length === 0) throw new DataError(`the ${split} split has no image`, { where: `task ${task.name}, seed ${seed}` });
  }
  return task;
}
