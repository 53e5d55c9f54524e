import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataCommand } from '../../../src/cli/data.js';
import { MaskbenchError } from '../../../src/errors.js';
import { temporaryFolder } from '../../temporary-folder.js';

let printed = '';
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const run = async (...words: readonly string[]): Promise<string> => {
  await dataCommand().parseAsync([...words], { from: 'user' });
  return printed;
};
const refusal = async (...words: readonly string[]): Promise<string> => {
  try {
    await run(...words);
  } catch (error) {
    if (error instanceof MaskbenchError) return error.describe();
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('maskbench data', () => {
  it('lists every source', async () => {
    const names = (JSON.parse(await run('list', '--json')) as { name: string }[]).map(({ name }) => name);
    for (const name of ['emoji', 'emoji_scenes', 'cifar10', 'cifar100', 'folder', 'coco', 'voc', 'masks', 'unlabelled']) expect(names).toContain(name);
  });

  it('exports scenes with a file a part, and says what is in it', async () => {
    const out = temporaryFolder();
    const { files } = JSON.parse(await run('export', 'emoji_scenes', '--out', out, '--option', 'size=48', 'per_artist=14', '--seed', '0', '--json')) as { files: { file: string; images: number; objects: number }[] };
    expect(files.map(({ file, images }) => [file, images])).toEqual([[join(out, 'instances_train.json'), 42], [join(out, 'instances_validation.json'), 14], [join(out, 'instances_test.json'), 28]]);
    expect(files.every(({ objects, images }) => objects >= 3 * images)).toBe(true);
    printed = '';
    expect(await refusal('export', 'emoji', '--out', out)).toMatch(/no task of detection[^]*emoji_scenes/);
  });

  it('shows the side of every class with sense and reason, and what is not resolved', async () => {
    const { split } = JSON.parse(await run('show', 'emoji', '--split', '--json')) as { split: { classes: { label: string; side: string | null; sense: string | null; reason: string }[] } };
    expect(split.classes.find(({ label }) => label === 'whale')).toMatchObject({ side: 'B', sense: 'whale%1:05:00::' });
    expect(split.classes.find(({ label }) => label === 'locomotive')).toMatchObject({ side: 'A' });
    expect(split.classes.find(({ label }) => label === 'unicorn')).toMatchObject({ side: null, sense: null });
    expect(split.classes.filter(({ reason }) => reason === '')).toEqual([]);
  });

  it('prints the same as text, unresolved classes last, with the sums', async () => {
    const lines = (await run('show', 'emoji', '--split')).trim().split('\n');
    expect(lines.some((line) => /^B +whale \(animal-marine\) {2}whale%1:05:00:: {2}rule: /.test(line))).toBe(true);
    const classes = lines.slice(0, lines.indexOf(''));
    const first = classes.findIndex((line) => line.startsWith('unresolved'));
    expect(classes.slice(first).every((line) => line.startsWith('unresolved'))).toBe(true);
    expect(lines.some((line) => /^unresolved: \d+ classes, \d+ images$/.test(line))).toBe(true);
  });

  it('shows what the subsets for pre-training are made of, by Unicode group', async () => {
    const lines = (await run('show', 'emoji', '--split')).trim().split('\n');
    const table = lines.slice(lines.findIndex((line) => line.startsWith('group ('))).map((line) => line.trim().split(/ {2,}/));
    expect(table[0]).toEqual(['group (images, seed 0)', 'full', 'split-a', 'split-b', 'random']);
    expect(table.find(([name]) => name === 'people & body')).toEqual(['people & body', '1278', '0', '965', '383']);
    expect(table.find(([name]) => name === 'travel & places')).toEqual(['travel & places', '798', '602', '0', '240']);
    expect(table.at(-1)).toEqual(['all', '4317', '1285', '1285', '1285']);
    printed = '';
    const { split } = JSON.parse(await run('show', 'emoji', '--split', '--json')) as { split: { subsets: { subset: string; groups?: { name: string; images: number }[] }[] } };
    expect(split.subsets.find(({ subset }) => subset === 'split-b')).toMatchObject({
      groups: [{ name: 'people & body', images: 965 }, { name: 'food & drink', images: 187 }, { name: 'animals & nature', images: 133 }],
    });
  });

  it('shows tasks and near-duplicates', async () => {
    expect(await run('show', 'emoji', '--tasks', '--seed', '4')).toMatch(/mammals +B +\d+ +\d+ +\d+ +\d+ +reported/);
    expect(printed).toMatch(/dev-things .*development/);
    expect(await run('show', 'emoji', '--duplicates')).toMatch(/is like .*across-families/);
  });

  it('refuses what is not there, with the nearest name', async () => {
    expect(await refusal('show', 'emojis')).toMatch(/no data source 'emojis' \(did you mean "emoji"\?\)\n.*Sources/);
    expect(await refusal('show', 'emoji', '--option', 'path=/x')).toMatch(/unknown key "path"/);
    expect(await refusal('show', 'cifar10')).toMatch(/"path" is missing/);
    expect(await refusal('show', 'cifar100', '--option', 'path=/nowhere', '--duplicates')).toMatch(/nowhere/);
  });
});
