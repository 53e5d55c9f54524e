import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../src/runner/store.js';
import { temporaryFolder } from '../temporary-folder.js';
import { inProcess } from './in-process.js';

const suite = 'test/fixtures/emoji.yaml';
const folder = temporaryFolder();
const at = (...path: readonly string[]): string => join(folder, ...path);
mkdirSync(at('pictures'));
writeFileSync(at('pictures', 'a.txt'), '');
writeFileSync(at('file'), '');
beforeEach(() => {
  vi.stubEnv('MASKBENCH_STORE', at('no store'));
  vi.stubEnv('MASKBENCH_CACHE', at('cache'));
  vi.stubEnv('MASKBENCH_DATA', '');
});

describe('data export', () => {
  it.each(['/proc/x', at('file')])('to %s, which cannot be written, is the user\'s to change, before anything is drawn', async (out) => {
    const { code, stdout, stderr } = await inProcess('data', 'export', 'emoji_scenes', '--out', out);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${out}: the pictures cannot be written: .*\n {2}Name a folder that can be written \\(--out DIR\\)\\.\n$`));
  });

  it('says so too where a part of the folder cannot be written', async () => {
    mkdirSync(at('half'));
    writeFileSync(at('half', 'images'), '');
    const { code, stderr } = await inProcess('data', 'export', 'emoji_scenes', '--out', at('half'), '--option', 'size=48', 'per_artist=14');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/half: the pictures cannot be written: /) as string });
  });
});

describe('a folder that is no store', () => {
  it.each([['ls'], ['verify'], ['gc'], ['log', 'pretrain/mae/s0']])('store %s refuses it and leaves it as it is', async (...words) => {
    const { code, stdout, stderr } = await inProcess('store', ...words, '--store', at('pictures'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`${at('pictures')}: This folder is no store: it has no store.json\n  Name the store with --store DIR or MASKBENCH_STORE, or run a suite first.\n`);
    expect(readdirSync(at('pictures'))).toEqual(['a.txt']);
  });

  it('report refuses it', async () => {
    const { code, stderr } = await inProcess('report', suite, '--store', at('pictures'), '--out', at('report'));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('This folder is no store') as string });
    expect(readdirSync(at('pictures'))).toEqual(['a.txt']);
    expect(existsSync(at('report'))).toBe(false);
  });

  it('a plan finds nothing in it, as in one that is not there, and leaves it as it is', async () => {
    const { code, stdout } = await inProcess('plan', suite, '--no-measure', '--json', '--store', at('pictures'));
    expect({ code, totals: (JSON.parse(stdout) as { readonly totals: unknown }).totals }).toMatchObject({ code: 0, totals: { jobs: 28, cached: 0 } });
    expect(readdirSync(at('pictures'))).toEqual(['a.txt']);
  });

  it('a file is none either', async () => {
    const ls = await inProcess('store', 'ls', '--store', at('file'));
    expect(ls).toMatchObject({ code: 2, stderr: expect.stringContaining(`${at('file')}: The folder cannot be used as a store`) as string });
    expect(await inProcess('plan', suite, '--no-measure', '--store', at('file'))).toMatchObject({ code: 2 });
  });

  it('one that is not there is said as before', async () => {
    const { code, stderr } = await inProcess('store', 'ls');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/no store: There is no store\n/) as string });
  });
});

describe('an empty name, of a shell variable that is not set', () => {
  // Suites and sources that are not there: were the name taken, nothing would be written here.
  it.each([
    ['run', ['none.yaml', '--store', '']],
    ['run', ['none.yaml', '--out', '']],
    ['plan', ['none.yaml', '--store', '']],
    ['report', ['none.yaml', '--store', '']],
    ['report', ['--from', 'results.json', '--out', '']],
    ['store', ['ls', '--store', '']],
    ['store', ['verify', '--store', ' ']],
    ['store', ['gc', '--store', '']],
    ['store', ['log', 'x', '--store', '']],
    ['export', ['mae', '--suite', 'none.yaml', '--out', '']],
    ['export', ['mae', '--suite', 'none.yaml', '--out', 'x', '--store', '']],
    ['compare', ['x', '--baseline', 'y', '--out', '']],
    ['baseline', ['record', 'x', '--out', '']],
    ['data', ['export', 'none', '--out', '']],
    ['engine', ['install', '--folder', '']],
  ])('%s %j is refused, not taken for the current folder', async (command, args) => {
    const { code, stdout, stderr } = await inProcess(command, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: option '--(store|out|folder) <\w+>' argument ' ?' is invalid\. It is empty: give a name, or leave the option out\.\n/);
  });

  it('an option in the place of a folder is refused, for its name was forgotten', async () => {
    const { code, stdout, stderr } = await inProcess('plan', 'none.yaml', '--store', '--no-measure');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: option '--store <dir>' argument '--no-measure' is invalid\. It looks like an option\. Give a name before it, or write \.\/--no-measure\.\n/);
  });

  it('an empty MASKBENCH_STORE is as none', async () => {
    vi.stubEnv('MASKBENCH_STORE', '');
    const { storeFolder } = await import('../../src/runner/store.js');
    expect(storeFolder()).toBe(join(process.cwd(), '.maskbench', 'store'));
  });
});

it('a run whose report cannot be written does not speak of results: there are none yet', async () => {
  const { code, stderr } = await inProcess('run', suite, '--out', '/proc/x', '--store', at('store of a run'));
  expect(code).toBe(2);
  expect(stderr).toMatch(/^\/proc\/x: the report cannot be written: .*\n {2}Name a folder that can be written \(--out DIR\)\. No job has been started\.\n$/);
});

it.each([
  [['report', '--from', 'results.json', '--seeds', '3', '--store', 'x'], '--from reads one file, and --store, --seeds would change nothing\n  Leave that out, or give the suite file instead of --from.\n'],
  [['report', '--from', 'results.json', '--device', 'cpu'], '--from reads one file, and --device would change nothing\n'],
  [['compare', '--baseline', 'b.json', '--minutes', '3'], '--minutes is for --against, which measures anew\n  Give --against REF too, or leave --minutes out.\n'],
])('%j names what would be ignored', async ([command, ...args], message) => {
  const { code, stdout, stderr } = await inProcess(command!, ...args);
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) as string });
});

describe('compare', () => {
  it('names a suite that measures speed where it asks for one', async () => {
    const { code, stderr } = await inProcess('compare', '--against', 'origin/main');
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'Name the run whose suite is measured\n  For example: maskbench compare --against origin/main reports/speed-quick\n' });
  });
});

describe('options of a source', () => {
  const show = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await inProcess('data', 'show', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr.split('\n')[0]!;
  };

  it('that are wrong are named', async () => {
    expect(await show('folder', '--option', 'path=3', 'crops_from=many')).toBe("The options of 'folder' are wrong: path: must be a string, is 3; crops_from: must be a whole number, is \"many\"");
    expect(await show('folder', '--option', 'path=x', 'sides={cat: C}')).toMatch(/^The options of 'folder' are wrong: sides\.cat: "C" is not valid here/);
    expect(await show('folder')).toBe("The options of 'folder' are wrong: the key \"path\" is missing");
  });

  it.each(['constructor', 'toString'])('of %s: it is no source, though every object has the name', async (name) => {
    expect(await show(name)).toMatch(`There is no data source '${name}'`);
    expect(await inProcess('data', 'export', name, '--out', at('none'))).toMatchObject({ code: 2, stderr: expect.stringContaining(`There is no data source '${name}'`) as string });
  });

  it('are lists and mappings as a suite file has them', async () => {
    const { optionsOf, sourceOf } = await import('../../src/cli/source-options.js');
    const folderSource = await sourceOf('folder');
    expect(await optionsOf(folderSource, ['path=x', 'sides={cat: B, "tea pot": A}'])).toMatchObject({ path: 'x', sides: { cat: 'B', 'tea pot': 'A' } });
    expect(await optionsOf(folderSource, ['path=x', 'side=null', 'sides={"cat": "B"}'])).toMatchObject({ side: null, sides: { cat: 'B' } });
    expect(await optionsOf(await sourceOf('masks'), ['path=x', 'ignore=[11]'])).toMatchObject({ ignore: [11] });
  });

  it('are text where they are no list or mapping, whatever YAML would make of it', async () => {
    const { optionsOf, sourceOf } = await import('../../src/cli/source-options.js');
    const folderSource = await sourceOf('folder');
    for (const path of ['a: b', 'a #b', '*x', '~', '[a', '{a', '/data/x', 'C:\\x', '- x']) expect(await optionsOf(folderSource, [`path=${path}`])).toMatchObject({ path });
  });
});

describe('the hint behind an error', () => {
  it.each([
    [['data', 'show'], 'maskbench data show --help'],
    [['store', 'ls', '--al'], 'maskbench store ls --help'],
    [['store', 'log'], 'maskbench store log --help'],
    [['baseline', 'record'], 'maskbench baseline record --help'],
    [['engine', 'verify', '--fully'], 'maskbench engine verify --help'],
    [['eval', 'seg'], 'maskbench eval seg --help'],
    [['plan'], 'maskbench plan --help'],
  ])('of %j names %s', async (args, help) => {
    const { code, stderr } = await inProcess(...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`(${help} shows how it is used`) as string });
  });

  it('says that an option of many values takes what follows it', async () => {
    const { stderr } = await inProcess('data', 'show', '--option', 'path=f1', 'folder');
    expect(stderr).toBe("error: missing required argument 'source'\n(maskbench data show --help shows how it is used; --option takes all words that follow it, so <source> goes before it)\n");
  });
});

describe('store log', () => {
  it('says how many digits of a key it needs', async () => {
    const { layout } = await openStore(at('logged'));
    mkdirSync(layout.logs);
    writeFileSync(layout.log('7a8'.padEnd(64, '0')), 'now start pretrain/mae/s0 (pretrain)\n');
    const { code, stderr } = await inProcess('store', 'log', '7a8', '--store', at('logged'));
    expect(code).toBe(2);
    expect(stderr).toBe(`${at('logged')}: No job with a log is called 7a8\n  The beginning of a key has 4 digits or more.\n`);
    expect((await inProcess('store', 'log', '7a80', '--store', at('logged'))).stdout).toContain('pretrain/mae/s0');
  });
});
