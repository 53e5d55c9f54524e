import { readPreparedSet } from '../data/prepared.js';
import type { ImageIndex, PreparedSet, TaskView } from '../data/image-set.js';
import { DataError } from '../errors.js';
import type { TaskConfig } from './configs.js';
import { kept } from './kept.js';

const preparedSet = kept(2, (folder) => readPreparedSet(folder));

/** The prepared image set of a finished `prepare` job. */
export const readSet = (folder: string): Promise<PreparedSet> => preparedSet(folder);

/** The task at a seed, as the source cuts it. DataError where a split that is needed is empty. */
export async function readTask(set: ImageIndex, config: TaskConfig, seed: number): Promise<TaskView> {
  // Loaded here and not above: a new source must change no other source's key.
  const { dataSources } = await import('../data/sources/index.js');
  const load = dataSources[config.source];
  if (load === undefined) throw new DataError(`there is no data source "${config.source}"`, { fix: `Known: ${Object.keys(dataSources).join(', ')}` });
  const task = (await load()).task(set, config.options, config.task, seed);
  for (const split of ['train', 'test'] as const) {
    if (task[split].indices.length === 0) throw new DataError(`the ${split} split has no image`, { where: `task ${task.name}, seed ${seed}` });
  }
  return task;
}
