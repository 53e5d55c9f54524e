import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskbench } from './command.js';

const commands = ['run', 'plan', 'report', 'data', 'engine', 'store', 'export'];

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'maskbench-main-')); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('help', () => {
  it('lists every command, examples and exit codes on stdout', async () => {
    const { code, stdout, stderr } = await maskbench(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });

  it.each(commands)('of %s has an example and exit codes', async (command) => {
    const { code, stdout, stderr } = await maskbench([command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`maskbench ${command}\\b`));
    expect(stdout).toMatch(/^Examples?:/m);
    expect(stdout).toMatch(/^Exit codes:/m);
  });

  it('prints the version of package.json', async () => {
    const { code, stdout } = await maskbench(['--version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });
});

describe('a wrong command line', () => {
  it.each([
    [['pln'], "error: unknown command 'pln'\n(Did you mean plan?)"],
    [['plan'], "error: missing required argument 'suite'"],
    [['plan', 'x.yaml', '--jsn'], "error: unknown option '--jsn'\n(Did you mean --json?)"],
    [['data', 'show', 'emoji', '--seed', '-1'], "error: option '--seed <n>' argument '-1' is invalid. Give a whole number from 0 to 4294967295."],
    [['plan', 'x.yaml', '--seeds', '0'], "error: option '--seeds <n>' argument '0' is invalid. Give a whole number from 1 to 1000."],
    [['plan', 'x.yaml', 'y.yaml'], 'error: too many arguments'],
    [['--foo'], "error: unknown option '--foo'"],
    [['plan', 'no-such.yaml'], 'no-such.yaml: there is no such file\n  Give the path of a suite file'],
    [['plan', 'suites/quik.yaml'], 'suites/quik.yaml: there is no such file (did you mean "quick.yaml"?)\n'],
    [['plan', 'suites/quick'], 'suites/quick: there is no such file (did you mean "quick.yaml"?)\n'],
    [['plan', 'suites'], 'suites: this is a folder, not a suite file'],
    [['plan', 'README.md/x'], 'README.md/x: there is no such file'],
    [['plan', 'package.json'], 'package.json:1:1: the key "model" is missing'],
  ])('%j exits with 2, says what is wrong on stderr and shows no stack', async (args, message) => {
    const { code, stdout, stderr } = await maskbench(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('a binary file exits with 2 and no stack', async () => {
    const file = join(folder, 'picture.yaml');
    writeFileSync(file, Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0));
    const { code, stdout, stderr } = await maskbench(['plan', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/picture\.yaml: the file is not UTF-8 text/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

it('no command at all prints the help to stderr and exits with 2', async () => {
  const { code, stdout, stderr } = await maskbench([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: maskbench');
});
