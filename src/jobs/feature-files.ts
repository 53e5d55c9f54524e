import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskView } from '../data/image-set.js';
import { repairStore, StoreError } from '../errors.js';
import { readValues, replaceFile, writeValues } from '../files.js';
import { pools, type Pool } from '../protocols/pool.js';
import type { SplitFeatures, TaskFeatures } from '../protocols/protocol.js';
import { kept } from './kept.js';

export const splits = ['train', 'validation', 'test'] as const;
export type Split = (typeof splits)[number];

const path = (folder: string, split: Split): string => join(folder, `${split}.bin`);

/** Writes a split's features, float32 [n, 2, width] little-endian, the poolings side by side in the order of `pools`. */
export const writeFeatures = (folder: string, split: Split, values: Float32Array): Promise<void> =>
  replaceFile(path(folder, split), (file) => writeValues(file, values));

const files = kept(4, async (folder) => Object.fromEntries(await Promise.all(splits.map(async (split) => {
  const file = await open(path(folder, split), 'r');
  try {
    const values = new Float32Array((await file.stat()).size / 4);
    await readValues(file, 0, values);
    return [split, values] as const;
  } finally {
    await file.close();
  }
}))) as Readonly<Record<Split, Float32Array>>);

/** What a finished `features` job left. StoreError where a file does not fit the task. */
export async function readFeatures(folder: string, task: TaskView, width: number): Promise<TaskFeatures> {
  const stored = await files(folder);
  const pick = (split: Split, offset: number): Float32Array => {
    const rows = task[split].indices.length;
    const all = stored[split];
    if (all.length !== rows * pools.length * width) {
      throw new StoreError(`holds ${all.length} numbers, ${rows} images of task ${task.name} need ${rows * pools.length * width}`, {
        where: path(folder, split), fix: repairStore,
      });
    }
    const out = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) out.set(all.subarray(row * pools.length * width + offset, row * pools.length * width + offset + width), row * width);
    return out;
  };
  const by = (pool: Pool): SplitFeatures => {
    const offset = pools.indexOf(pool) * width;
    return { train: pick('train', offset), validation: pick('validation', offset), test: pick('test', offset) };
  };
  return { width, cls: by('cls'), mean: by('mean') };
}
