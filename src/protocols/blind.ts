import type { ClassificationTask } from '../data/image-set.js';

/**
 * A task without the labels of its test images. Protocols predict; whoever knows the labels compares. What is not handed
 * over cannot leak into a choice.
 */
export type BlindTask = Omit<ClassificationTask, 'test'> & { readonly test: { readonly indices: readonly number[] } };

export const blind = (task: ClassificationTask): BlindTask => ({ ...task, test: { indices: task.test.indices } });
