import { appendFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { storeCommand } from '../../src/cli/store.js';
import { UsageError } from '../../src/errors.js';
import type * as StoredObject from '../../src/runner/store/object.js';
import { temporaryFolder } from '../temporary-folder.js';
import { node, runNodes } from './nodes.js';

/** What the system does not let, for one key or all: tests may run as root, whom no file refuses. */
const forbidden = vi.hoisted((): { change: boolean | string; read: boolean } => ({ change: false, read: false }));
vi.mock('../../src/runner/store/object.js', async (load) => {
  const real = await load<typeof StoredObject>();
  const denied = (): Promise<never> => Promise.reject(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'rename' }));
  return {
    ...real,
    setAside: (...args: Parameters<typeof real.setAside>) => (forbidden.change === true || forbidden.change === args[1] ? denied() : real.setAside(...args)),
    problemsOf: (...args: Parameters<typeof real.problemsOf>) => (forbidden.read ? denied() : real.problemsOf(...args)),
  };
});
beforeEach(() => { Object.assign(forbidden, { change: false, read: false }); });

let printed = '';

/** What `maskbench store ...` prints on stdout, and its exit code. Where it throws, `printed` has what it has printed. */
async function store(...words: readonly string[]): Promise<{ readonly text: string; readonly code: number }> {
  const chunks: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk: string | Uint8Array, ...rest: unknown[]) => {
    chunks.push(String(chunk));
    const done = rest.find((item) => typeof item === 'function') as (() => void) | undefined;
    done?.();
    return true;
  });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await storeCommand().exitOverride().parseAsync([...words], { from: 'user' });
    return { text: chunks.join(''), code: process.exitCode ?? 0 };
  } finally {
    printed = chunks.join('');
    write.mockRestore();
    process.exitCode = before;
  }
}

const filled = async () => {
  const folder = temporaryFolder();
  const ran = await runNodes([node('prepare/x'), node('pretrain/mae/s0', { inputs: { data: 'prepare/x' } }), node('bad', { kind: 'throws' })], folder);
  return { folder, ran, keys: (await ran.store.list()).map(({ key }) => key) };
};

describe('maskbench store', () => {
  it('ls lists finished jobs', async () => {
    const { folder, keys } = await filled();
    const { text } = await store('ls', '--store', folder);
    expect(text).toMatch(/^prepare\/x +[0-9a-f]{12} +\d+(\.\d)? KiB/m);
    expect(text).toMatch(/2 jobs, .* KiB\n$/);
    const listed = JSON.parse((await store('ls', '--store', folder, '--json')).text) as { id: string; key: string }[];
    expect(listed.map(({ id }) => id)).toEqual(['prepare/x', 'pretrain/mae/s0']);
    expect(listed.map(({ key }) => key).sort()).toEqual([...keys].sort());
  });

  it('verify finds a broken object, says so by its exit code, and repairs', async () => {
    const { folder, ran } = await filled();
    expect(await store('verify', '--store', folder)).toEqual({ text: '2 jobs checked, 0 broken\n', code: 0 });
    const key = (await ran.store.list()).find(({ id }) => id === 'prepare/x')!.key;
    appendFileSync(join(ran.store.folder(key), 'value.bin'), '!');
    const broken = await store('verify', '--store', folder);
    expect(broken.code).toBe(1);
    expect(broken.text).toContain(`broken ${key.slice(0, 12)}`);
    expect(broken.text).toMatch(/value\.bin has 64001 bytes instead of 64000/);
    expect((await store('verify', '--repair', '--store', folder)).code).toBe(0);
    expect(await ran.store.has(key)).toBe(false);
    expect(await store('verify', '--store', folder)).toEqual({ text: '1 job checked, 0 broken\n', code: 0 });
  });

  it.each([[[], 'value.bin'], [['--repair'], 'value.bin'], [['--repair'], 'manifest.json']])('verify %j names every broken object, also beside one that has a link in the place of %s', async (words, linked) => {
    const { folder, ran, keys } = await filled();
    const [first, second] = keys as [string, string];
    rmSync(join(ran.store.folder(first), linked));
    symlinkSync(linked, join(ran.store.folder(first), linked));
    symlinkSync('.', join(ran.store.folder(first), 'itself'));
    appendFileSync(join(ran.store.folder(second), 'value.bin'), '!');
    const { text, code } = await store('verify', '--store', folder, ...words);
    expect(text).toMatch(new RegExp(`^broken ${first.slice(0, 12)}.*\\n.*${linked}.* cannot be read: its links lead in a circle$`, 'm'));
    expect(text).toMatch(new RegExp(`^broken ${second.slice(0, 12)}.*\\n {2}value\\.bin has 64001 bytes instead of 64000$`, 'm'));
    expect(text.match(/^ {2}moved to /gm) ?? []).toHaveLength(words.length === 0 ? 0 : 2);
    expect(text).toContain('2 jobs checked, 2 broken');
    expect(code).toBe(words.length === 0 ? 1 : 0);
  });

  it('verify names a link beside the files', async () => {
    const { folder, ran, keys } = await filled();
    symlinkSync('.', join(ran.store.folder(keys[0]!), 'itself'));
    const { text, code } = await store('verify', '--store', folder);
    expect(code).toBe(1);
    expect(text).toMatch(/^ {2}itself is neither a file nor a folder$/m);
  });

  it.each([false, true])('verify tells what it has moved where an error ends it, as JSON: %s', async (json) => {
    const { folder, ran, keys } = await filled();
    for (const key of keys) appendFileSync(join(ran.store.folder(key), 'value.bin'), '!');
    forbidden.change = keys[1]!;
    await expect(store('verify', '--repair', '--store', folder, ...(json ? ['--json'] : []))).rejects.toThrow('The store cannot be changed');
    expect(await ran.store.has(keys[0]!)).toBe(false);
    if (json) expect(JSON.parse(printed)).toMatchObject({ checked: 2, broken: [{ key: keys[0], movedTo: expect.stringContaining('corrupt') as string }, { key: keys[1], movedTo: null }] });
    else expect(printed).toMatch(new RegExp(`^broken ${keys[0]!.slice(0, 12)}[^]*moved to .*\\nbroken ${keys[1]!.slice(0, 12)}`));
  });

  it('ls lists a result whose fields are of other types, and links that lead in a circle', async () => {
    const { folder, ran, keys } = await filled();
    const place = ran.store.folder(keys[0]!);
    writeFileSync(join(place, 'result.json'), '{"id": 5, "kind": [], "seed": "0", "finishedAt": 3, "wallSeconds": "1"}');
    symlinkSync('.', join(place, 'itself'));
    expect((await store('ls', '--store', folder)).text).toMatch(new RegExp(`^\\(broken\\) +${keys[0]!.slice(0, 12)} .* 0\\.0 s$`, 'm'));
    expect((await ran.store.list()).find(({ key }) => key === keys[0])).toMatchObject({ id: '(broken)', kind: '(broken)', seed: null, finishedAt: '', wallSeconds: 0 });
  });

  it('a store of another user is told, not a fault of the program: what cannot be read is broken, what cannot be changed is said', async () => {
    const { folder, ran, keys } = await filled();
    forbidden.read = true;
    const unread = await store('verify', '--store', folder);
    expect([unread.code, unread.text.match(/it may not be read/g)?.length]).toEqual([1, 2]);
    forbidden.change = true;
    const refused = { kind: 'store', message: 'The store cannot be changed: it may not be written', where: ran.store.layout.root };
    await expect(store('verify', '--repair', '--store', folder)).rejects.toMatchObject(refused);
    forbidden.read = false;
    appendFileSync(join(ran.store.folder(keys[0]!), 'value.bin'), '!');
    await expect(store('verify', '--repair', '--store', folder)).rejects.toMatchObject(refused);
  });

  it('gc lists first and removes with --delete alone', async () => {
    const { folder, ran, keys } = await filled();
    const left = join(ran.store.layout.workOf(keys[0]!), 'scratch');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'checkpoint'), 'x'.repeat(2048));
    const listed = await store('gc', '--store', folder);
    expect(listed.text).toMatch(/^work .*2\.0 KiB.*its job is finished/m);
    expect(listed.text).toContain('1 can go');
    expect(existsSync(left)).toBe(true);
    expect((await store('gc', '--store', folder, '--delete')).text).toContain('1 removed');
    expect(existsSync(left)).toBe(false);
    expect(await ran.store.list()).toHaveLength(2);
  });

  it('log prints what a job said, by id or by key, also of one that failed', async () => {
    const { folder, keys } = await filled();
    expect((await store('log', 'pretrain/mae/s0', '--store', folder)).text).toMatch(/start pretrain\/mae\/s0[^]*chain from 0[^]*done in/);
    expect((await store('log', keys[0]!.slice(0, 10), '--store', folder)).text).toContain('chain from 0');
    expect((await store('log', 'bad', '--store', folder)).text).toContain('failed: Error: this job throws');
    const error = await store('log', 'pretrain/mea/s0', '--store', folder).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).describe()).toContain('(did you mean "pretrain/mae/s0"?)');
  });

  it('makes no store where there is none', async () => {
    const nowhere = join(temporaryFolder(), 'none');
    await expect(store('ls', '--store', nowhere)).rejects.toThrow('There is no store');
    expect(existsSync(nowhere)).toBe(false);
  });
});
