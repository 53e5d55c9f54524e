import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { registries, suiteMembers } from '../../src/catalog.js';
import { remeasure } from '../../src/cli/against/index.js';
import { speedSuite } from '../../src/cli/against/suite.js';
import type { Json } from '../../src/files.js';
import { decide } from '../../src/results/gate/index.js';
import type { RunRecord } from '../../src/results/types.js';
import { readSuite } from '../../src/suite/load.js';
import { fixture } from '../report/fixture.js';
import { withSpeed } from '../results/gate/speed-run.js';

const members = suiteMembers(await registries());

describe('the suite that both versions measure', () => {
  const recordOf = async (file: string, more: string): Promise<Pick<RunRecord, 'suite' | 'suiteText'>> => {
    const suiteText = `${readFileSync(file, 'utf8')}\n${more}`;
    return { suiteText, suite: await readSuite(suiteText, file, members) as unknown as Json };
  };

  it('has the speed of quick and nothing that is judged, and a key of its own at each visit', async () => {
    const record = await recordOf('suites/quick.yaml', 'speed: { batch_size: 32, rounds: 7 }\ngate: { tolerance: 0.02 }\n');
    expect((record.suite as { readonly gate: Json }).gate).toEqual({ tolerance: 0.02 });
    const [first, second] = await Promise.all([0, 1].map((visit) => readSuite(speedSuite(record, visit), 'speed.yaml', members)));
    expect(first).toMatchObject({ tasks: [], protocols: [], speed: { batch_size: 32, rounds: 2, seconds: 2 } });
    expect(second!.speed!.seconds).toBe(2.000001);
    expect(first!.entries.map(({ name }) => name)).toEqual(['mae', 'mae-equal-steps', 'mae-split-a', 'mae-split-b', 'mae-random', 'moce', 'mixedae', 'ibot', 'mae+epochs', 'mae+flops']);
    expect(first!.gate).toBeUndefined();
  });

  it('is that of a suite of speeds alone', async () => {
    const record = await recordOf('suites/speed-vs-ibot.yaml', '');
    const suite = await readSuite(speedSuite(record, 0), 'speed.yaml', members);
    expect(suite.entries.map(({ name }) => name)).toEqual((record.suite as { readonly entries: readonly { readonly name: string }[] }).entries.map(({ name }) => name));
  });

  it('is refused where no speed is measured', async () => {
    const record = await recordOf('suites/quick.yaml', '');
    expect(() => speedSuite(record, 0)).toThrow(expect.objectContaining({ kind: 'usage', fix: expect.stringContaining('speed: {') as string }));
  });
});

describe('another commit, measured in turns', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maskbench-against-test-'));
  const root = join(folder, 'checkout');
  const git = (...args: readonly string[]): string => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: root, encoding: 'utf8' });
  let record: RunRecord;

  /** A stand-in for the program: the same record with steps that take as long as its commit says, and a line in the log of visits. */
  const program = `
    import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
    import { join } from 'node:path';
    const root = join(import.meta.dirname, '..');
    const out = process.argv[process.argv.indexOf('--out') + 1];
    readFileSync(join(root, 'node_modules', 'there'));
    const scale = Number(readFileSync(join(root, 'scale'), 'utf8'));
    const record = JSON.parse(readFileSync(process.env.RECORD, 'utf8'));
    const visits = (() => { try { return readFileSync(process.env.VISITS, 'utf8').length; } catch { return 0; } })();
    for (const { turns } of record.results.find(({ kind }) => kind === 'speed').entries) {
      // A machine that becomes slower all the time, visit by visit.
      for (const turn of turns) for (const timed of [turn.outside, turn.inside]) timed.seconds *= scale * (1 + visits / 100);
    }
    appendFileSync(process.env.VISITS, scale === 1 ? 'b' : 'n');
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'results.json'), JSON.stringify(record));
  `;

  beforeAll(async () => {
    const bare = withSpeed(await fixture({ seeds: 1, tasks: 1 }));
    const suite = { ...(bare.suite as object), speed: { models: [], batch_size: 4, rounds: 3, seconds: 2, loaders: 1 } };
    record = { ...bare, suite, suiteText: stringify({ name: 'fixture', entries: [{ name: 'mae', method: 'mae' }], speed: { batch_size: 4 } }) };
    mkdirSync(join(root, 'bin'), { recursive: true });
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'node_modules', 'there'), '');
    writeFileSync(join(root, '.gitignore'), 'node_modules/\n');
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(root, 'package-lock.json'), '{}');
    writeFileSync(join(root, 'bin', 'maskbench.js'), program);
    writeFileSync(join(root, 'scale'), '1');
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    writeFileSync(join(root, 'scale'), '1.3');
    writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
  });
  beforeEach(() => {
    vi.stubEnv('RECORD', join(folder, 'record.json'));
    vi.stubEnv('VISITS', join(folder, 'visits'));
    vi.stubEnv('TMPDIR', folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is checked out beside, visited in turns, and gone afterwards', async () => {
    const again = await remeasure(record, { root, ref: 'HEAD', minutes: 1e-6, tell: () => undefined });
    // The least: three pairs, each in the other order than the last.
    expect(readFileSync(join(folder, 'visits'), 'utf8')).toBe('bnnbbn');
    expect(again.against).toMatch(/^HEAD \([0-9a-f]{10}\), measured in turns$/);
    const gate = decide(record, null, again);
    expect(gate.verdict).toEqual({ verdict: 'regressed', because: 'worse' });
    const [row] = gate.rows;
    // What grows by a hundredth at each visit nearly drops out.
    expect(row).toMatchObject({ kind: 'speed', how: 'again', ratio: { n: 3, value: expect.closeTo(1 / 1.3, 2) } });
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(readdirSync(folder).sort()).toEqual(['checkout', 'record.json', 'visits']);
  });

  it('that is not there is said, and nothing is left', async () => {
    await expect(remeasure(record, { root, ref: 'no-such-branch', minutes: 1, tell: () => undefined })).rejects.toMatchObject({ kind: 'usage', exitCode: 2, message: expect.stringContaining('"no-such-branch" is no commit') });
    expect(readdirSync(folder).sort()).toEqual(['checkout', 'record.json', 'visits']);
  });

  it('that fails is said with its last words', async () => {
    vi.stubEnv('RECORD', join(folder, 'none.json'));
    await expect(remeasure(record, { root, ref: 'HEAD', minutes: 1, tell: () => undefined })).rejects.toMatchObject({ kind: 'program', exitCode: 2, message: expect.stringContaining('none.json') });
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });
});
