import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type * as Code from '../../src/runner/code.js';
import { candidates, choose, countWorkers } from '../../src/runner/workers-count.js';
import { temporaryFolder } from '../temporary-folder.js';
import { fixtureJobs } from './nodes.js';

/** Stands in for the hash of the engine's code; null: the real one. */
const engine = vi.hoisted(() => ({ code: null as string | null }));
vi.mock('../../src/runner/code.js', async (load) => {
  const real = await load<typeof Code>();
  return { ...real, createCodeReader: (dist: string) => (engine.code === null ? real.createCodeReader(dist) : { codeOf: () => Promise.resolve({ hash: engine.code! }) }) };
});

describe('number of workers', () => {
  it('tries every small number, then doubles, up to the limit', () => {
    expect(candidates(1)).toEqual([1]);
    expect(candidates(3)).toEqual([1, 2, 3]);
    expect(candidates(24)).toEqual([1, 2, 3, 4, 8, 16, 24]);
  });

  it('is the smallest within 3 % of the best throughput', () => {
    expect(choose([{ workers: 1, imagesPerSecond: 100 }, { workers: 2, imagesPerSecond: 180 }, { workers: 4, imagesPerSecond: 184 }])).toBe(2);
    expect(choose([{ workers: 1, imagesPerSecond: 100 }, { workers: 2, imagesPerSecond: 90 }])).toBe(1);
    expect(choose([{ workers: 1, imagesPerSecond: 100 }, { workers: 2, imagesPerSecond: 104 }])).toBe(2);
  });

  const setup = { store: temporaryFolder(), jobs: fixtureJobs, validator: null, version: '0', machine: 'here' };

  it('is measured once a machine and thread count, with as many processes, and then read from the cache', async () => {
    const cache = temporaryFolder();
    const log = join(cache, 'calls');
    const first = await countWorkers({ setup, threads: 1, cache, busyCores: 0, cores: 2, kind: 'speed', config: { log } });
    // The fixture's speed is the same for each process, so two give twice as much as one, whatever its threads.
    expect(first).toEqual({ workers: 2, reason: 'measured: images/s by workers 1: 100, 2: 200; one process of 2 threads: 100' });
    const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { pid: number; seconds: number });
    expect(new Set(lines.map(({ pid }) => pid)).size).toBe(3);
    const again = await countWorkers({ setup, threads: 1, cache, busyCores: 0, cores: 2, kind: 'speed', config: { log } });
    expect(again).toEqual({ workers: 2, reason: 'measured before on this machine: images/s by workers 1: 100, 2: 200; one process of 2 threads: 100' });
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(lines.length);
    await countWorkers({ setup, threads: 2, cache, busyCores: 0, cores: 2, kind: 'speed', config: { log } });
    expect(readFileSync(log, 'utf8').trim().split('\n').length).toBeGreaterThan(lines.length);
  });

  it('is measured again for another code of the engine', async () => {
    const cache = temporaryFolder();
    const reasonOf = async (code: string | null): Promise<string> => {
      engine.code = code;
      return (await countWorkers({ setup, threads: 1, cache, busyCores: 0, cores: 1, kind: 'speed' })).reason;
    };
    const reasons = [await reasonOf('one'), await reasonOf('one'), await reasonOf('other'), await reasonOf(null), await reasonOf(null)];
    expect(reasons.map((reason) => /^measured( before)?/.exec(reason)![0])).toEqual(['measured', 'measured before', 'measured', 'measured', 'measured before']);
  });

  it('says where one process of all threads would be faster, and takes no such choice itself', async () => {
    const cache = temporaryFolder();
    const measured = await countWorkers({ setup, threads: 1, cache, busyCores: 0, cores: 2, kind: 'speed', config: { perThread: 150 } });
    expect(measured).toEqual({
      workers: 2,
      reason: 'measured: images/s by workers 1: 100, 2: 200; one process of 2 threads: 250; the suite would be faster here with engine: { threads: 2 }, as other results',
    });
  });

  it('is not measured on a busy machine, and nothing is kept', async () => {
    const cache = temporaryFolder();
    const busy = await countWorkers({ setup, threads: 1, cache, cores: 2, busyCores: 1.4, kind: 'speed' });
    expect(busy).toEqual({ workers: 2, reason: 'one thread a core: not measured now, because other programs keep 1.4 of 2 cores busy' });
    expect(existsSync(join(cache, 'workers.json'))).toBe(false);
  });

  it('is no more than fits into what a container has left, whatever the machine has', async () => {
    vi.spyOn(process, 'availableMemory').mockReturnValue(1.3e9);
    const count = await countWorkers({ setup, threads: 1, cache: temporaryFolder(), busyCores: 0, cores: 2, kind: 'speed' });
    expect(count).toEqual({ workers: 1, reason: 'measured: images/s by workers 1: 100; one process of 2 threads: 100 (no more than 1 fit into the free memory)' });
  });

  it('is no more than the suite\'s jobs leave memory for, and one at least', async () => {
    const cache = temporaryFolder();
    vi.spyOn(process, 'availableMemory').mockReturnValue(6e9);
    const asked = { setup, threads: 1, cache, busyCores: 0, cores: 2, kind: 'speed' } as const;
    expect((await countWorkers({ ...asked, bytes: 3e9 })).workers).toBe(2);
    expect(await countWorkers({ ...asked, bytes: 4e9 })).toEqual({
      workers: 1,
      reason: 'measured before on this machine: images/s by workers 1: 100, 2: 200; one process of 2 threads: 100; no more than 1, as a job of this suite may take 4.0 GB and 6.0 GB are free',
    });
    expect((await countWorkers({ ...asked, bytes: 4e10 })).workers).toBe(1);
  });

  it('stands where it cannot be kept', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const count = await countWorkers({ setup, threads: 1, cache: join(file, 'cache'), busyCores: 0, cores: 1, kind: 'speed' });
    expect(count).toEqual({ workers: 1, reason: 'measured: images/s by workers 1: 100' });
  });

  it('falls back to one thread a core when it cannot be measured, says why, and keeps nothing', async () => {
    const cache = temporaryFolder();
    const count = await countWorkers({ setup, threads: 2, cache, busyCores: 0, cores: 4, kind: 'throws' });
    expect(count).toEqual({ workers: 2, reason: 'one thread a core, because it could not be measured: this job throws' });
    expect((await countWorkers({ setup, threads: 1, cache, busyCores: 0, cores: 1, kind: 'speed' })).reason).toMatch(/^measured:/);
  });
});
