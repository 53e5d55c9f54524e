import { SuiteError } from '../../errors.js';
import type { TaskShape } from '../protocol.js';

/** Patches a side of a dense task's pictures, and pixels a side of a patch. SuiteError for a task of another kind. */
export function pictureSize({ side, patchSize }: TaskShape, protocol: string): Required<Pick<TaskShape, 'side' | 'patchSize'>> {
  if (side !== undefined && patchSize !== undefined) return { side, patchSize };
  throw new SuiteError('the size of its pictures is not known', { where: `protocol ${protocol}`, fix: 'Judge tasks of segmentation or detection by it: their pictures have a size of their own.' });
}
