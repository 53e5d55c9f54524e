import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { planSuite } from '../../src/catalog.js';
import { exportCommand, exportEncoder } from '../../src/cli/export.js';
import { openStore } from '../../src/runner/store.js';
import { beginWork, finishWork } from '../../src/runner/store/work.js';

const suite = 'test/fixtures/emoji.yaml';

/** An encoder of any size is one of 2 GiB, which Node reads into no buffer. */
vi.mock(import('node:fs/promises'), async (load) => {
  const real = await load();
  const readFile = (async (...args: Parameters<typeof real.readFile>) => {
    if (typeof args[0] === 'string' && args[0].endsWith('encoder.safetensors')) throw Object.assign(new RangeError('File size (2147483649) is greater than 2 GiB'), { code: 'ERR_FS_FILE_TOO_LARGE' });
    return real.readFile(...args);
  }) as typeof real.readFile;
  return { ...real, readFile };
});

describe('export', () => {
  let folder: string;
  let store: string;
  const out = (): string => join(folder, 'out.safetensors');

  /** A store in which the entry `mae` has finished at the seeds 0, 2 and 7, of which the suite itself names the first. */
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'maskbench-export-'));
    store = join(folder, 'store');
    const { layout } = await openStore(store);
    const { plan } = await planSuite(suite, { alsoSeeds: [2, 7] });
    for (const job of plan.jobs) {
      if (job.kind !== 'pretrain' || job.tags['entry'] !== 'mae') continue;
      const work = await beginWork(layout, job.key, 'here');
      writeFileSync(join(work.out, 'encoder.safetensors'), `encoder of ${job.id}`);
      await finishWork(layout, job.key, work, { id: job.id, kind: job.kind, seed: job.config['seed'] });
    }
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([[undefined, 0], [7, 7]])('--seed %s writes the encoder of seed %i, whether or not the suite names it', async (seed, found) => {
    const written = await exportEncoder('mae', { suite, store, out: out(), ...(seed === undefined ? {} : { seed }) });
    expect(written).toMatchObject({ path: out(), job: `pretrain/mae/s${found}`, bytes: 26 });
    expect(readFileSync(out(), 'utf8')).toBe(`encoder of pretrain/mae/s${found}`);
    expect(readdirSync(folder).sort()).toEqual(['out.safetensors', 'store']);
  });

  it('an entry that comes to the same job has its encoder too', async () => {
    expect(await exportEncoder('twin', { suite, store, seed: 2, out: out() })).toMatchObject({ job: 'pretrain/twin/s2' });
    expect(readFileSync(out(), 'utf8')).toBe('encoder of pretrain/mae/s2');
  });

  it('a seed that the store has not is said with those that it has', async () => {
    await expect(exportEncoder('mae', { suite, store, seed: 5, out: out() })).rejects.toMatchObject({
      kind: 'usage', message: 'the store has no encoder of entry mae at seed 5', fix: 'It has these seeds: 0, 2, 7. Name one with --seed, or run the suite with more --seeds.',
    });
    await expect(exportEncoder('mae-a', { suite, store, seed: 7, out: out() })).rejects.toMatchObject({ fix: expect.stringMatching(/^Run it first: .*; a seed that the suite does not name comes with --seeds N$/) as string });
    await expect(exportEncoder('mae', { suite, store: join(folder, 'none'), out: out() })).rejects.toMatchObject({ fix: `Run it first: maskbench run ${suite} --only entry=mae --store ${join(folder, 'none')}` });
  });

  it('an unknown entry is said with the nearest', async () => {
    await expect(exportEncoder('mea', { suite, store, out: out() })).rejects.toMatchObject({ message: 'the suite has no entry mea (did you mean "mae"?)', fix: 'Its entries: scratch, mae, mae-a, twin.' });
  });

  it('a file that cannot be written is the user\'s to change', async () => {
    mkdirSync(join(folder, 'is a folder', 'x'), { recursive: true });
    for (const place of [join(folder, 'is a folder'), '/proc/x/y.safetensors']) {
      await expect(exportEncoder('mae', { suite, store, out: place })).rejects.toMatchObject({ kind: 'usage', where: place, message: expect.stringMatching(/^the encoder cannot be written: /) as string });
    }
  });

  it('documents itself', () => {
    const help = exportCommand();
    expect(help.options.map(({ long }) => long)).toEqual(['--suite', '--seed', '--task', '--store', '--out', '--json']);
  });
});
