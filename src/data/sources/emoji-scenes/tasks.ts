import type { DenseTask, ImageIndex } from '../../image-set.js';
import type { TaskSummary } from '../../source.js';
import { foldOf } from '../emoji/families.js';
import { sideOfConcept } from '../emoji/sides.js';
import { unknownTask } from '../fixed-split.js';
import { sideOfMost } from '../task-side.js';
import { sceneConcepts } from './concepts.js';

export const backgroundClass = 'background';

export const sceneTasks = [
  { name: 'segmentation', kind: 'segmentation', development: false, description: 'Which concept, or background, each pixel of a scene shows' },
  { name: 'detection', kind: 'detection', development: false, description: 'Boxes and masks of the concepts in a scene' },
] as const satisfies readonly TaskSummary[];

/** The scenes of two families test, those of a third validate, those of the other three train: the emoji source's own folds. */
export function sceneTask(index: ImageIndex, name: string, seed: number): DenseTask {
  const summary = sceneTasks.find((task) => task.name === name);
  if (summary === undefined) throw unknownTask('emoji_scenes', name, sceneTasks.map((task) => task.name));
  const { test, validation, train } = foldOf(seed);
  const drawnBy = (families: readonly string[]) => ({ indices: index.records.flatMap(({ domain }, at) => (families.includes(domain ?? '') ? [at] : [])) });
  return {
    name, kind: summary.kind,
    classes: summary.kind === 'segmentation' ? [backgroundClass, ...sceneConcepts] : sceneConcepts,
    side: sideOfMost(sceneConcepts.map(sideOfConcept)),
    train: drawnBy(train), validation: drawnBy([validation]), test: drawnBy(test),
    note: `Tested on scenes by the artists ${test.join(' and ')}, validated on ${validation}; no concept in them is among the emoji source's pre-training images.`,
  };
}
