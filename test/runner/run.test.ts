import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/errors.js';
import { makePlan } from '../../src/runner/plan.js';
import type { RunEvent } from '../../src/runner/progress/events.js';
import { tryLock } from '../../src/runner/store/lock.js';
import { openStore } from '../../src/runner/store.js';
import type { ResultHead } from '../../src/results/types.js';
import { temporaryFolder } from '../temporary-folder.js';
import { node, notesOf, runNodes } from './nodes.js';

const endsOf = (events: readonly RunEvent[]) => Object.fromEntries(events.flatMap((event) => (event.event === 'end' ? [[event.id, event.state.state]] : [])));
const keyOf = (ran: Awaited<ReturnType<typeof runNodes>>, id: string): string => readdirSync(ran.store.layout.objects).flatMap((part) => readdirSync(join(ran.store.layout.objects, part)))
  .find((key) => (JSON.parse(readFileSync(join(ran.store.folder(key), 'result.json'), 'utf8')) as ResultHead).id === id)!;

describe('a run', () => {
  it('runs what is not in the store, once per key, and says cached the next time', async () => {
    const folder = temporaryFolder();
    const nodes = [node('a', { tags: { entry: 'x' } }), node('same as a', { config: node('a').config }), node('b', { inputs: { data: 'a' } })];
    const first = await runNodes(nodes, folder);
    expect(endsOf(first.events)).toEqual({ a: 'done', 'same as a': 'done', b: 'done' });
    expect(first.events.filter(({ event }) => event === 'start')).toHaveLength(2);
    expect(first.outcome.counts).toEqual({ done: 3, cached: 0, failed: 0, skipped: 0, pending: 0 });
    let asked = false;
    const second = await runNodes(nodes, folder, { setUp: () => { asked = true; return Promise.resolve({ workers: 1, machine: '' }); } });
    expect(endsOf(second.events)).toEqual({ a: 'cached', 'same as a': 'cached', b: 'cached' });
    // A cached run needs no tensor runtime.
    expect(asked).toBe(false);
    const third = await runNodes([...nodes, node('c', { inputs: { data: 'b' } })], folder);
    expect(endsOf(third.events)).toEqual({ a: 'cached', 'same as a': 'cached', b: 'cached', c: 'done' });
  });

  it('leaves results with times, memory, environment and identity', async () => {
    const ran = await runNodes([node('a'), node('b', { inputs: { data: 'a' }, config: { name: 'b', steps: 30, ms: 2, seed: 3 } })], temporaryFolder());
    const key = keyOf(ran, 'b');
    const result = await ran.store.readResult(key, (value) => value as ResultHead);
    expect(result).toMatchObject({
      schema: 2, key, id: 'b', kind: 'chain', seed: 3, version: '0.0.0', resumed: false, inputs: { data: keyOf(ran, 'a') },
      config: { name: 'b', steps: 30, ms: 2, seed: 3 }, environment: { node: process.versions.node, engine: { name: 'none' } },
    });
    expect(result.code).toMatch(/^[0-9a-f]{64}$/);
    expect(result.wallSeconds).toBeGreaterThan(0.05);
    expect(result.cpuSeconds).toBeGreaterThan(0);
    expect(result.cpuSeconds).toBeLessThan(result.wallSeconds * 8);
    expect(result.peakMemoryBytes).toBeGreaterThan(1e7);
    // The phases hold the 30 steps of 2 ms at least, and the job once: they end a moment after its wall time is taken.
    const spent = Object.values(result.phases!).reduce((sum, seconds) => sum + seconds, 0);
    expect(spent).toBeGreaterThan(0.05);
    expect(spent).toBeLessThan(1.5 * result.wallSeconds);
    expect(new Date(result.finishedAt).getTime()).toBeGreaterThan(new Date(result.startedAt).getTime());
    expect(readFileSync(ran.store.logFile(key), 'utf8')).toContain('chain from 0');
    expect(existsSync(ran.store.layout.workOf(key))).toBe(false);
    expect(readdirSync(ran.store.layout.locks)).toEqual([]);
  });

  it('goes on after a failure, skips what depends on it with the reason, and tries it again the next time', async () => {
    const folder = temporaryFolder();
    const nodes = [node('bad', { kind: 'throws' }), node('after', { inputs: { data: 'bad' } }), node('after that', { inputs: { data: 'after' } }), node('good'), node('good too', { inputs: { data: 'good' } })];
    const ran = await runNodes(nodes, folder);
    expect(endsOf(ran.events)).toEqual({ bad: 'failed', after: 'skipped', 'after that': 'skipped', good: 'done', 'good too': 'done' });
    expect(ran.outcome.states.get('after that')).toEqual({ state: 'skipped', because: 'bad failed' });
    const failed = ran.outcome.states.get('bad');
    expect(failed).toMatchObject({ state: 'failed', message: 'this job throws' });
    expect(readFileSync((failed as { log: string }).log, 'utf8')).toContain('Error: this job throws\n    at ');
    const again = await runNodes(nodes, folder);
    expect(endsOf(again.events)).toEqual({ bad: 'failed', after: 'skipped', 'after that': 'skipped', good: 'cached', 'good too': 'cached' });
  });

  it('keeps the reason of a failure until the job succeeds', async () => {
    const folder = temporaryFolder();
    const flag = join(temporaryFolder(), 'deaths');
    const nodes = [node('sometimes', { kind: 'dies', config: { counter: flag, deaths: 2, seed: 0 } })];
    const first = await runNodes(nodes, folder);
    const key = readdirSync(first.store.layout.failed)[0]!.replace('.json', '');
    expect(await first.store.readFailure(key)).toMatchObject({ id: 'sometimes', kind: 'dies', key, log: first.store.logFile(key) });
    const second = await runNodes(nodes, folder);
    expect(endsOf(second.events)).toEqual({ sometimes: 'done' });
    expect(await second.store.readFailure(key)).toBeNull();
  });

  it.each([
    ['invalid', 'invalid', '/invalid must not be there'],
    ['a link among the artifacts', 'links', 'link is neither a file nor a folder'],
    ['an unknown kind', 'nothing', 'No job is of the kind nothing'],
  ])('%s: nothing of it enters the store', async (_, kind, message) => {
    const ran = await runNodes([node('x', { kind })], temporaryFolder());
    expect((ran.outcome.states.get('x') as { message: string }).message).toContain(message);
    expect(await ran.store.list()).toEqual([]);
  });

  it('of code that is not the plan\'s: nothing of it enters the store', async () => {
    const plan = await makePlan('test', [node('x')]);
    const ran = await runNodes([], temporaryFolder(), { plan: { ...plan, jobs: plan.jobs.map((job) => ({ ...job, code: '0'.repeat(64) })) } });
    expect((ran.outcome.states.get('x') as { message: string }).message).toContain('built anew while this job ran');
    expect(await ran.store.list()).toEqual([]);
  });

  it('gives each worker its threads and serves many jobs with one', async () => {
    const nodes = [1, 1, 1, 3].map((threads, i) => node(`env${i}`, { kind: 'env', threads, config: { seed: i } }));
    const ran = await runNodes(nodes, temporaryFolder(), { workers: 1 });
    const bodies = await Promise.all(nodes.map(({ id }) => ran.store.readResult(keyOf(ran, id), (value) => value as { omp: string; own: string; pid: number })));
    expect(bodies.map(({ omp, own }) => [omp, own])).toEqual([['1', '1'], ['1', '1'], ['1', '1'], ['3', '3']]);
    expect(new Set(bodies.map(({ pid }) => pid)).size).toBe(2);
  });

  it('runs as many jobs at once as there are workers, exclusive ones alone', async () => {
    const folder = temporaryFolder();
    const watch = (name: string, exclusive = false) => node(name, { kind: 'watch', config: { folder, name, ms: 60, seed: 0, ...(exclusive ? {} : { meets: 2 }) }, ...(exclusive ? { exclusive } : {}) });
    await runNodes([watch('speed1', true), watch('a'), watch('b'), watch('c'), watch('speed2', true)], temporaryFolder(), { workers: 2 });
    const lines = readFileSync(join(folder, 'events.txt'), 'utf8').trim().split('\n');
    let now: string[] = [];
    let most = 0;
    for (const line of lines) {
      const [what, name] = line.split(' ') as [string, string];
      now = what === 'begin' ? [...now, name] : now.filter((other) => other !== name);
      most = Math.max(most, now.length);
      if (now.some((one) => one.startsWith('speed'))) expect(now).toHaveLength(1);
    }
    expect(most).toBe(2);
  });

  it('reports progress, the whole and an end', async () => {
    const { events } = await runNodes([node('a', { config: { name: 'a', steps: 60, ms: 5, seed: 0 } })], temporaryFolder());
    const progress = events.flatMap((event) => (event.event === 'progress' ? [event.progress] : []));
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toMatchObject({ done: 60, total: 60, unit: 'steps', imagesPerSecond: 100 });
    expect(events.at(-1)).toMatchObject({ event: 'finish', interrupted: false, counts: { done: 1 } });
    const whole = events.filter((event) => event.event === 'overall').at(-1);
    expect(whole).toMatchObject({ finished: 1, jobs: 1, fraction: 1, seconds: 0 });
  });
});

describe('a worker that dies', () => {
  it.each(['SIGKILL', 'SIGSEGV', 'SIGABRT'])('of %s costs its job one more attempt, and no other job anything', async (signal) => {
    const counter = join(temporaryFolder(), 'count');
    const ran = await runNodes([node('dies', { kind: 'dies', config: { counter, deaths: 1, signal, seed: 0 } }), node('other', { config: { name: 'other', steps: 20, ms: 5, seed: 0 } })], temporaryFolder());
    expect(endsOf(ran.events)).toEqual({ dies: 'done', other: 'done' });
    expect(readFileSync(counter, 'utf8')).toBe('2');
    expect(notesOf(ran.events).join()).toMatch(new RegExp(`dies: its worker process (died of ${signal}|was killed \\(${signal}\\)).*trying once more`));
    expect(readFileSync(ran.store.logFile(keyOf(ran, 'dies')), 'utf8')).toContain('last words');
  });

  it('twice fails its job, and the others go on', async () => {
    const counter = join(temporaryFolder(), 'count');
    const ran = await runNodes([node('dies', { kind: 'dies', config: { counter, deaths: 9, seed: 0 } }), ...[1, 2, 3].map((i) => node(`other${i}`))], temporaryFolder(), { workers: 1 });
    expect(endsOf(ran.events)).toEqual({ dies: 'failed', other1: 'done', other2: 'done', other3: 'done' });
    expect(readFileSync(counter, 'utf8')).toBe('2');
    expect((ran.outcome.states.get('dies') as { message: string }).message).toContain('memory ran out');
  });

  it('is what becomes of one whose tensor runtime is broken: its job fails with its message, once, and the next has another process', async () => {
    const nodes = [node('broken', { kind: 'engineless' }), ...[1, 2].map((seed) => node(`env${seed}`, { kind: 'env', config: { seed } }))];
    const ran = await runNodes(nodes, temporaryFolder(), { workers: 1 });
    expect(ran.events.flatMap((event) => (event.event === 'start' ? [event.id] : []))).toEqual(['broken', 'env1', 'env2']);
    const { message } = ran.outcome.states.get('broken') as { message: string };
    expect(message).toMatch(/^the addon does not load in \d+\n {2}Mend it\.$/);
    const pids = await Promise.all(['env1', 'env2'].map(async (id) => (await ran.store.readResult(keyOf(ran, id), (value) => value as { pid: number })).pid));
    expect(pids[1]).toBe(pids[0]);
    expect(message).not.toContain(String(pids[0]));
  });

  it('by leaving is a failure with its exit code', async () => {
    const ran = await runNodes([node('exits', { kind: 'exits' })], temporaryFolder());
    expect((ran.outcome.states.get('exits') as { message: string }).message).toContain('exit code 3');
  });
});

describe('stopping', () => {
  it('ends running jobs, keeps their checkpoints, and the next run goes on from them to the same bits', async () => {
    const nodes = [node('long', { config: { name: 'long', steps: 40, ms: 10, seed: 0 } })];
    const whole = await runNodes(nodes, temporaryFolder());
    const folder = temporaryFolder();
    const stop = new AbortController();
    const cut = await runNodes(nodes, folder, { signal: stop.signal, onEvent: (event) => { if (event.event === 'progress' && event.progress.done >= 10) stop.abort(); } });
    expect(cut.outcome).toMatchObject({ interrupted: true, counts: { done: 0, pending: 1, failed: 0 } });
    expect(existsSync(cut.store.layout.failed)).toBe(false);
    const rest = await runNodes(nodes, folder);
    expect(rest.events.some(({ event }) => event === 'resumed')).toBe(true);
    const key = keyOf(rest, 'long');
    expect(readFileSync(rest.store.logFile(key), 'utf8')).toMatch(/chain from [1-9]/);
    expect(readFileSync(join(rest.store.folder(key), 'value.bin')).equals(readFileSync(join(whole.store.folder(key), 'value.bin')))).toBe(true);
    expect(await rest.store.readResult(key, (value) => value)).toMatchObject({ resumed: true });
  });

  it('before anything has started runs nothing', async () => {
    const ran = await runNodes([node('a')], temporaryFolder(), { signal: AbortSignal.abort() });
    expect(ran.outcome).toMatchObject({ interrupted: true, counts: { pending: 1, done: 0 } });
  });

  it('does not wait for a set-up that takes long', async () => {
    const stop = new AbortController();
    const running = runNodes([node('a')], temporaryFolder(), { signal: stop.signal, setUp: () => new Promise(() => undefined) });
    stop.abort();
    expect((await running).outcome.interrupted).toBe(true);
  });

  it('a set-up that fails is the run\'s error', async () => {
    const folder = temporaryFolder();
    await expect(runNodes([node('a')], folder, { setUp: () => Promise.reject(new EngineError('no runtime')) })).rejects.toThrow('no runtime');
    expect(readdirSync((await openStore(folder)).layout.locks)).toEqual([]);
  });
});

describe('the store of a run', () => {
  it.each([
    ['of another machine', {}, 'there', /^the checkpoints come from another machine/],
    ['with a checkpoint that cannot be used', { refuses: true }, 'here', /^the checkpoint is damaged/],
  ] as const)('half-finished work %s starts anew, and its log, the run and its result say so', async (_, own, machine, reason) => {
    const nodes = [node('long', { config: { name: 'long', steps: 30, ms: 10, seed: 0, ...own } })];
    const folder = temporaryFolder();
    const stop = new AbortController();
    await runNodes(nodes, folder, { machine, signal: stop.signal, onEvent: (event) => { if (event.event === 'progress' && event.progress.done >= 10) stop.abort(); } });
    const ran = await runNodes(nodes, folder, { machine: 'here' });
    expect(readFileSync(ran.store.logFile(keyOf(ran, 'long')), 'utf8')).toMatch(/starts anew: the checkpoint[^]*chain from 0/);
    expect(ran.events.filter(({ event }) => event === 'dropped')).toEqual([{ event: 'dropped', id: 'long', reason: expect.stringMatching(reason) }]);
    expect(await ran.store.readResult(keyOf(ran, 'long'), (value) => value)).toMatchObject({ resumed: false });
  });

  /** Another environment in a stored result, as that machine would have written it: through a commit of its own. */
  async function madeIn(ran: Awaited<ReturnType<typeof runNodes>>, id: string, environment: object): Promise<void> {
    const file = join(ran.store.folder(keyOf(ran, id)), 'result.json');
    const result = JSON.parse(readFileSync(file, 'utf8')) as ResultHead;
    const { layout } = ran.store;
    const { commitObject } = await import('../../src/runner/store/object.js');
    const work = join(layout.work, 'copy');
    mkdirSync(work, { recursive: true });
    writeFileSync(join(work, 'result.json'), JSON.stringify({ ...result, environment: { ...result.environment, ...environment } }));
    rmSync(layout.object(result.key), { recursive: true });
    await commitObject(layout, result.key, work);
  }
  const madeOn = (device: string) => ({ engine: { name: 'tensorflow', device } });

  it.each([
    ['another machine', { cpu: 'Another Processor' }],
    ['another device of this one', madeOn('cuda')],
  ])('a finished job of %s is used again and marked', async (_, environment) => {
    const folder = temporaryFolder();
    await madeIn(await runNodes([node('a')], folder), 'a', environment);
    const again = await runNodes([node('a')], folder, { tensors: { device: 'cpu' } });
    expect(endsOf(again.events)).toEqual({ a: 'cached' });
    expect(again.outcome.foreign).toEqual(['a']);
  });

  it('the device that the set-up finds decides, not the one that was expected', async () => {
    const folder = temporaryFolder();
    const ran = await runNodes([node('cpu'), node('gpu')], folder);
    await madeIn(ran, 'cpu', madeOn('cpu'));
    await madeIn(ran, 'gpu', madeOn('cuda'));
    const again = await runNodes([node('cpu'), node('gpu'), node('new')], folder, {
      tensors: { device: 'cuda' }, setUp: () => Promise.resolve({ workers: 1, machine: 'here', tensors: { device: 'cpu' } }),
    });
    expect(endsOf(again.events)).toEqual({ cpu: 'cached', gpu: 'cached', new: 'done' });
    expect(again.outcome.foreign).toEqual(['gpu']);
  });

  it('what a worker left that was killed right after its commit is removed', async () => {
    const folder = temporaryFolder();
    const ran = await runNodes([node('a')], folder);
    const key = keyOf(ran, 'a');
    mkdirSync(join(ran.store.layout.workOf(key), 'scratch'), { recursive: true });
    mkdirSync(ran.store.layout.failed, { recursive: true });
    writeFileSync(ran.store.layout.failure(key), '{}');
    expect(endsOf((await runNodes([node('a')], folder)).events)).toEqual({ a: 'cached' });
    expect(readdirSync(ran.store.layout.work)).toEqual([]);
    expect(await ran.store.readFailure(key)).toBeNull();
  });

  it('a broken object is set aside and its job runs again', async () => {
    const folder = temporaryFolder();
    const ran = await runNodes([node('a')], folder);
    const key = keyOf(ran, 'a');
    const bytes = readFileSync(join(ran.store.folder(key), 'value.bin'));
    writeFileSync(join(ran.store.folder(key), 'value.bin'), 'short');
    const again = await runNodes([node('a'), node('b', { inputs: { data: 'a' } })], folder);
    expect(endsOf(again.events)).toEqual({ a: 'done', b: 'done' });
    expect(notesOf(again.events)[0]).toContain('a: its stored result is broken (value.bin has 5 bytes instead of');
    expect(readFileSync(join(again.store.folder(key), 'value.bin')).equals(bytes)).toBe(true);
    expect(readdirSync(again.store.layout.corrupt)).toHaveLength(1);
  });

  it('a job that another process runs is waited for and not run twice', async () => {
    const folder = temporaryFolder();
    const nodes = [node('a', { config: { name: 'a', steps: 40, ms: 20, seed: 0 } }), node('b', { inputs: { data: 'a' } })];
    const [first, second] = await Promise.all([runNodes(nodes, folder, { workers: 1 }), sleep(250).then(() => runNodes(nodes, folder, { workers: 1 }))]);
    const all = [endsOf(first.events), endsOf(second.events)];
    expect(all.map((ends) => ends['a']).sort()).toEqual(['cached', 'done']);
    expect(all.map((ends) => ends['b']).sort()).toEqual(['cached', 'done']);
    expect(readFileSync(first.store.logFile(keyOf(first, 'a')), 'utf8').match(/chain from/g)).toHaveLength(1);
    expect([...notesOf(first.events), ...notesOf(second.events)].some((text) => text.includes('being run by another process'))).toBe(true);
  });

  it('a lock that a dead process left is taken over', async () => {
    const folder = temporaryFolder();
    const { layout } = await openStore(folder);
    const ran = await runNodes([node('a')], folder);
    const key = keyOf(ran, 'a');
    rmSync(layout.object(key), { recursive: true });
    const script = `import { tryLock } from ${JSON.stringify(new URL('../../dist/runner/store/lock.js', import.meta.url).href)}; await tryLock(${JSON.stringify(layout.locks)}, ${JSON.stringify(key)});`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(readdirSync(layout.locks)).toHaveLength(1);
    expect(endsOf((await runNodes([node('a')], folder)).events)).toEqual({ a: 'done' });
  });

  it('a job held by a living process of no run is waited for', async () => {
    const folder = temporaryFolder();
    const { layout } = await openStore(folder);
    const first = await runNodes([node('a')], folder);
    const key = keyOf(first, 'a');
    rmSync(layout.object(key), { recursive: true });
    const lock = await tryLock(layout.locks, key);
    const running = runNodes([node('a')], folder);
    await sleep(400);
    expect(await first.store.has(key)).toBe(false);
    await lock!.release();
    expect(endsOf((await running).events)).toEqual({ a: 'done' });
  });

  it('a job that meets a full disk fails with one clear message, leaves nothing half-written, and the others go on', async () => {
    const folder = temporaryFolder();
    const nodes = [node('first'), node('full', { kind: 'full', inputs: { data: 'first' } }), node('full too', { kind: 'full', config: { seed: 1 } }), node('never', { inputs: { data: 'full' } }), node('other', { inputs: { data: 'first' } })];
    const ran = await runNodes(nodes, folder, { workers: 1 });
    expect(endsOf(ran.events)).toEqual({ first: 'done', full: 'failed', 'full too': 'failed', never: 'skipped', other: 'done' });
    expect((ran.outcome.states.get('full') as { message: string }).message).toMatch(/^The disk is full \(.* free\)$/);
    const notes = notesOf(ran.events).filter((text) => text.includes('The disk is full'));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(new RegExp(`^${dirname(ran.store.layout.objects)}: The disk is full .*\n  Nothing is lost: `));
    expect(readdirSync(ran.store.layout.work, { recursive: true }).filter((name) => String(name).includes('half.bin'))).toEqual([]);
    expect((await ran.store.list()).map(({ id }) => id).sort()).toEqual(['first', 'other']);
  });

  it('what does not fit on a small disk fails, what fits is whole', async (context) => {
    const folder = temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('only root may mount');
    }
    try {
      const large = (bytes: number) => node(`large${bytes}`, { kind: 'large', config: { bytes, seed: 0 } });
      const ran = await runNodes([large(1_000_000), large(2_000_000), large(50_000), node('after', { kind: 'large', config: { bytes: 20_000, seed: 0 }, inputs: { data: 'large50000' } })], folder, { workers: 1 });
      expect(endsOf(ran.events)).toEqual({ large1000000: 'failed', large2000000: 'failed', large50000: 'done', after: 'done' });
      for (const { key } of await ran.store.list()) expect(await ran.store.problems(key, 'full')).toBeNull();
      expect(readdirSync(ran.store.layout.work, { recursive: true }).filter((name) => String(name).endsWith('.bin'))).toEqual([]);
      // With room made, the same run finishes.
      execFileSync('mount', ['-o', 'remount,size=4m', folder]);
      const again = await runNodes([large(1_000_000), large(50_000)], folder, { workers: 1 });
      expect(endsOf(again.events)).toEqual({ large1000000: 'done', large50000: 'cached' });
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('that cannot be locked is said at once', async () => {
    const folder = temporaryFolder();
    const { layout } = await openStore(folder);
    writeFileSync(layout.locks, 'in the way');
    await expect(runNodes([node('a')], folder)).rejects.toMatchObject({ kind: 'store', where: folder, message: expect.stringMatching(/^The store cannot be locked: /) as string });
  });
});
