import type { DenseTask, ImageIndex } from '../../image-set.js';
import type { TaskSummary } from '../../source.js';
import { foldOf } from '../emoji/families.js';
import { sideOfConcept } from '../emoji/sides.js';
import { unknownTask } from '../unknown-task.js';
import { sideOfMost } from '../task-side.js';
import type { SceneConcepts } from './concepts.js';

export const backgroundClass = 'background';

const kinds = [
  { kind: 'segmentation', description: 'Which concept, or background, each pixel of a scene shows' },
  { kind: 'detection', description: 'Boxes and masks of the concepts in a scene' },
] as const;

export const sceneTasks = (development: boolean) =>
  kinds.map(({ kind, description }) => ({ name: development ? `dev-${kind}` as const : kind, kind, development, description: development ? `${description}, for tuning` : description }) satisfies TaskSummary);

/** The scenes of two families test, those of a third validate, those of the other three train: the emoji source's own folds. */
export function sceneTask(index: ImageIndex, { development, concepts }: { readonly development: boolean; readonly concepts: SceneConcepts }, name: string, seed: number): DenseTask {
  const tasks = sceneTasks(development);
  const summary = tasks.find((task) => task.name === name);
  if (summary === undefined) throw unknownTask('emoji_scenes', name, tasks.map((task) => task.name));
  const { test, validation, train } = foldOf(seed);
  const drawnBy = (families: readonly string[]) => ({ indices: index.records.flatMap(({ domain }, at) => (families.includes(domain ?? '') ? [at] : [])) });
  return {
    name, kind: summary.kind,
    classes: summary.kind === 'segmentation' ? [backgroundClass, ...concepts] : concepts,
    side: sideOfMost(concepts.map(sideOfConcept)),
    train: drawnBy(train), validation: drawnBy([validation]), test: drawnBy(test),
    note: `Tested on scenes by the artists ${test.join(' and ')}, validated on ${validation}; no concept in them is among the emoji source's pre-training images.`,
  };
}
