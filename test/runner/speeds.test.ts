import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/files.js';
import type { PlannedJob } from '../../src/runner/job.js';
import { unitsOf } from '../../src/runner/schedule.js';
import { measureSpeeds, speedGroups, type MeasureOptions, type Measured } from '../../src/runner/speeds.js';
import { temporaryFolder } from '../temporary-folder.js';
import { fixtureJobs, planned } from './nodes.js';

const setup = { store: temporaryFolder(), jobs: fixtureJobs, validator: null, version: '0', machine: 'here' };
const timing = { start: 1, whole: 5, compile: 2, ended: true, inside: 0 };

const job = (id: string, kind: string, size: number, config: JsonObject, watched?: number): PlannedJob =>
  planned(id, id, { kind, config, speed: { group: { kind }, size, model: '', ...(watched === undefined ? {} : { watched }) } });
const measure = (jobs: readonly PlannedJob[], cache: string, more: Partial<MeasureOptions> = {}): Promise<Measured> =>
  measureSpeeds(speedGroups(unitsOf({ suite: 's', jobs })), { setup, workers: 2, circumstances: {}, cache, keep: true, kind: 'timing', ...more });
const only = ({ speeds }: Measured): unknown => [...speeds.values()][0];

describe('measured speeds', () => {
  it('are those of as many workers at once as will run such jobs, and kept for the next time', async () => {
    const cache = temporaryFolder();
    const calls = join(cache, 'calls');
    const jobs = [...['a', 'b', 'c'].map((id) => job(id, 'train', 8, { timing, calls })), job('p', 'prepare', 4, { timing, calls })];
    const asked: string[] = [];
    const first = await measure(jobs, cache, { onMeasure: ({ id }, done, total) => asked.push(`${id} ${done}/${total}`) });
    expect(asked).toEqual(['a 0/2', 'p 1/2']);
    expect(first).toMatchObject({ before: false, failed: new Map() });
    expect([...first.speeds.values()]).toEqual([
      { start: 1, perUnit: 0.5, compile: 2, load: expect.any(Number) as number }, { start: 1, perUnit: 1, compile: 2, load: expect.any(Number) as number },
    ]);
    const lines = readFileSync(calls, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { pid: number; kind: string });
    expect(lines.map(({ kind }) => kind)).toEqual(['train', 'train', 'prepare']);
    expect(new Set(lines.map(({ pid }) => pid)).size).toBe(2);
    const again = await measure(jobs, cache);
    expect(again).toEqual({ ...first, before: true });
    expect(readFileSync(calls, 'utf8').trim().split('\n')).toHaveLength(3);
    // Side by side with another number, or as another machine, it is measured anew.
    expect((await measure(jobs, cache, { workers: 1 })).before).toBe(false);
    expect((await measure(jobs, cache, { circumstances: { loaders: 1 } })).before).toBe(false);
    expect((await measure(jobs, cache, { setup: { ...setup, machine: 'there' } })).before).toBe(false);
  });

  it('are filled up where a job was not watched to its end and does more after its progress', async () => {
    const cache = temporaryFolder();
    const cut = { ...timing, ended: false };
    expect(only(await measure([job('a', 'train', 8, { timing: cut }, 0.8)], cache))).toMatchObject({ start: 1, perUnit: 4 / 0.8 / 8 });
    expect(only(await measure([job('b', 'whole', 8, { timing }, 0.8)], cache))).toMatchObject({ start: 1, perUnit: 4 / 8 });
    expect(only(await measure([job('c', 'fixed', 0, { timing })], cache))).toMatchObject({ start: 5, perUnit: 0 });
  });

  it('stand where they cannot be kept', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { speeds, failed } = await measure([job('a', 'train', 8, { timing })], join(file, 'cache'));
    expect([speeds.size, failed.size]).toEqual([1, 0]);
  });

  it('are missing, with the reason, where a job cannot be measured; and not kept where they should not be', async () => {
    const cache = temporaryFolder();
    const { speeds, failed } = await measure([job('a', 'throws', 1, {}), job('b', 'train', 1, { timing })], cache, { keep: false });
    expect([...failed.values()]).toEqual(['this job throws']);
    expect(speeds.size).toBe(1);
    expect(existsSync(join(cache, 'speeds.json'))).toBe(false);
  });
});
