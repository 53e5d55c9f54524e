import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { StoreError } from '../../src/errors.js';
import { sha256 } from '../../src/files.js';
import { openStore } from '../../src/runner/store.js';
import { applyGc, planGc } from '../../src/runner/store/gc.js';
import { announceRun, isLocked, keysInUse, touchEveryMs, tryLock } from '../../src/runner/store/lock.js';
import { commitObject, setAside } from '../../src/runner/store/object.js';
import { lifeOf, thisProcess } from '../../src/runner/store/owner.js';
import { beginWork, finishWork } from '../../src/runner/store/work.js';
import { temporaryFolder } from '../temporary-folder.js';

vi.mock('../../src/runner/store/object.js', { spy: true });

const key = (name: string): string => sha256(name);

const put = async (folder: string, name: string, result: unknown = { id: name, kind: 'chain', n: 1 }) => {
  const store = await openStore(folder);
  const work = await beginWork(store.layout, key(name), 'here');
  mkdirSync(join(work.out, 'deep'));
  writeFileSync(join(work.out, 'deep', 'x.bin'), `content of ${name}`);
  await finishWork(store.layout, key(name), work, result);
  return store;
};

describe('objects', () => {
  it('hold result, artifacts and a manifest with their SHA-256, and no work folder stays', async () => {
    const store = await put(temporaryFolder(), 'a');
    expect(await store.has(key('a'))).toBe(true);
    expect(await store.has(key('b'))).toBe(false);
    expect(await store.readResult(key('a'), (value) => value)).toEqual({ id: 'a', kind: 'chain', n: 1 });
    const manifest = JSON.parse(readFileSync(join(store.folder(key('a')), 'manifest.json'), 'utf8')) as { files: unknown[] };
    expect(manifest.files[0]).toEqual({ path: 'deep/x.bin', bytes: 12, sha256: sha256('content of a') });
    expect(await store.problems(key('a'), 'full')).toBeNull();
    expect(existsSync(store.layout.workOf(key('a')))).toBe(false);
    expect((await store.list()).map(({ id }) => id)).toEqual(['a']);
  });

  it.each([
    ['changed artifact', (folder: string) => writeFileSync(join(folder, 'deep/x.bin'), 'content of b'), null, ['the content of deep/x.bin has changed']],
    ['longer artifact', (folder: string) => appendFileSync(join(folder, 'deep/x.bin'), '!'), ['deep/x.bin has 13 bytes instead of 12'], ['deep/x.bin has 13 bytes instead of 12']],
    ['missing artifact', (folder: string) => unlinkSync(join(folder, 'deep/x.bin')), ['deep/x.bin is missing'], ['deep/x.bin is missing']],
    ['changed result', (folder: string) => writeFileSync(join(folder, 'result.json'), readFileSync(join(folder, 'result.json'), 'utf8').replace('"n":1', '"n":2')), ['the content of result.json has changed'], ['the content of result.json has changed']],
    ['extra file', (folder: string) => writeFileSync(join(folder, 'deep/y'), ''), null, ['deep/y is not in the manifest']],
    ['no manifest', (folder: string) => unlinkSync(join(folder, 'manifest.json')), ['manifest.json is missing'], ['manifest.json is missing']],
    ['broken manifest', (folder: string) => writeFileSync(join(folder, 'manifest.json'), '{'), ['manifest.json is not JSON'], ['manifest.json is not JSON']],
  ])('%s is found', async (_, damage, quick, full) => {
    const store = await put(temporaryFolder(), 'a');
    damage(store.folder(key('a')));
    expect(await store.problems(key('a'), 'quick')).toEqual(quick);
    expect(await store.problems(key('a'), 'full')).toEqual(full);
  });

  it('a broken result is an error with its place and what to do', async () => {
    const store = await put(temporaryFolder(), 'a');
    const error = await store.readResult(key('a'), () => { throw new Error('/n: must be 3'); }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).describe()).toContain(store.folder(key('a')));
    expect((error as StoreError).describe()).toContain('/n: must be 3');
    expect((error as StoreError).describe()).toContain('maskbench store verify');
    await expect(store.readResult(key('b'), (v) => v)).rejects.toThrow('No finished job');
  });

  it.each(['', '{}', 'null', '[]', '{"format":1,"key":"k","id":5,"kind":"chain","message":"m","stack":null,"log":"l","at":""}'])('a failure record that is none counts as none: %s', async (text) => {
    const store = await openStore(temporaryFolder());
    mkdirSync(store.layout.failed);
    writeFileSync(store.layout.failure(key('a')), text);
    expect(await store.readFailure(key('a'))).toBeNull();
    const failure = { format: 1, key: key('a'), id: 'a', kind: 'chain', message: 'm', stack: null, log: 'l', at: '2025-01-01T00:00:00.000Z' } as const;
    await store.writeFailure(failure);
    expect(await store.readFailure(key('a'))).toEqual(failure);
  });

  it('the first of two commits stays', async () => {
    const folder = temporaryFolder();
    const store = await put(folder, 'a');
    const other = join(folder, 'work', 'other');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'result.json'), '{"id":"second"}');
    await commitObject(store.layout, key('a'), other);
    expect(await store.readResult(key('a'), (value) => value)).toMatchObject({ id: 'a' });
    expect(existsSync(other)).toBe(false);
  });

  it('a store of another format, and a folder that cannot be one, are errors', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'store.json'), '{"format":99}');
    await expect(openStore(folder)).rejects.toThrow('The store has format 99');
    writeFileSync(join(folder, 'store.json'), 'null');
    await expect(openStore(folder)).rejects.toThrow('The store has format null');
    expect(readFileSync(join(folder, 'store.json'), 'utf8')).toBe('null');
    writeFileSync(join(folder, 'file'), '');
    await expect(openStore(join(folder, 'file'))).rejects.toBeInstanceOf(StoreError);
  });
});

describe('work', () => {
  it('keeps checkpoints and drops half-written artifacts on the same machine', async () => {
    const { layout } = await openStore(temporaryFolder());
    const first = await beginWork(layout, key('a'), 'here');
    expect(first.resumed).toBe(false);
    writeFileSync(join(first.out, 'half'), '');
    writeFileSync(join(first.scratch, 'checkpoint'), '7');
    const second = await beginWork(layout, key('a'), 'here');
    expect(second).toMatchObject({ resumed: true, dropped: null });
    expect(readdirSync(second.out)).toEqual([]);
    expect(readFileSync(join(second.scratch, 'checkpoint'), 'utf8')).toBe('7');
  });

  it('drops what a killed process had not finished writing, which is nothing to go on from', async () => {
    const { layout } = await openStore(temporaryFolder());
    const first = await beginWork(layout, key('a'), 'here');
    const deep = join(first.scratch, 'snapshots', '0.5');
    mkdirSync(deep, { recursive: true });
    const killed = spawnSync(process.execPath, ['--input-type=module', '-e', `
      const { replaceFile } = await import(${JSON.stringify(new URL('../../dist/files.js', import.meta.url).href)});
      for (const folder of process.argv.slice(1)) await new Promise((written) => {
        void replaceFile(folder + '/checkpoint.safetensors', async (file) => {
          await file.writeFile('half');
          written();
          await new Promise(() => undefined);
        });
      });
      process.kill(process.pid, 'SIGKILL');
    `, first.scratch, deep]);
    expect(killed.signal).toBe('SIGKILL');
    for (const folder of [first.scratch, deep]) expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
    expect(await beginWork(layout, key('a'), 'here')).toMatchObject({ resumed: false, dropped: null });
    expect(readdirSync(first.scratch)).toEqual(['snapshots']);
    expect(readdirSync(deep)).toEqual([]);
    // Another name is somebody's file.
    for (const name of ['.mine.tmp', 'checkpoint.12.ab.tmp']) writeFileSync(join(deep, name), '');
    expect(await beginWork(layout, key('a'), 'here')).toMatchObject({ resumed: true });
    expect(readdirSync(deep).sort()).toEqual(['.mine.tmp', 'checkpoint.12.ab.tmp']);
  });

  it('starts anew with the checkpoints of another machine, and says so', async () => {
    const { layout } = await openStore(temporaryFolder());
    const first = await beginWork(layout, key('a'), 'there');
    writeFileSync(join(first.scratch, 'checkpoint'), '7');
    const second = await beginWork(layout, key('a'), 'here');
    expect(second.resumed).toBe(false);
    expect(second.dropped).toContain('another machine');
    expect(readdirSync(second.scratch)).toEqual([]);
  });
});

describe('locks', () => {
  const child = `
    import { tryLock } from ${JSON.stringify(new URL('../../dist/runner/store/lock.js', import.meta.url).href)};
    const lock = await tryLock(process.argv[1], 'job');
    process.stdout.write(lock === null ? 'held' : 'got');
    if (process.argv[2] === 'stay' && lock !== null) setInterval(() => {}, 1000);
  `;
  const run = (folder: string, stay = '') => spawn(process.execPath, ['--input-type=module', '-e', child, folder, stay], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = async (process: ReturnType<typeof run>): Promise<string> => String((await once(process.stdout, 'data') as [Buffer])[0]);

  it('are held by one process; a killed one loses its lock', async () => {
    const folder = temporaryFolder();
    const first = run(folder, 'stay');
    expect(await said(first)).toBe('got');
    expect(await tryLock(folder, 'job')).toBeNull();
    expect(await isLocked(folder, 'job')).toBe(true);
    expect(await tryLock(folder, 'jo')).not.toBeNull();
    first.kill('SIGKILL');
    await once(first, 'exit');
    const lock = await tryLock(folder, 'job');
    expect(lock).not.toBeNull();
    await lock!.release();
    expect(await isLocked(folder, 'job')).toBe(false);
  });

  it('never go to two of many that ask at once', async () => {
    let winners = 0;
    for (let round = 0; round < 20; round++) {
      const folder = temporaryFolder();
      const got = (await Promise.all(Array.from({ length: 6 }, () => tryLock(folder, 'job')))).filter((lock) => lock !== null);
      expect(got.length).toBeLessThanOrEqual(1);
      winners += got.length;
    }
    expect(winners).toBeGreaterThan(0);
  });

  it('go to one of several processes that ask at once', async () => {
    const folder = temporaryFolder();
    const processes = Array.from({ length: 4 }, () => run(folder, 'stay'));
    const answers = await Promise.all(processes.map(said));
    for (const one of processes) one.kill('SIGKILL');
    expect(answers.filter((answer) => answer === 'got').length).toBeLessThanOrEqual(1);
  });

  it('tell a process from a later one with its number', () => {
    const me = thisProcess();
    expect(lifeOf(me)).toBe('alive');
    expect(lifeOf({ ...me, started: '1' })).toBe(me.started === null ? 'alive' : 'gone');
    expect(lifeOf({ ...me, system: 'elsewhere' })).toBe('unknown');
    const ended = spawnSync(process.execPath, ['-e', '']);
    expect(lifeOf({ ...me, pid: ended.pid, started: null })).toBe('gone');
  });

  it.each([['EPERM', 'alive'], ['ESRCH', 'gone']] as const)('take a process whose start is hidden for what the system says of it: %s, %s', (code, life) => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    vi.spyOn(process, 'kill').mockImplementation(() => { throw Object.assign(new Error(code), { code }); });
    for (const started of ['1', null]) expect(lifeOf({ ...thisProcess(), pid, started })).toBe(life);
  });

  it.each<[string, string]>([
    ['of another machine', JSON.stringify({ owner: { ...thisProcess(), system: 'elsewhere' }, extra: null })],
    ...['', 'null', '{}', '{"owner":5}'].map((text) => [`that hold ${JSON.stringify(text)}`, text] satisfies [string, string]),
    ['whose process is no number', JSON.stringify({ owner: { ...thisProcess(), pid: 'x' } })],
    ['whose system is missing', JSON.stringify({ owner: { ...thisProcess(), system: undefined } })],
  ])('%s count while they are touched', async (_, text) => {
    const folder = temporaryFolder();
    const file = join(folder, 'job.0123.json');
    writeFileSync(file, text);
    expect(await tryLock(folder, 'job')).toBeNull();
    utimesSync(file, new Date(Date.now() - 3600_000), new Date(Date.now() - 3600_000));
    expect(await tryLock(folder, 'job')).not.toBeNull();
  });
});

describe('gc', () => {
  const options = { keep: null, workAgeMs: 1000 };

  it('follows no links, which may lead in a circle', async () => {
    const store = await put(temporaryFolder(), 'a');
    const { scratch } = await beginWork(store.layout, key('a'), 'here');
    symlinkSync('.', join(scratch, 'itself'));
    await beginWork(store.layout, key('b'), 'here');
    symlinkSync('itself', join(store.layout.workOf(key('b')), 'itself'));
    expect(await planGc(store.layout, options)).toMatchObject([{ what: 'work', key: key('a'), bytes: expect.any(Number) as number }]);
  });

  it('without suites takes left-overs alone', async () => {
    const folder = temporaryFolder();
    const store = await put(folder, 'a');
    await beginWork(store.layout, key('a'), 'here');
    const old = await beginWork(store.layout, key('old'), 'here');
    await beginWork(store.layout, key('new'), 'here');
    const past = new Date(Date.now() - 10_000);
    for (const path of [old.out, old.scratch, join(store.layout.workOf(key('old')), 'origin.json'), store.layout.workOf(key('old'))]) utimesSync(path, past, past);
    const items = await planGc(store.layout, options);
    expect(items.map(({ what, key: of }) => [what, of]).sort()).toEqual([['work', key('a')], ['work', key('old')]].sort());
    expect(await applyGc(store.layout, items)).toEqual([]);
    expect(readdirSync(store.layout.work)).toEqual([key('new')]);
    expect(await store.has(key('a'))).toBe(true);
  });

  it('with suites takes what they do not need, but nothing that a run needs or a worker holds', async () => {
    const folder = temporaryFolder();
    for (const name of ['kept', 'gone', 'running', 'locked']) await put(folder, name);
    const store = await openStore(folder);
    const announced = await announceRun(store.layout.locks, [key('running')]);
    expect(await keysInUse(store.layout.locks)).toEqual(new Set([key('running')]));
    const lock = await tryLock(store.layout.locks, key('locked'));
    const items = await planGc(store.layout, { ...options, keep: new Set([key('kept')]) });
    expect(items.filter(({ what }) => what === 'object').map(({ key: of }) => of).sort()).toEqual([key('gone'), key('locked')].sort());
    expect(await store.has(key('gone'))).toBe(true);
    expect((await applyGc(store.layout, items)).map(({ key: of }) => of)).toEqual([key('locked')]);
    expect(await Promise.all(['kept', 'gone', 'running', 'locked'].map((name) => store.has(key(name))))).toEqual([true, false, true, true]);
    await lock!.release();
    await announced.release();
    rmSync(folder, { recursive: true });
  });

  it.each([false, true])('puts back what a run that begins meanwhile needs, which may have been made anew: %s', async (anew) => {
    const folder = temporaryFolder();
    const store = await put(folder, 'a');
    const items = await planGc(store.layout, { ...options, keep: new Set() });
    let announced: Awaited<ReturnType<typeof announceRun>> | null = null;
    vi.mocked(setAside).mockImplementationOnce(async (layout, of) => {
      announced = await announceRun(layout.locks, [of]);
      expect(await store.has(of)).toBe(true);
      const aside = await setAside(layout, of);
      if (anew) await put(folder, 'a', { id: 'a', kind: 'chain', n: 2 });
      return aside;
    });
    expect((await applyGc(store.layout, items)).map(({ key: of }) => of)).toEqual([key('a')]);
    expect(await store.problems(key('a'), 'full')).toBeNull();
    expect(await store.readResult(key('a'), (value) => value)).toMatchObject({ n: anew ? 2 : 1 });
    expect(readdirSync(store.layout.corrupt)).toEqual([]);
    await announced!.release();
  });
});

it('what a run has announced stays alive for other machines from the start, its own and no other one\'s', async () => {
  const locks = join(temporaryFolder(), 'locks');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const announced = await announceRun(locks, [key('mine')]);
    const [mine] = readdirSync(locks);
    writeFileSync(join(locks, 'run.other.json'), JSON.stringify({ owner: null, extra: [] }));
    for (const file of [mine!, 'run.other.json']) utimesSync(join(locks, file), 0, 0);
    const touched = (file: string): boolean => statSync(join(locks, file)).mtimeMs > 0;
    vi.advanceTimersByTime(touchEveryMs);
    await vi.waitFor(() => { expect(touched(mine!)).toBe(true); });
    expect(touched('run.other.json')).toBe(false);
    await announced.release();
    expect(readdirSync(locks)).toEqual(['run.other.json']);
  } finally {
    vi.useRealTimers();
  }
});

describe('a folder that cannot be a store', () => {
  it.each([
    ['a folder that the system refuses', () => '/proc/x'],
    ['a file', () => { const file = join(temporaryFolder(), 'file'); writeFileSync(file, ''); return file; }],
    ['below a file', () => { const file = join(temporaryFolder(), 'file'); writeFileSync(file, ''); return join(file, 'store'); }],
    ['a folder whose store.json is no JSON', () => { const folder = temporaryFolder(); writeFileSync(join(folder, 'store.json'), '{'); return folder; }],
  ])('%s is a StoreError that names it and says what to do', async (_, make) => {
    const folder = make();
    await expect(openStore(folder)).rejects.toMatchObject({ kind: 'store', where: folder, exitCode: 2, fix: expect.stringContaining('--store DIR') as string });
  });
});
