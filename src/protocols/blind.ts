import type { TaskView } from '../data/image-set.js';

/**
 * A task without the labels of its test images. Protocols predict; whoever knows the labels compares. What is not handed
 * over cannot leak into a choice.
 */
export type BlindTask = Omit<TaskView, 'test'> & { readonly test: { readonly indices: readonly number[] } };

export const blind = (task: TaskView): BlindTask => ({ ...task, test: { indices: task.test.indices } });
