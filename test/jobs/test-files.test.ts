import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSources } from '../../src/data/sources/index.js';
import type { ImageIndex } from '../../src/data/image-set.js';
import type { DataSource } from '../../src/data/source.js';
import { DataError } from '../../src/errors.js';
import type { JsonObject } from '../../src/files.js';
import { refuseTestFiles } from '../../src/jobs/test-files.js';
import type { ResolvedData, ResolvedSuite } from '../../src/suite/resolved.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'maskbench-test-files-'));
  for (const file of ['train/a/1.png', 'train/b/1.png', 'test/a/2.png', 'test/b/2.png']) {
    await mkdir(dirname(join(root, 'birds', file)), { recursive: true });
    await writeFile(join(root, 'birds', file), file);
  }
  await cp(join(root, 'birds', 'test'), join(root, 'copy'), { recursive: true });
  await symlink(join(root, 'birds'), join(root, 'other-name'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Indexed = { readonly data: ResolvedData; readonly source: DataSource; readonly index: ImageIndex };
const read = async (name: string, source: string, options: JsonObject): Promise<readonly [string, Indexed]> => {
  const member = await dataSources[source]!();
  return [name, { data: { name, source, options }, source: member, index: await member.index(options) }];
};

/** Checks a suite that pre-trains on one data set and judges on the tree `birds`. */
const check = async (source: string, path: string): Promise<void> => {
  const known = new Map([await read('pictures', source, { path: join(root, path) }), await read('birds', 'folder', { path: join(root, 'birds') })]);
  const suite = {
    name: 's', seeds: [0], entries: [{ name: 'mae', pretrain: { data: 'pictures' } }, { name: 'scratch', pretrain: null }],
    tasks: [{ name: 'birds/all', data: 'birds', task: 'all' }],
  } as unknown as ResolvedSuite;
  await refuseTestFiles(suite, known);
};

describe('test images in pre-training data', () => {
  it.each(['birds', 'birds/test', '.', 'other-name', 'copy'])('are refused: the folder %s without labels', async (path) => {
    const failure = await check('unlabelled', path).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    expect((failure as DataError).message).toContain("holds 2 of the 2 test images of the task 'birds/all'");
  });

  it('are not there in the train folder, nor in the same tree with its own splits', async () => {
    await expect(check('unlabelled', 'birds/train')).resolves.toBeUndefined();
    await expect(check('folder', 'birds')).resolves.toBeUndefined();
  });
});
