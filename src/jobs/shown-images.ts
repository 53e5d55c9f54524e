import type { ImageRecord, TaskView } from '../data/image-set.js';
import { SuiteError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { ResolvedSuite } from '../suite/resolved.js';
import { spread } from './estimates.js';

/** A task of classification at the suite's first seed. */
interface PicturedTask { readonly name: string; readonly records: readonly ImageRecord[]; readonly view: TaskView }

/** By task, for how many or for which of its training images attention maps are drawn. SuiteError for a name that is none of them. */
export function shownImages({ name: suite, attention }: Pick<ResolvedSuite, 'name' | 'attention'>, tasks: readonly PicturedTask[]): ReadonlyMap<string, number | readonly string[]> {
  if (typeof attention === 'number') {
    const counts = spread(attention, tasks.length);
    return new Map(tasks.map(({ name }, at) => [name, counts[at]!]));
  }
  const named = attention.map((wanted) => {
    const task = tasks.find(({ name }) => wanted.startsWith(`${name}/`));
    if (task === undefined) {
      const names = tasks.map(({ name }) => name);
      throw new SuiteError(`attention names ${wanted}, which is of none of the suite's tasks of classification${didYouMean(wanted.split('/').slice(0, 2).join('/'), names)}`, {
        where: suite, fix: `Write <data set>/<task>/<image>; tasks: ${names.join(', ')}.`,
      });
    }
    const id = wanted.slice(task.name.length + 1);
    const ids = task.view.train.indices.map((index) => task.records[index]!.id);
    if (ids.includes(id)) return { task: task.name, id };
    throw new SuiteError(`attention names ${wanted}, and ${task.name} has no such training image at the first seed${didYouMean(id, ids)}`, { where: suite, fix: `Its training images: ${ids.slice(0, 3).join(', ')} and so on.` });
  });
  return new Map(tasks.map(({ name }) => [name, named.flatMap(({ task, id }) => (task === name ? [id] : []))]));
}
