import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataSources } from '../../src/data/sources/index.js';
import { DataError, type MaskbenchError } from '../../src/errors.js';
import { whole } from './whole.js';
import { classification } from './classification.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-cifar-'));
  vi.stubEnv('MASKBENCH_CACHE', join(folder, 'cache'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** One record: labels, then red, green and blue planes whose value at (x, y) is plane + x + y. */
const image = (labels: readonly number[], planes: readonly [number, number, number]): Buffer => {
  const bytes = Buffer.alloc(labels.length + 3072);
  bytes.set(labels);
  planes.forEach((plane, c) => {
    for (let i = 0; i < 1024; i++) bytes[labels.length + c * 1024 + i] = plane + (i % 32) + Math.floor(i / 32);
  });
  return bytes;
};
const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content);
const many = (count: number, classes: number, labels: (label: number) => readonly number[]): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => image(labels(i % classes), [i % 100, 50, 100])));

const tenNames = 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n';
const writeTen = (): void => {
  write('batches.meta.txt', tenNames);
  write('data_batch_1.bin', many(60, 10, (label) => [label]));
  write('data_batch_2.bin', many(40, 10, (label) => [label]));
  write('test_batch.bin', many(20, 10, (label) => [label]));
};
const hundredNames = Array.from({ length: 100 }, (_, i) => (i === 0 ? 'apple' : i === 1 ? 'aquarium_fish' : i === 9 ? 'bottle' : `class${i}`));
const writeHundred = (): void => {
  write('fine_label_names.txt', hundredNames.join('\n'));
  write('coarse_label_names.txt', Array.from({ length: 20 }, (_, i) => `group${i}`).join('\n'));
  write('train.bin', many(500, 100, (label) => [label % 20, label]));
  write('test.bin', many(100, 100, (label) => [label % 20, label]));
};
const options = (): { path: string } => ({ path: folder });
const failure = async (work: Promise<unknown>): Promise<MaskbenchError> => {
  const error: unknown = await work.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DataError);
  return error as MaskbenchError;
};

describe('cifar10', () => {
  const open = () => dataSources['cifar10']!();

  it('without a file of training images names them as they are called', async () => {
    write('test_batch.bin', Uint8Array.of(0));
    expect((await failure((await open()).index(options()))).where).toBe(join(folder, 'data_batch_*.bin'));
  });

  it('reads records in the order of the files, with labels by name', async () => {
    writeTen();
    const { records } = await (await open()).index(options());
    expect(records).toHaveLength(120);
    expect(records[0]).toEqual({ id: 'data_batch_1.bin#0', label: 'airplane', group: null, domain: null, split: 'train', side: 'A' });
    expect(records[61]).toMatchObject({ id: 'data_batch_2.bin#1', label: 'automobile', split: 'train' });
    expect(records[104]).toMatchObject({ id: 'test_batch.bin#4', label: 'deer', split: 'test' });
  });

  it('knows the side of each of its ten classes', async () => {
    writeTen();
    const { records } = await (await open()).index(options());
    const sides = Object.fromEntries(records.map(({ label, side }) => [label, side]));
    expect(sides).toEqual({ airplane: 'A', automobile: 'A', bird: 'B', cat: 'B', deer: 'B', dog: 'B', frog: 'B', horse: 'B', ship: 'A', truck: 'A' });
  });

  it('puts planes into pixels at 32, exactly, and halves a ramp to its means at 16', async () => {
    writeTen();
    const source = await open();
    const full = await whole(source.prepare(options(), 32, () => undefined));
    const at = (i: number, x: number, y: number): number[] => [...full.pixels.subarray(((i * 32 + y) * 32 + x) * 3, ((i * 32 + y) * 32 + x) * 3 + 3)];
    expect(at(0, 0, 0)).toEqual([0, 50, 100]);
    expect(at(7, 3, 30)).toEqual([7 + 33, 50 + 33, 100 + 33]);
    expect(at(104, 31, 0)).toEqual([4 + 31, 50 + 31, 100 + 31]);
    expect(full).toMatchObject({ size: 32, channels: 3, unreadable: [] });
    const half = await whole(source.prepare(options(), 16, () => undefined));
    // A linear ramp keeps its means: pixel (8, 8) covers 16..17 in x and y. In x, rows 16 and 17 come to 32.5 and 33.5,
    // rounded to 33 and 34; in y these come to 33.5, rounded to 34.
    expect([...half.pixels.subarray((8 * 16 + 8) * 3, (8 * 16 + 8) * 3 + 3)]).toEqual([34, 84, 134]);
  });

  it('reports progress up to its number of images', async () => {
    writeTen();
    const seen: number[][] = [];
    await whole((await open()).prepare(options(), 8, (done, total) => seen.push([done, total])));
    expect(seen.at(-1)).toEqual([120, 120]);
  });

  it('takes a stratified fifth of training for validation, by seed, and the test file for testing', async () => {
    writeTen();
    const source = await open();
    const index = await source.index(options());
    const task = classification(source.task(index, options(), 'all', 0));
    expect(task).toMatchObject({ name: 'all', kind: 'classification', primary: 'top1', side: 'mixed' });
    expect(task.classes).toHaveLength(10);
    expect(task.test.indices).toEqual(Array.from({ length: 20 }, (_, i) => 100 + i));
    for (let label = 0; label < 10; label++) {
      expect(task.validation.labels.filter((l) => l === label)).toHaveLength(2);
      expect(task.train.labels.filter((l) => l === label)).toHaveLength(8);
    }
    expect([...task.train.indices, ...task.validation.indices].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    for (const part of [task.train, task.validation, task.test]) part.indices.forEach((i, k) => expect(task.classes[part.labels[k]!]).toBe(index.records[i]!.label));
    expect(classification(source.task(index, options(), 'all', 0))).toEqual(task);
    expect(classification(source.task(index, options(), 'all', 1)).validation.indices).not.toEqual(task.validation.indices);
  });

  it('offers its training images, never the test images, for pre-training, with equal counts on both sides', async () => {
    writeTen();
    const source = await open();
    const index = await source.index(options());
    const view = (subset: 'full' | 'split-a' | 'split-b' | 'random', seed = 0) => source.pretrain(index, options(), subset, seed);
    expect(view('full')).toEqual({ subset: 'full', indices: Array.from({ length: 100 }, (_, i) => i), classes: 10 });
    const [a, b, random] = [view('split-a'), view('split-b'), view('random')];
    // Four classes of ten images on side A; six on side B.
    expect([a.indices.length, b.indices.length, random.indices.length]).toEqual([40, 40, 40]);
    expect(a.indices.every((i) => index.records[i]!.side === 'A')).toBe(true);
    expect(b.indices.every((i) => index.records[i]!.side === 'B')).toBe(true);
    expect([a.classes, b.classes]).toEqual([4, 6]);
    for (const { indices } of [a, b, random]) {
      expect(indices.every((i) => i < 100)).toBe(true);
      expect(new Set(indices).size).toBe(40);
      expect([...indices].sort((x, y) => x - y)).toEqual(indices);
    }
    expect(new Set(random.indices.map((i) => index.records[i]!.side)).size).toBe(2);
    expect(view('random', 1).indices).not.toEqual(random.indices);
    expect(view('split-a', 1).indices).toEqual(a.indices);
    expect(view('split-b', 1).indices).not.toEqual(b.indices);
  });

  it('fingerprints the content: equal for a touched file, another for another byte', async () => {
    writeTen();
    const source = await open();
    const first = await source.fingerprint(options());
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    utimesSync(join(folder, 'test_batch.bin'), new Date(0), new Date(0));
    expect(await source.fingerprint(options())).toBe(first);
    const bytes = many(20, 10, (label) => [label]);
    bytes[99] = 1;
    write('test_batch.bin', bytes);
    utimesSync(join(folder, 'test_batch.bin'), new Date(0), new Date(0));
    expect(await source.fingerprint(options())).not.toBe(first);
  });

  it('finds its folder under MASKBENCH_DATA', async () => {
    writeTen();
    vi.stubEnv('MASKBENCH_DATA', join(folder, '..'));
    const relative = { path: folder.split('/').at(-1)! };
    expect((await (await open()).index(relative)).records).toHaveLength(120);
    vi.stubEnv('MASKBENCH_DATA', folder);
    const error = await failure((await open()).index({ path: 'elsewhere' }));
    expect(error.where).toBe(join(folder, 'elsewhere'));
    expect(error.fix).toContain(`MASKBENCH_DATA=${folder}`);
    expect(error.fix).toContain('data_batch_*.bin');
    vi.stubEnv('MASKBENCH_DATA', '');
    expect((await failure((await open()).index({ path: 'elsewhere' }))).fix).toContain('MASKBENCH_DATA is not set');
  });

  it('names the file that is missing, cut short or mislabelled', async () => {
    const source = await open();
    expect((await failure(source.index(options()))).where).toContain('data_batch_');
    writeTen();
    rmSync(join(folder, 'batches.meta.txt'));
    for (const work of [() => source.index(options()), () => source.fingerprint(options()), () => source.prepare(options(), 32, () => undefined)]) expect((await failure(work())).where).toBe(join(folder, 'batches.meta.txt'));
    write('batches.meta.txt', 'one\ntwo\n');
    expect((await failure(source.index(options()))).message).toBe('names 2 labels, 10 are expected');
    write('batches.meta.txt', tenNames);
    write('data_batch_2.bin', image([3], [0, 0, 0]).subarray(0, -1));
    expect((await failure(source.index(options()))).message).toContain('3072 bytes, not a multiple of 3073');
    write('data_batch_2.bin', '');
    expect((await failure(source.index(options()))).message).toContain('0 bytes');
    write('data_batch_2.bin', Buffer.concat([image([3], [0, 0, 0]), image([10], [0, 0, 0])]));
    expect((await failure(source.index(options()))).message).toBe('image 1 has the label 10, there are 10');
  });

  it('names the nearest task', async () => {
    writeTen();
    const source = await open();
    const index = await source.index(options());
    expect(() => source.task(index, options(), 'al', 0)).toThrow(DataError);
    try {
      source.task(index, options(), 'al', 0);
    } catch (error) {
      expect((error as DataError).message).toContain('did you mean "all"?');
    }
  });
});

describe('cifar100', () => {
  const open = () => dataSources['cifar100']!();

  it('reads both labels and sides', async () => {
    writeHundred();
    const { records } = await (await open()).index(options());
    expect(records).toHaveLength(600);
    expect(records[21]).toMatchObject({ id: 'train.bin#21', label: 'class21', group: 'group1', split: 'train', side: null });
    expect(records[500]).toMatchObject({ id: 'test.bin#0', label: 'apple', split: 'test', side: 'B' });
    expect(records[509]).toMatchObject({ label: 'bottle', side: 'A' });
    expect(records[501]).toMatchObject({ label: 'aquarium_fish', side: 'B' });
  });

  it('has a task of 100 classes and one of 20', async () => {
    writeHundred();
    const source = await open();
    const index = await source.index(options());
    expect((await source.tasks(options())).map(({ name, development }) => [name, development])).toEqual([['all', false], ['coarse', false]]);
    expect(classification(source.task(index, options(), 'all', 0)).classes).toHaveLength(100);
    const coarse = classification(source.task(index, options(), 'coarse', 0));
    expect(coarse.classes).toHaveLength(20);
    coarse.test.indices.forEach((i, k) => expect(coarse.classes[coarse.test.labels[k]!]).toBe(index.records[i]!.group));
    expect(coarse.validation.indices).toHaveLength(100);
  });

  it('names a superclass that its list does not have', async () => {
    writeHundred();
    write('test.bin', image([20, 5], [0, 0, 0]));
    expect((await failure((await open()).index(options()))).message).toContain('superclass 20');
  });
});

describe('the registry', () => {
  it('loads every source under its own name', async () => {
    for (const [name, load] of Object.entries(dataSources)) {
      if (name === 'emoji') continue;
      expect((await load()).name).toBe(name);
    }
  });
});
