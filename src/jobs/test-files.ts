import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageIndex } from '../data/image-set.js';
import type { DataSource } from '../data/source.js';
import { DataError } from '../errors.js';
import type { ResolvedData, ResolvedSuite } from '../suite/resolved.js';

interface Indexed { readonly data: ResolvedData; readonly source: DataSource; readonly index: ImageIndex }

/** Where a file really lies, so that the same folder under two names is one. A file that is gone counts as it is named. */
function fileOf(root: string, id: string): string {
  const path = join(root, id);
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const filesAt = ({ root, records }: ImageIndex, indices: readonly number[]): readonly string[] =>
  root === undefined ? [] : indices.map((at) => fileOf(root, records[at]!.id));

/**
 * DataError where an entry would pre-train on a task's test image. A source keeps its own test split out, but one set of
 * files can be declared twice: as a task's tree, and as a folder without labels that holds all of it.
 */
export function refuseTestFiles(suite: ResolvedSuite, known: ReadonlyMap<string, Indexed>): void {
  const pretrained = new Set(suite.entries.flatMap(({ pretrain }) => (pretrain === null ? [] : [pretrain.data])));
  const seed = suite.seeds[0]!;
  for (const name of pretrained) {
    const { source, data, index } = known.get(name)!;
    if (index.root === undefined) continue;
    const files = new Set(filesAt(index, source.pretrain(index, data.options, 'full', seed).indices));
    for (const task of suite.tasks) {
      const from = known.get(task.data)!;
      if (task.data === name || from.index.root === undefined) continue;
      const tested = filesAt(from.index, from.source.task(from.index, from.data.options, task.task, seed).test.indices);
      const shared = tested.filter((file) => files.has(file));
      if (shared.length === 0) continue;
      throw new DataError(`'${name}', which is pre-trained on, holds ${shared.length} of the ${tested.length} test images of the task '${task.name}', ${shared[0]} among them`, {
        where: suite.name, fix: `Give '${name}' a folder without them, such as the train folder of '${task.data}'.`, data: { pretrained: name, task: task.name, shared },
      });
    }
  }
}
