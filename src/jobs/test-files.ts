import { join } from 'node:path';
import type { ImageIndex } from '../data/image-set.js';
import type { DataSource } from '../data/source.js';
import { fileHashes, isFileHash } from '../data/sources/content-hash.js';
import { DataError } from '../errors.js';
import type { ResolvedData, ResolvedSuite } from '../suite/resolved.js';

interface Indexed { readonly data: ResolvedData; readonly source: DataSource; readonly index: ImageIndex }

/** Path and SHA-256 of images that are files. The fingerprint has read them: the hashes are remembered. */
async function filesAt({ root, records }: ImageIndex, indices: readonly number[]): Promise<readonly { readonly path: string; readonly hash: string }[]> {
  if (root === undefined) return [];
  const ids = indices.map((at) => records[at]!.id);
  const hashes = await fileHashes(root, ids);
  return ids.map((id, i) => ({ path: join(root, id), hash: hashes[i]! })).filter(({ hash }) => isFileHash(hash));
}

/**
 * DataError where an entry would pre-train on a task's test image. A source keeps its own test split out, but one picture
 * can be declared twice: as a task's tree, and as a folder without labels that holds it or a copy of it. Files are
 * compared byte for byte: a picture that was saved anew is another one.
 */
export async function refuseTestFiles(suite: ResolvedSuite, known: ReadonlyMap<string, Indexed>): Promise<void> {
  const pretrained = new Set(suite.entries.flatMap(({ pretrain }) => (pretrain === null ? [] : [pretrain.data])));
  const seed = suite.seeds[0]!;
  for (const name of pretrained) {
    const { source, data, index } = known.get(name)!;
    const tasks = suite.tasks.filter((task) => task.data !== name && known.get(task.data)!.index.root !== undefined);
    if (index.root === undefined || tasks.length === 0) continue;
    const files = new Map((await filesAt(index, source.pretrain(index, data.options, 'full', seed).indices)).map(({ path, hash }) => [hash, path]));
    for (const task of tasks) {
      const from = known.get(task.data)!;
      const { indices } = from.source.task(from.index, from.data.options, task.task, seed).test;
      const shared = (await filesAt(from.index, indices)).flatMap(({ hash }) => files.get(hash) ?? []);
      if (shared.length === 0) continue;
      throw new DataError(`'${name}', which is pre-trained on, holds ${shared.length} of the ${indices.length} test images of the task '${task.name}', ${shared[0]} among them`, {
        where: suite.name, fix: `Give '${name}' a folder without them, such as the train folder of '${task.data}'.`, data: { pretrained: name, task: task.name, shared },
      });
    }
  }
}
