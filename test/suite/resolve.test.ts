import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSuite } from '../../src/suite/load.js';
import { members, rightSuite } from './members.js';

const read = (text: string, options: { seeds?: number } = {}) => readSuite(text, '/suites/small.yaml', members, options);
const changed = (from: string, to: string): string => {
  expect(rightSuite).toContain(from);
  return rightSuite.replace(from, to);
};

describe('a right suite', () => {
  it('resolves with every default filled in and shared blocks under the entries', async () => {
    expect(await read(rightSuite)).toEqual({
      name: 'small',
      title: 'A small suite',
      description: '',
      seeds: [0, 1],
      engine: { threads: 1, device: 'auto', precision: 'f32' },
      model: { name: 'custom', image_size: 32, patch_size: 8, width: 128, depth: 4, heads: 4, mlp_ratio: 4 },
      data: [{ name: 'emoji', source: 'emoji', options: { artists: 'all' } }],
      entries: [
        { name: 'scratch', title: 'scratch', method: 'scratch', pretrain: null, start: null, options: {}, protocols: { 'fine-tune': { lr: [0.001, 0.01], layer_decay: 1, steps: 100 } } },
        {
          name: 'mae', title: 'mae', method: 'mae',
          pretrain: { data: 'emoji', subset: 'full', batch_size: 256, schedule: { epochs: 10, of: null } },
          start: null,
          options: { mask_ratio: 0.6, decoder: { width: 64, depth: 8 }, norm_pix_loss: true }, protocols: {},
        },
        {
          name: 'mae-a', title: 'mae-a', method: 'mae',
          pretrain: { data: 'emoji', subset: 'split-a', batch_size: 256, schedule: { epochs: 10, of: null } },
          start: null,
          options: { mask_ratio: 0.6, decoder: { width: 64, depth: 1 }, norm_pix_loss: true }, protocols: {},
        },
      ],
      tasks: [{ name: 'emoji/animals', data: 'emoji', task: 'animals' }, { name: 'emoji/vehicles', data: 'emoji', task: 'vehicles' }],
      protocols: [
        { name: 'fine-tune', options: { lr: [0.001, 0.01], layer_decay: 0.75, steps: 100 }, hash: expect.stringMatching(/^[0-9a-f]{12}$/) as string },
        { name: 'knn', options: { k: 10 }, hash: expect.stringMatching(/^[0-9a-f]{12}$/) as string },
      ],
      reference: 'mae',
      speed: null,
      attention: 4,
    });
  });

  it('gives a protocol in bf16 another hash, and one in f32 the same whether it is named or not', async () => {
    const hashes = async (engine: string) => (await read(changed('seeds: 2', `seeds: 2${engine}`))).protocols.map(({ hash }) => hash);
    const f32 = await hashes('');
    expect(await hashes('\nengine: { precision: f32, threads: 2 }')).toEqual(f32);
    for (const [index, hash] of (await hashes('\nengine: { precision: bf16 }')).entries()) expect(hash).not.toBe(f32[index]);
  });

  it('is frozen to its leaves', async () => {
    const frozen = (value: unknown): boolean => typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(await read(rightSuite))).toBe(true);
  });

  it('takes an entry\'s schedule key by key over the shared one', async () => {
    const suite = await read(changed('{ name: mae, method: mae }', '{ name: mae, method: mae, schedule: { of: split-b } }'));
    expect(suite.entries[1]?.pretrain?.schedule).toEqual({ epochs: 10, of: 'split-b' });
  });

  it('fills in a standard model by its name', async () => {
    const suite = await read(changed('{ name: custom, image_size: 32, patch_size: 8, width: 128, depth: 4, heads: 4 }', '{ name: vit_tiny }'));
    expect(suite.model).toEqual({ name: 'vit_tiny', image_size: 224, patch_size: 16, width: 192, depth: 12, heads: 3, mlp_ratio: 4 });
  });

  it('accepts one alias in several places', async () => {
    const suite = await read(changed('title: A small suite\nseeds: 2', 'title: &t A small suite\ndescription: *t\nseeds: 2'));
    expect(suite.description).toBe('A small suite');
  });

  it('hashes a protocol by its name and options alone', async () => {
    const hashes = async (text: string) => (await read(text)).protocols.map(({ hash }) => hash);
    const right = await hashes(rightSuite);
    expect(await hashes(changed('seeds: 2', 'seeds: 5'))).toEqual(right);
    expect(await hashes(changed('protocols: { fine-tune: { layer_decay: 1.0 } }', 'title: None'))).toEqual(right);
    // Writing a default out changes nothing; another value does.
    expect(await hashes(changed('knn: {}', 'knn: { k: 10 }'))).toEqual(right);
    expect((await hashes(changed('knn: {}', 'knn: { k: 11 }')))[1]).not.toBe(right[1]);
  });

  it.each([
    ['seeds: 2', undefined, [0, 1]],
    ['seeds: [3, 7]', undefined, [3, 7]],
    ['seeds: 2', 4, [0, 1, 2, 3]],
    ['seeds: 2', 1, [0]],
    ['seeds: [3, 1]', 4, [3, 1, 0, 2]],
  ])('%s with --seeds %s gives the seeds %j', async (line, count, expected) => {
    expect((await read(changed('seeds: 2', line), count === undefined ? {} : { seeds: count })).seeds).toEqual(expected);
  });

  it('lets a development suite use development tasks', async () => {
    const suite = await read(changed('tasks: [emoji/animals,', 'development: true\ntasks: [emoji/tuning,'));
    expect(suite.tasks[0]?.task).toBe('tuning');
  });

  it('takes the options that a shared block gives as an entry\'s own, also required ones', async () => {
    const text = changed('  - name: scratch\n', '  - { name: mine, method: checkpoint }\n  - name: scratch\n').replace('methods:\n', 'methods:\n  checkpoint: { path: /abs/x }\n');
    expect((await read(text)).entries[0]?.options).toEqual({ path: '/abs/x' });
  });

  it('does not change when the order of keys does', async () => {
    const document = parse(rightSuite) as Record<string, unknown>;
    const turned = Object.fromEntries(Object.entries(document).reverse());
    expect(await read(JSON.stringify(turned))).toEqual(await read(rightSuite));
  });
});
