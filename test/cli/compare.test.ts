import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeReports } from '../../src/report/index.js';
import { fixture } from '../report/fixture.js';
import { redrawn } from '../results/gate/runs.js';
import { maskbench } from './command.js';

const folder = mkdtempSync(join(tmpdir(), 'maskbench-compare-'));
const at = (...path: readonly string[]): string => join(folder, ...path);
beforeAll(async () => {
  const record = await fixture({ seeds: 3, tasks: 2 });
  await writeReports(redrawn(record, { seed: 1 }), at('reports', 'fixture'));
  await writeReports(redrawn(record, { seed: 2, shift: () => -0.2 }), at('worse'));
  await writeReports(await fixture({ seeds: 1, tasks: 1, pending: ['transfer/mae/mammals/knn/s0'] }), at('open'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) => maskbench(args, { cwd: folder, env: { GITHUB_ACTIONS: '' } });

it('a run is recorded, not written over unless asked, and compared', async () => {
  const recorded = await run('baseline', 'record', 'fixture', '--json');
  expect({ code: recorded.code, said: JSON.parse(recorded.stdout) as unknown }).toEqual({ code: 0, said: { file: 'baselines/recorded/fixture.json', suite: 'fixture', cells: 108, speeds: 0 } });
  const file = 'baselines/recorded/fixture.json';
  const first = readFileSync(at(file), 'utf8');

  const again = await run('baseline', 'record', 'fixture', 'worse');
  expect(again.code).toBe(2);
  expect(again.stderr).toContain(`${file}: there is a baseline already\n  Give --replace`);
  expect(readFileSync(at(file), 'utf8')).toBe(first);

  const same = await run('compare', '--baseline', file);
  expect({ code: same.code, last: same.stdout.trim().split('\n').at(-1) }).toEqual({ code: 0, last: 'fixture against baseline fixture: pass; of 54 rows 54 pass.' });

  const worse = await run('compare', 'worse', '--baseline', file, '--out', 'gate', '--annotations', '--json');
  expect(worse.code).toBe(1);
  expect(JSON.parse(worse.stdout)).toMatchObject({ suite: 'fixture', verdict: { verdict: 'regressed' }, files: ['gate/gate.md', 'gate/gate.xml', 'gate/gate-benchmark.json'] });
  expect(worse.stderr).toMatch(/^::error title=maskbench::/);
  expect(readFileSync(at('gate', 'gate.md'), 'utf8')).toContain('## maskbench: regressed');

  expect((await run('baseline', 'record', 'fixture', 'worse', '--replace')).code).toBe(0);
  expect(readFileSync(at(file), 'utf8')).not.toBe(first);
}, 60_000);

it('what cannot be compared ends with 2 and says why', async () => {
  const unnamed = await run('compare', '--baseline', 'none.json');
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('none.json: there is no such baseline')]);
  const missing = await run('compare', 'worse', '--baseline', 'none.json', '--out', 'missing');
  expect(missing.code).toBe(2);
  expect(missing.stdout).toContain('cannot tell (there is no baseline none.json; record one');
  expect(readFileSync(at('missing', 'gate.xml'), 'utf8')).toContain('<error type="cannot-tell"');
  writeFileSync(at('broken.json'), '{');
  const broken = await run('compare', 'worse', '--baseline', 'broken.json');
  expect({ code: broken.code, stdout: broken.stdout, stderr: broken.stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('broken.json: is not JSON') as string });
  expect((await run('compare', 'worse')).stderr).toContain('Give --baseline FILE, --against REF, or both');
}, 60_000);

it('an unfinished run is no baseline', async () => {
  const { code, stderr } = await run('baseline', 'record', 'open', 'open');
  expect(code).toBe(2);
  expect(stderr).toContain('open: the run is not finished: 0 failed and 1 not run');
}, 60_000);
