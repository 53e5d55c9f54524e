import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataSources } from '../../src/data/sources/index.js';
import { DataError, JobError } from '../../src/errors.js';
import type { JsonObject } from '../../src/files.js';
import type { PrepareConfig } from '../../src/jobs/configs.js';
import { prepare } from '../../src/jobs/prepare.js';
import type { JobContext, JobProgress } from '../../src/runner/job.js';
import { readImageSet } from './image-set-files.js';

const images = fileURLToPath(new URL('../fixtures/images/', import.meta.url));
let folder: string;
let lines: string[];
let events: JobProgress[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-prepare-'));
  lines = [];
  events = [];
  vi.stubEnv('MASKBENCH_CACHE', join(folder, 'cache'));
  for (const split of ['train', 'val']) for (const name of ['tulip', 'truck']) put(`${split}/${name}/1.png`);
  put('train/truck/cut.jpg', 'bad-cut.jpg');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, image = 'rgb.png'): void => {
  mkdirSync(dirname(join(folder, 'data', path)), { recursive: true });
  copyFileSync(join(images, image), join(folder, 'data', path));
};
const options = (): JsonObject => ({ path: join(folder, 'data'), primary: 'top1', sides: {}, side: null });
const context = (config: PrepareConfig): JobContext => ({
  job: {
    id: 'prepare/data', kind: 'prepare', config: config as unknown as JsonObject, inputs: {}, modules: [], threads: 1,
    cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: '0'.repeat(64), code: '0'.repeat(64),
  },
  folder: join(folder, 'out'),
  scratch: join(folder, 'scratch'),
  startAnew: () => undefined,
  input: () => {
    throw new Error('a prepare job has no inputs');
  },
  progress: (event) => events.push(event),
  log: (line) => lines.push(line),
  phases: { enter: () => undefined },
});
const config = async (): Promise<PrepareConfig> => ({ source: 'folder', options: options(), size: 8, fingerprint: await (await dataSources['folder']!()).fingerprint(options()) });

describe('the prepare job', () => {
  it('leaves the image set, and reports and logs what could not be decoded', async () => {
    const body = await prepare(context(await config()));
    expect(body).toMatchObject({ kind: 'prepare', source: 'folder', size: 8, images: 4, classes: 2, credits: [] });
    expect(body['unreadable']).toEqual([{ id: 'train/truck/cut.jpg', reason: expect.any(String) as unknown }]);
    expect(lines).toEqual([
      expect.stringMatching(/^unreadable: train\/truck\/cut\.jpg: ./),
      'copy: val/truck/1.png has the pixels of train/truck/1.png', 'copy: val/tulip/1.png has the pixels of train/truck/1.png',
    ]);
    expect(body['copies']).toEqual(['truck', 'tulip'].map((name) => ({ test: `val/${name}/1.png`, train: 'train/truck/1.png' })));
    expect(events.at(-1)).toEqual({ done: 5, total: 5, unit: 'images' });
    const set = await readImageSet(join(folder, 'out'));
    expect(set.records.map(({ id }) => id)).toEqual(['train/truck/1.png', 'train/truck/cut.jpg', 'train/tulip/1.png', 'val/truck/1.png', 'val/tulip/1.png']);
    expect(set.unreadable).toEqual(body['unreadable']);
  });

  it('finds no copy where pictures differ', async () => {
    put('val/tulip/1.png', 'grey.png');
    put('val/truck/1.png', 'grey.png');
    expect(await prepare(context(await config()))).not.toHaveProperty('copies');
  });

  it('refuses data that has changed since the plan, and leaves nothing', async () => {
    const planned = await config();
    put('val/tulip/2.png', 'grey.png');
    const error: unknown = await prepare(context(planned)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toContain('changed since the plan');
    expect(existsSync(join(folder, 'out')) ? readdirSync(join(folder, 'out')) : []).toEqual([]);
  });

  it('names the nearest source', async () => {
    const error: unknown = await prepare(context({ ...(await config()), source: 'foldr' })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(JobError);
    expect((error as JobError).message).toContain('did you mean "folder"?');
  });
});
