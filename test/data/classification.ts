import type { ClassificationTask, TaskView } from '../../src/data/image-set.js';

/** The view of a task that must be one of classification. */
export function classification(view: TaskView): ClassificationTask {
  if (view.kind !== 'classification') throw new Error(`${view.name} is a task of ${view.kind}`);
  return view;
}
