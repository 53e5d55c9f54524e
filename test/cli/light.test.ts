import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openStore } from '../../src/runner/store.js';
import { maskbench } from './command.js';

/** Modules of the tensor libraries, and any native addon (there is none that a plan or a report needs). */
const heavy = (loaded: readonly string[]): readonly string[] => loaded.filter((line) => line.startsWith('addon ') || /node_modules\/(@tensorflow|@img|sharp)\//.test(line));

it('the recorder sees addons and libraries: without that, the tests below could not fail', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maskbench-record-'));
  try {
    const file = join(folder, 'loaded.txt');
    const recorder = fileURLToPath(new URL('record-imports.mjs', import.meta.url));
    execFileSync(process.execPath, ['--import', recorder, '--input-type=module', '-e', "await import('sharp'); await import('@tensorflow/tfjs-core');"], { env: { ...process.env, RECORD: file } });
    const seen = heavy(readFileSync(file, 'utf8').split('\n'));
    expect(seen.some((line) => line.startsWith('addon '))).toBe(true);
    expect(seen.some((line) => line.includes('node_modules/@tensorflow/tfjs-core/'))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('--help loads the command line and nothing of the work', async () => {
  const { code, loaded } = await maskbench(['--help'], { record: true });
  expect(code).toBe(0);
  expect(heavy(loaded)).toEqual([]);
  const packages = new Set(loaded.flatMap((line) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(line)?.[1] ?? []));
  expect([...packages].sort()).toEqual(['commander', 'fastest-levenshtein']);
  const own = loaded.filter((line) => /^import .*\/dist\//.test(line));
  // A file a command, and the little that they share.
  expect(own.length).toBeLessThanOrEqual(30);
});

it('a command loads no other command', async () => {
  const { loaded } = await maskbench(['plan', '--help'], { record: true });
  const own = loaded.flatMap((line) => /^import .*\/dist\/cli\/(.*)$/.exec(line)?.[1] ?? []);
  expect(own.sort()).toEqual(['commands.js', 'device-option.js', 'encoder-source-text.js', 'main.js', 'output.js', 'path-name.js', 'plan.js', 'project-version.js', 'store-option.js', 'whole-number.js']);
});

it('plan loads no tensors and no addon', async () => {
  const { code, stdout, loaded } = await maskbench(['plan', 'test/fixtures/emoji.yaml', '--json'], { record: true });
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as { jobs: readonly unknown[] }).jobs.length).toBeGreaterThan(0);
  expect(heavy(loaded)).toEqual([]);
});

it('report loads no tensors and no addon', async () => {
  const out = mkdtempSync(join(tmpdir(), 'maskbench-report-'));
  try {
    // Nothing has run: the report says so (exit code 1), and making it is the same work.
    await openStore(join(out, 'store'));
    const { code, stderr, loaded } = await maskbench(['report', 'test/fixtures/emoji.yaml', '--store', join(out, 'store'), '--out', out], { record: true });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.not.stringMatching(/^\s+at /m) as string });
    expect(heavy(loaded)).toEqual([]);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
