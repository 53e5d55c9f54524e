import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseNamed, gpuCases, speedCases, tinyCase } from '../../bench/cases.js';
import { workload } from '../../bench/contestant/workload.js';
import { contestantsOn, pairsOn, sittingsOf, tracedOn, type Contestant, type Device } from '../../bench/contestants.js';
import { leftOutOn, parts } from '../../bench/parts/index.js';
import { compareSpeed } from '../../bench/parts/speed.js';
import { commandOf } from '../../bench/process.js';
import { renderBench } from '../../bench/report.js';
import type { Session } from '../../bench/session.js';

const named = (device: Device, wanted: string): Contestant => contestantsOn(device).find(({ name }) => name === wanted)!;
const command = (device: Device, wanted: string) => {
  const { args, environment } = commandOf({ contestant: named(device, wanted), case: tinyCase, threads: 2, folder: '/case', python: 'python', device });
  return { args: args.slice(1), environment };
};
const engine = (precision: string, device: Device, mode = 'traced') => [JSON.stringify({ case: 'tiny/mae', threads: 2, mode, precision, device, profile: false })];

describe('contestants', () => {
  it.each<[Device, string, readonly string[], Readonly<Record<string, string>>]>([
    ['cpu', 'eager', engine('f32', 'cpu', 'eager'), {}],
    ['cpu', 'traced bf16', engine('bf16', 'cpu'), {}],
    ['cpu', 'pytorch', ['/case', '--threads', '2', '--device', 'cpu', '--products', 'f32'], { OMP_NUM_THREADS: '2' }],
    ['cuda', 'traced f32', engine('f32', 'cuda'), { NVIDIA_TF32_OVERRIDE: '0' }],
    ['cuda', 'traced tf32', engine('f32', 'cuda'), {}],
    ['cuda', 'traced bf16', engine('bf16', 'cuda'), {}],
    ['cuda', 'traced bf16, XLA', engine('bf16', 'cuda'), { TF_XLA_FLAGS: '--tf_xla_auto_jit=2' }],
    ['cuda', 'pytorch f32', ['/case', '--threads', '2', '--device', 'cuda', '--products', 'f32'], { OMP_NUM_THREADS: '2' }],
    ['cuda', 'pytorch compile tf32', ['/case', '--threads', '2', '--device', 'cuda', '--products', 'tf32', '--compile'], { OMP_NUM_THREADS: '2' }],
    ['cuda', 'pytorch compile bf16', ['/case', '--threads', '2', '--device', 'cuda', '--products', 'bf16', '--compile'], { OMP_NUM_THREADS: '2' }],
  ])('%s: %s is started so', (device, wanted, args, environment) => {
    expect(command(device, wanted)).toEqual({ args, environment });
  });

  it.each<Device>(['cpu', 'cuda'])('%s: every ratio is of two that run, and none is named twice', (device) => {
    const names = contestantsOn(device).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { faster, than } of pairsOn(device)) expect(names).toEqual(expect.arrayContaining([faster, ...than]));
  });

  it('a GPU counts as it comes, with TF32', () => {
    expect([tracedOn('cpu').products, tracedOn('cuda').products]).toEqual(['f32', 'tf32']);
  });
});

describe('cases for a GPU', () => {
  it('are ViT-B/16 at 224 pixels, MAE and fine-tuning, in batches of 64 and 256', () => {
    expect(gpuCases.map(({ name, batch }) => [name, batch])).toEqual([['vit-b-64/mae', 64], ['vit-b-64/fine-tune', 64], ['vit-b-256/mae', 256], ['vit-b-256/fine-tune', 256]]);
    for (const { name, model } of gpuCases) {
      expect(caseNamed(name).model).toEqual(model);
      expect(model).toMatchObject({ imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12, mlpRatio: 4 });
    }
  });

  it.each(gpuCases.slice(0, 2).map((one) => [one.step, one] as const))('%s: their steps are built alike, here of a tiny model', (step, one) => {
    const { spec, function: name, batches } = workload({ ...one, batch: 4, decoder: tinyCase.decoder, model: tinyCase.model });
    expect(spec.functions[name]!.kind).toBe('train');
    // 16 patches, of which MAE keeps a quarter
    expect({ images: batches[0]!['images']!.length, given: batches[0]![step === 'mae' ? 'keep' : 'targets']!.length }).toEqual({ images: 4 * 32 * 32 * 3, given: step === 'mae' ? 4 * 4 : 4 * 100 });
  });

  it('are left out on a CPU with the reason, and what is about CPUs on a GPU', () => {
    const leftOut = (device: Device) => parts.filter((part) => leftOutOn(part, device) !== null).map(({ name }) => name);
    expect(leftOut('cpu')).toEqual(['speed', 'loader'].flatMap((part) => gpuCases.map(({ name }) => `${part}/${name}`)));
    expect(leftOutOn(parts.find(({ name }) => name === 'speed/vit-b-256/mae')!, 'cpu')).toBe('it takes an NVIDIA GPU (--device cuda)');
    expect(new Set(leftOut('cuda').map((name) => name.split('/')[0]))).toEqual(new Set(['layouts', 'switches', 'memory', 'profile']));
  });
});

describe('a comparison', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maskbench-bench-test-'));
  const python = join(folder, 'python');
  const log = join(folder, 'log');
  // Stands in for PyTorch: the loss is 1, in TF32 a thousandth more, in bf16 a tenth; a step takes 10 ms, compiled 5.
  beforeAll(() => {
    writeFileSync(python, `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(3);
const of = (name) => args[args.indexOf(name) + 1];
const who = [...(args.includes('--compile') ? ['compile'] : []), of('--products')].join(' ');
const note = (what) => appendFileSync(${JSON.stringify(log)}, who + ' ' + what + '\\n');
const say = (answer) => console.log(JSON.stringify(answer));
note('starts on ' + of('--device'));
say({ parameters: 7, versions: { torch: '0' } });
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  if (request.do === 'check') say({ values: [{ f32: 1, tf32: 1.001, bf16: 1.1 }[of('--products')]] });
  else if (request.do === 'run') say({ seconds: [args.includes('--compile') ? 0.005 : 0.01] });
  else if (request.do === 'memory') say({ resident: 1, peak: 2, device: { peak: 3 * 2 ** 20, by: 'a count' } });
  else say({});
}).on('close', () => note('ends'));
`);
    chmodSync(python, 0o755);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('on a GPU runs one process at a time, and holds each number format to its own tolerance', async () => {
    const session: Session = { rounds: 2, seconds: 0.001, cores: 2, device: 'cuda', python: { path: python }, versions: {}, others: [], progress: () => undefined };
    const wanted = ['pytorch f32', 'pytorch tf32', 'pytorch bf16', 'pytorch compile tf32'].map((name) => named('cuda', name));
    const result = await compareSpeed(session, tinyCase, wanted);
    const whole = ['f32', 'tf32', 'bf16', 'compile tf32'].flatMap((who) => [`${who} starts on cuda`, `${who} ends`]);
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual(whole);
    // batch 4 in 10 and 5 ms
    expect(result.sittings).toEqual([{ 'pytorch f32': [400, 400] }, { 'pytorch tf32': [400, 400] }, { 'pytorch compile tf32': [800, 800] }]);
    expect(result.leftOut).toEqual([{ name: 'pytorch bf16', reason: expect.stringMatching(/^its values differ from those of pytorch f32 by 0\.1/) as string }]);
    expect(result.deviceMemory!['pytorch tf32']).toEqual({ peak: 3 * 2 ** 20, by: 'a count' });
    const text = renderBench({
      schema: 2, name: 'test', machine: { date: '', commit: '', cpu: '', cores: 2, memoryBytes: 0, instructions: null, kernel: '', load: [0], versions: {} },
      settings: { rounds: 2, seconds: 1, device: 'cuda' }, partsLeftOut: [{ name: 'profile/quick/mae', reason: 'it is about CPUs' }],
      speed: [result], methods: [], loader: [], layouts: [], layoutsLeftOut: [], switches: null, peakMemory: null, flatMemory: null, profiles: [],
    });
    expect(text).toMatch(/\| pytorch compile tf32 \|.*\| *3 MiB, a count \|/);
    expect(text).toContain('## Parts left out\n\n- profile/quick/mae left out: it is about CPUs');
  });

  it('and on a CPU all at once, or those that have a ratio in common where the case asks for more memory than there is', async () => {
    const session: Session = { rounds: 2, seconds: 0.001, cores: 2, device: 'cpu', python: { path: python }, versions: {}, others: [], progress: () => undefined };
    const wanted = ['pytorch', 'pytorch compile'].map((name) => named('cpu', name));
    const order = async (one: typeof tinyCase): Promise<readonly string[]> => {
      writeFileSync(log, '');
      await compareSpeed(session, one, wanted);
      return readFileSync(log, 'utf8').trim().split('\n').map((line) => line.replace(' on cpu', ''));
    };
    const together = await order(tinyCase);
    expect(together.slice(0, 2)).toEqual(['f32 starts', 'compile f32 starts']);
    expect(together.slice(2).toSorted()).toEqual(['compile f32 ends', 'f32 ends']);
    // Each in the place of another one; nobody is there for traced to be in turns with in f32.
    const placed = ['eager', 'traced', 'traced bf16'].map((name, at): Contestant => ({ name, kind: 'pytorch', compile: at === 0, products: at === 2 ? 'tf32' : 'f32' }));
    const { sittings } = await compareSpeed(session, { ...tinyCase, large: true }, placed);
    expect(sittings.map((sitting) => Object.keys(sitting))).toEqual([['eager', 'traced'], ['traced', 'traced bf16']]);
    const large = readFileSync(log, 'utf8').trim().split('\n').slice(together.length).map((line) => line.replace(' on cpu', ''));
    expect(large.slice(0, 4)).toEqual(['compile f32 starts', 'f32 starts', 'compile f32 ends', 'tf32 starts']);
    expect(speedCases.filter(({ large }) => large === true).map(({ name }) => name)).toEqual(['vit-ti-32', 'vit-s-8'].flatMap((size) => ['mae', 'fine-tune', 'features'].map((step) => `${size}/${step}`)));
  });
});

it('every ratio of a large case is one of turns, and nobody is left out', () => {
  const all = contestantsOn('cpu');
  const sittings = sittingsOf('cpu', { large: true }, all).map((sitting) => sitting.map(({ name }) => name));
  expect(new Set(sittings.flat())).toEqual(new Set(all.map(({ name }) => name)));
  for (const { faster, than } of pairsOn('cpu')) expect(sittings.some((names) => [faster, ...than].every((name) => names.includes(name))), `${faster} / ${than.join()}`).toBe(true);
  expect(sittings.every((names) => names.length <= 4)).toBe(true);
});
