import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { planSuite } from '../../src/catalog.js';
import { commands } from '../../src/cli/commands.js';
import { writeReports } from '../../src/report/index.js';
import { baselineOf, baselineText } from '../../src/results/baseline/index.js';
import { exitCodeOf } from '../../src/runner/outcome.js';
import { openStore } from '../../src/runner/store.js';
import { beginWork, finishWork } from '../../src/runner/store/work.js';
import { fixture } from '../report/fixture.js';
import { vitParams } from '../../src/models/vit.js';
import { writeSafetensors } from '../../src/training/safetensors.js';
import { maskbench } from './command.js';
import { inProcess } from './in-process.js';

const suite = 'test/fixtures/emoji.yaml';
const folder = mkdtempSync(join(tmpdir(), 'maskbench-exit-'));
const listeners = process.stdout.getMaxListeners();
beforeEach(() => {
  vi.stubEnv('MASKBENCH_STORE', at('no store'));
  vi.stubEnv('MASKBENCH_CACHE', at('cache'));
  // No GPU is to be seen, and bf16 is not to be had, whatever the machine.
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '-1');
  vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '0');
});
beforeAll(() => {
  // Each call of `main` listens once more.
  for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(200);
});
afterAll(() => {
  for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(listeners);
  rmSync(folder, { recursive: true, force: true });
});
const at = (...path: readonly string[]): string => join(folder, ...path);

/** A store in which the entry mae has finished, and one with a broken object. */
beforeAll(async () => {
  const { plan } = await planSuite(suite);
  const job = plan.jobs.find(({ id }) => id === 'pretrain/mae/s0')!;
  for (const name of ['store', 'broken']) {
    const { layout } = await openStore(at(name));
    const work = await beginWork(layout, job.key, 'here');
    writeFileSync(join(work.out, 'encoder.safetensors'), 'an encoder');
    await finishWork(layout, job.key, work, { id: job.id, kind: job.kind, seed: 0 });
    mkdirSync(layout.logs);
    writeFileSync(layout.log(job.key), `now start ${job.id} (pretrain)\n`);
    if (name === 'broken') writeFileSync(join(layout.object(job.key), 'encoder.safetensors'), 'another');
  }
  await openStore(at('bare'));
  const record = await fixture({ seeds: 1, tasks: 1 });
  await writeReports(record, at('report'));
  writeFileSync(at('base.json'), baselineText(baselineOf(record, 'base')));
  const [lost] = record.results.filter(({ kind }) => kind === 'transfer');
  writeFileSync(at('worse.json'), JSON.stringify({ ...record, complete: false, results: record.results.filter((result) => result !== lost), failures: [{ id: lost!.id, key: lost!.key, message: 'no memory', log: 'x', tags: {} }] }));
  // A Python that takes its time: a run that begins by setting the runtime up is still at it when it is interrupted.
  mkdirSync(at('bin'));
  for (const program of ['python3', 'pip', 'pip3']) {
    writeFileSync(at('bin', program), '#!/bin/sh\nexec sleep 3\n');
    chmodSync(at('bin', program), 0o755);
  }
  const box = [10, 10, 40, 40];
  writeFileSync(at('truth.json'), JSON.stringify({ images: [{ id: 5 }], categories: [{ id: 3, name: 'a' }], annotations: [{ id: 1, image_id: 5, category_id: 3, bbox: box, area: 1600, iscrowd: 0 }] }));
  writeFileSync(at('found.json'), JSON.stringify([{ image_id: 5, category_id: 3, score: 0.5, bbox: box }]));
  mkdirSync(at('maps'));
  await sharp(Buffer.from([0, 1, 1, 0]), { raw: { width: 2, height: 2, channels: 1 } }).toColourspace('b-w').png().toFile(at('maps', 'a.png'));
  const small = { name: 'custom', imageSize: 32, patchSize: 8, width: 32, depth: 2, heads: 2, mlpRatio: 4 };
  await writeSafetensors(at('misfit.safetensors'), new Map(vitParams({ ...small, depth: 3 }, 0).map(({ name, shape, value }) => [name, { shape, data: value }])));
  writeFileSync(at('misfit.yaml'), `name: misfit
model: { name: custom, image_size: 32, patch_size: 8, width: 32, depth: 2, heads: 2 }
data: { emoji: { source: emoji } }
entries: [{ name: theirs, method: checkpoint, path: ${at('misfit.safetensors')} }]
tasks: [emoji/mammals]
protocols: { knn: {} }
`);
  const text = readFileSync(suite, 'utf8').replace(/^engine:.*\n/m, '');
  for (const engine of ['device: cuda', 'device: gpu', 'device: cpu, precision: bf16']) writeFileSync(at(`${engine}.yaml`), `engine: { ${engine} }\n${text}`);
});

/** The codes that a command's help documents. */
function documented(command: Command): readonly number[] {
  let text = '';
  command.configureOutput({ writeOut: (part) => { text += part; } });
  command.outputHelp();
  const [, list] = /Exit codes:([^]*)$/.exec(text) ?? [];
  if (list === undefined) throw new Error(`${command.name()} documents no exit codes`);
  // One a line, or all on one line with commas between them.
  return [...list.matchAll(/(?:^|,)\s*(\d+)\s/gm)].map(([, code]) => Number(code));
}

interface Ending { readonly code: number; readonly args: () => readonly string[] }
/** How each command comes to each of its codes; `elsewhere`: codes that need the tensor runtime, and where they are held. */
const table: Readonly<Record<string, { readonly endings: readonly Ending[]; readonly elsewhere?: readonly number[] }>> = {
  // 0 and 1 follow from the outcome, below, and test/runner runs jobs for them; 130 is below too.
  run: { endings: [{ code: 2, args: () => ['run', at('none.yaml')] }], elsewhere: [0, 1, 130] },
  plan: { endings: [{ code: 0, args: () => ['plan', suite] }, { code: 2, args: () => ['plan', at('misfit.yaml')] }] },
  report: { endings: [
    { code: 0, args: () => ['report', '--from', at('report', 'results.json'), '--out', at('again')] },
    { code: 1, args: () => ['report', suite, '--store', at('bare'), '--out', at('empty')] },
    { code: 2, args: () => ['report', suite, '--store', at('no-store'), '--out', at('empty')] },
  ] },
  'baseline record': { endings: [
    { code: 0, args: () => ['baseline', 'record', 'again', at('report'), '--out', at('again.json')] },
    { code: 2, args: () => ['baseline', 'record', 'base', at('report'), '--out', at('base.json')] },
  ] },
  compare: { endings: [
    { code: 0, args: () => ['compare', at('report'), '--baseline', at('base.json')] },
    { code: 1, args: () => ['compare', at('worse.json'), '--baseline', at('base.json')] },
    { code: 2, args: () => ['compare', at('report'), '--baseline', at('none.json')] },
  ] },
  'data list': { endings: [{ code: 0, args: () => ['data', 'list'] }, { code: 2, args: () => ['data', 'list', '--all'] }] },
  'data show': { endings: [{ code: 0, args: () => ['data', 'show', 'emoji'] }, { code: 2, args: () => ['data', 'show', 'emojis'] }] },
  // test/engine/runtime sets runtimes up, and verifies them.
  'engine install': { endings: [{ code: 2, args: () => ['engine', 'install', '--folder', at('none')] }], elsewhere: [0] },
  'engine verify': { endings: [{ code: 2, args: () => ['engine', 'verify', '--fully'] }], elsewhere: [0] },
  'store ls': { endings: [{ code: 0, args: () => ['store', 'ls', '--store', at('store')] }, { code: 2, args: () => ['store', 'ls', '--store', at('none')] }] },
  'store verify': { endings: [
    { code: 0, args: () => ['store', 'verify', '--store', at('store')] },
    { code: 1, args: () => ['store', 'verify', '--store', at('broken')] },
    { code: 2, args: () => ['store', 'verify', '--store', at('none')] },
  ] },
  'store gc': { endings: [{ code: 0, args: () => ['store', 'gc', '--store', at('store')] }, { code: 2, args: () => ['store', 'gc', at('none.yaml'), '--store', at('store')] }] },
  'store log': { endings: [{ code: 0, args: () => ['store', 'log', 'pretrain/mae/s0', '--store', at('store')] }, { code: 2, args: () => ['store', 'log', 'nothing', '--store', at('store')] }] },
  'data export': { endings: [
    { code: 0, args: () => ['data', 'export', 'emoji_scenes', '--out', at('scenes'), '--option', 'size=48', 'per_artist=14'] },
    { code: 2, args: () => ['data', 'export', 'emoji', '--out', at('scenes')] },
  ] },
  'eval coco': { endings: [
    { code: 0, args: () => ['eval', 'coco', '--gt', at('truth.json'), '--dt', at('found.json')] },
    { code: 2, args: () => ['eval', 'coco', '--gt', at('truth.json'), '--dt', at('none.json')] },
  ] },
  'eval seg': { endings: [
    { code: 0, args: () => ['eval', 'seg', '--gt', at('maps'), '--pred', at('maps')] },
    { code: 2, args: () => ['eval', 'seg', '--gt', at('maps'), '--pred', at('none')] },
  ] },
  export: { endings: [
    { code: 0, args: () => ['export', 'mae', '--suite', suite, '--store', at('store'), '--out', at('x.safetensors')] },
    { code: 2, args: () => ['export', 'mae', '--suite', suite, '--seed', '4', '--store', at('store'), '--out', at('x.safetensors')] },
  ] },
};

/** Every command that does something, by its words. */
async function leaves(): Promise<ReadonlyMap<string, Command>> {
  const found = new Map<string, Command>();
  for (const load of Object.values(commands)) {
    const command = await load();
    if (command.commands.length === 0) found.set(command.name(), command);
    for (const child of command.commands) found.set(`${command.name()} ${child.name()}`, child);
  }
  return found;
}

describe('exit codes', () => {
  it('each command documents those that it has, and no other', async () => {
    const known = await leaves();
    expect([...known.keys()].sort()).toEqual(Object.keys(table).sort());
    for (const [words, command] of known) {
      const { endings, elsewhere = [] } = table[words]!;
      expect({ words, codes: documented(command) }).toEqual({ words, codes: [...endings.map(({ code }) => code), ...elsewhere].sort((a, b) => a - b) });
    }
    expect(documented(await commands['engine']!())).toEqual([0, 2]);
  });

  it.each(Object.entries(table).flatMap(([words, { endings }]) => endings.map((ending) => ({ words, ...ending }))))('$words ends with $code', async ({ code, args }) => {
    const ended = await inProcess(...args());
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: expect.not.stringMatching(/^\s+at /m) as string });
    expect(ended.stdout + ended.stderr).not.toBe('');
  });

  it('of a run follow from its outcome', () => {
    const counts = { done: 1, cached: 1, failed: 0, skipped: 0, pending: 0 };
    expect(exitCodeOf({ interrupted: false, counts })).toBe(0);
    expect(exitCodeOf({ interrupted: false, counts: { ...counts, failed: 1 } })).toBe(1);
    expect(exitCodeOf({ interrupted: true, counts: { ...counts, failed: 1 } })).toBe(130);
  });
});

describe('run --json', () => {
  const events = (stderr: string) => stderr.trim().split('\n').map((line) => JSON.parse(line) as { readonly event: string; readonly text?: string; readonly kind?: string });

  it('interrupted says so as an event, and nothing else', async () => {
    const { code, stdout, stderr } = await maskbench(['run', suite, '--json', '--out', at('interrupted')], {
      env: { PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`, MASKBENCH_TENSORFLOW: '' }, interruptAt: /set-up/,
    });
    expect(code).toBe(130);
    expect(events(stderr).at(-1)).toMatchObject({ event: 'note', text: expect.stringMatching(/^Stopped with 0 of 37 jobs finished\. Run the same command again/) as string });
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, reports: null });
  });

  it.each([
    ['a checkpoint that does not fit', () => ['run', at('misfit.yaml')], 'checkpoint', /misfit\.safetensors: does not hold a custom encoder[^]*extra: blocks\.2\.norm1\.weight/],
    ['a store that cannot be made', () => ['run', suite, '--store', '/proc/x'], 'store', /^\/proc\/x: The folder cannot be used as a store/],
    ['a report folder that cannot be made', () => ['run', suite, '--out', '/proc/x'], 'usage', /^\/proc\/x: the report cannot be written/],
    ['a GPU that is not there', () => ['run', at('device: cuda.yaml'), '--out', at('out')], 'engine', /device: cuda\.yaml:1:19: engine\.device: there is no NVIDIA GPU here/],
    ['a precision that is not to be had', () => ['run', at('device: cpu, precision: bf16.yaml'), '--out', at('out')], 'engine', /bf16\.yaml:1:35: engine\.precision: precision bf16 cannot be used/],
    ['a device that is called otherwise', () => ['run', at('device: gpu.yaml')], 'suite', /gpu\.yaml:1:19: engine\.device: "gpu" is not valid here; it is called "cuda" here\n/],
    ['an option that there is not', () => ['run', suite, '--sedes', '3'], 'usage', /^error: unknown option '--sedes'\n\(Did you mean --seeds\?\)$/],
    ['a number that is none', () => ['run', suite, '--workers', 'two'], 'usage', /^error: option '--workers <n>' argument 'two' is invalid\./],
    ['a suite that is not named', () => ['run'], 'usage', /^error: missing required argument 'suite'$/],
    ['a name that no job has', () => ['run', suite, '--only', 'entry=mea'], 'usage', /did you mean "mae"/],
  ])('%s is an event too, before any job', async (_, args, kind, text) => {
    const { code, stdout, stderr } = await inProcess(...args(), '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(events(stderr)).toMatchObject([{ event: 'error', kind, text: expect.stringMatching(text) as string }]);
  });
});

describe('a suite that this machine cannot run', () => {
  it.each([
    ['device: cuda', /engine\.device: there is no NVIDIA GPU here/],
    ['device: cpu, precision: bf16', /engine\.precision: precision bf16 cannot be used/],
  ])('%s: a run says it once and sets nothing up, a plan says it too and is made', async (engine, message) => {
    const file = at(`${engine}.yaml`);
    const cache = at(`cache of ${engine}`);
    vi.stubEnv('MASKBENCH_CACHE', cache);
    const ran = await inProcess('run', file, '--out', at('out'));
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
    expect(ran.stderr.split('\n')[0]).toMatch(message);
    expect(ran.stderr.match(new RegExp(message, 'g'))).toHaveLength(1);
    expect(existsSync(cache)).toBe(false);
    const planned = await inProcess('plan', file);
    expect({ code: planned.code, stderr: planned.stderr }).toEqual({ code: 0, stderr: '' });
    expect(planned.stdout).toContain(`This machine cannot run it. ${file}:1:`);
    expect(planned.stdout).toMatch(message);
    const json = JSON.parse((await inProcess('plan', file, '--no-measure', '--json')).stdout) as { readonly times: unknown; readonly totals: unknown };
    expect(json).toMatchObject({ times: { state: 'cannot-run', problem: expect.stringMatching(message) as string }, totals: { seconds: null } });
  });
});

it('output that cannot be written is said without a stack', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `${process.execPath} bin/maskbench.js data list > /dev/full`], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^The output cannot be written: .*ENOSPC/m) as string });
  expect(stderr).not.toMatch(/^\s+at /m);
});
