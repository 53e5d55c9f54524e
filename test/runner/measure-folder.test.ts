import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { measureIn } from '../../src/runner/workers/measure.js';
import { measureFolder } from '../../src/runner/workers/measure-folder.js';
import { startWorker } from '../../src/runner/workers/process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { fixtureJobs } from './nodes.js';

it('a folder for a measurement is its process\'s own: what dead processes have left goes, what a living one or another machine has stays', async () => {
  const parent = join(temporaryFolder(), 'measure');
  const module = new URL('../../dist/runner/workers/measure-folder.js', import.meta.url).href;
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', `
    import { writeFileSync } from 'node:fs';
    const { measureFolder } = await import(${JSON.stringify(module)});
    writeFileSync((await measureFolder(${JSON.stringify(parent)})) + '/half', 'x');
    process.kill(process.pid, 'SIGKILL');
  `]);
  expect(signal).toBe('SIGKILL');
  const [left] = readdirSync(parent);
  expect(readdirSync(join(parent, left!))).toEqual(['half']);
  const stranger = `${left!.split('-')[0]}-1-000000000000-AbCdEf`;
  const old = `${left!.split('-')[0]}-1-000000000000-OlDoLd`;
  for (const name of [stranger, old]) mkdirSync(join(parent, name));
  utimesSync(join(parent, old), 1000, 1000);
  const mine = await measureFolder(parent);
  const second = await measureFolder(parent);
  expect(readdirSync(mine)).toEqual([]);
  expect(readdirSync(parent).map((name) => join(parent, name)).sort()).toEqual([mine, second, join(parent, stranger)].sort());
});

it('a worker that is killed in a measurement leaves nothing once another one has measured, and nothing in the temporary folder', async () => {
  const cache = temporaryFolder();
  const temporary = temporaryFolder();
  const setup = { store: temporaryFolder(), jobs: fixtureJobs, validator: null, version: '0', machine: 'here' };
  vi.stubEnv('MASKBENCH_CACHE', cache);
  vi.stubEnv('TMPDIR', temporary);
  expect(tmpdir()).toBe(temporary);
  const mark = join(setup.store, 'mark');
  const killed = startWorker(setup, 1);
  const measuring = measureIn(killed, { kind: 'blocks', config: { mark, ms: 60_000 }, threads: 1 });
  const failed = expect(measuring).rejects.toThrow('SIGKILL');
  while (!existsSync(mark)) await sleep(20);
  expect(readdirSync(join(cache, 'measure'))).toHaveLength(1);
  await killed.kill();
  await failed;
  expect(readdirSync(join(cache, 'measure'))).toHaveLength(1);
  const next = startWorker(setup, 1);
  expect(await measureIn(next, { kind: 'speed', config: {}, threads: 1 })).toEqual({ imagesPerSecond: 100 });
  await next.kill();
  expect(readdirSync(join(cache, 'measure'))).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});
