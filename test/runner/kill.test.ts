import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/files.js';
import { stream } from '../../src/random.js';
import { openStore } from '../../src/runner/store.js';
import { filesUnder } from '../../src/runner/store/disk.js';
import { temporaryFolder } from '../temporary-folder.js';

/**
 * Really kills `run`, at random moments, and holds what the store has in the end to an undisturbed run: every artifact to
 * the bit, every result but for its times.
 */
const script = new URL('./fixture/run.mjs', import.meta.url).pathname;
const ms = 4;

interface Ended { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly text: string }

/** A run in a process group of its own, so that one signal reaches it and all of its workers. */
const start = (store: string, workers = 2): { readonly child: ChildProcess; readonly ended: Promise<Ended>; readonly working: Promise<void> } => {
  const child = spawn(process.execPath, [script, store, String(workers), String(ms)], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  // When the first job starts: until then the processes start, which takes longer on a busy machine.
  const working = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (/^(start|resume) /m.test(text)) resolve();
    });
    child.once('close', () => { resolve(); });
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null, text }));
  return { child, ended, working };
};

const times = ['startedAt', 'finishedAt', 'wallSeconds', 'cpuSeconds', 'peakMemoryBytes', 'phases', 'resumed'];

/** Everything that must be equal: path in the store -> hash of the content. */
const contents = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const objects = (await openStore(folder)).layout.objects;
  if (!existsSync(objects)) return {};
  const entries = (await filesUnder(objects)).filter(({ path }) => !path.endsWith('manifest.json')).map(({ path }): [string, string] => {
    const bytes = readFileSync(join(objects, path));
    if (!path.endsWith('result.json')) return [path, sha256(bytes)];
    const result = JSON.parse(bytes.toString()) as Record<string, unknown>;
    return [path, sha256(JSON.stringify(Object.entries(result).filter(([name]) => !times.includes(name))))];
  });
  return Object.fromEntries(entries);
};

const expectWhole = async (folder: string): Promise<void> => {
  const store = await openStore(folder);
  for (const { key } of await store.list()) expect(await store.problems(key, 'full')).toBeNull();
};

describe('kill -9', () => {
  let undisturbed: Readonly<Record<string, string>>;
  let duration = 0;
  beforeAll(async () => {
    const folder = temporaryFolder();
    const run = start(folder);
    await run.working;
    const begin = Date.now();
    expect((await run.ended).code).toBe(0);
    duration = Date.now() - begin;
    undisturbed = await contents(folder);
    // 13 jobs, each with a result, a value and four files.
    expect(Object.keys(undisturbed)).toHaveLength(13 * 6);
  });

  it('of everything, at random moments, over and over, changes no bit', { timeout: 90_000 }, async () => {
    const draws = stream(1, 'test/kill');
    let kills = 0;
    let resumed = 0;
    for (let run = 0; run < 3; run++) {
      const folder = temporaryFolder();
      for (let part = 0; part < 5; part++) {
        const { child, ended, working } = start(folder);
        // Once a store before any job, else while jobs run.
        if (part > 0) await working;
        await sleep(draws.between(20, 0.75 * duration));
        if (child.exitCode === null) {
          process.kill(-child.pid!, 'SIGKILL');
          kills++;
        }
        resumed += ((await ended).text.match(/^resume /gm) ?? []).length;
        // What is there is whole at every moment, and equal.
        await expectWhole(folder);
        for (const [path, hash] of Object.entries(await contents(folder))) expect([path, hash]).toEqual([path, undisturbed[path]]);
      }
      const last = await start(folder).ended;
      expect(last.code).toBe(0);
      resumed += (last.text.match(/^resume /gm) ?? []).length;
      expect(await contents(folder)).toEqual(undisturbed);
      expect(readdirSync(join(folder, 'work'))).toEqual([]);
      rmSync(folder, { recursive: true });
    }
    // Otherwise the moments were badly chosen, and this test says nothing.
    expect(kills).toBeGreaterThan(6);
    expect(resumed).toBeGreaterThan(0);
  });

  it('of the command alone ends its workers soon, and the next run is equal', { timeout: 30_000 }, async () => {
    const folder = temporaryFolder();
    const { child, ended, working } = start(folder);
    await working;
    await sleep(0.4 * duration);
    const workers = childrenOf(child.pid!);
    child.kill('SIGKILL');
    await ended;
    expect(workers.length).toBeGreaterThan(0);
    const again = await start(folder).ended;
    expect(again.code).toBe(0);
    expect(await contents(folder)).toEqual(undisturbed);
    await expect.poll(() => workers.filter(isAlive), { timeout: 3000 }).toEqual([]);
  });

  it('of a worker costs nothing but time', { timeout: 30_000 }, async () => {
    // One kill a run: a job whose worker dies twice fails, and may.
    const texts: string[] = [];
    for (const moment of [0.3, 0.45, 0.6]) {
      const folder = temporaryFolder();
      const { child, ended, working } = start(folder);
      await working;
      await sleep(moment * duration);
      const worker = childrenOf(child.pid!)[0];
      if (worker !== undefined) process.kill(worker, 'SIGKILL');
      const { code, text } = await ended;
      expect(code).toBe(0);
      expect(await contents(folder)).toEqual(undisturbed);
      texts.push(text);
    }
    expect(texts.join('')).toContain('was killed (SIGKILL)');
  });

  it('Ctrl-C stops with 130 and leaves no process and no lock', { timeout: 30_000 }, async () => {
    const folder = temporaryFolder();
    const { child, ended, working } = start(folder);
    await working;
    await sleep(0.5 * duration);
    const workers = childrenOf(child.pid!);
    // As a terminal does: to the whole group.
    process.kill(-child.pid!, 'SIGINT');
    const { code, text } = await ended;
    expect(code).toBe(130);
    expect(text).toMatch(/interrupted after/);
    expect(workers.filter(isAlive)).toEqual([]);
    expect(readdirSync(join(folder, 'locks')).filter((name) => name.startsWith('run.'))).toEqual([]);
    expect((await start(folder).ended).code).toBe(0);
    expect(await contents(folder)).toEqual(undisturbed);
  });
});

/** None where the process has ended meanwhile. */
function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number);
  } catch {
    return [];
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
