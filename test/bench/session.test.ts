import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { tinyCase } from '../../bench/cases.js';
import { addVersions, withCase, type Session } from '../../bench/session.js';
import { temporaryFolder } from '../temporary-folder.js';

const session: Session = { rounds: 1, seconds: 0.1, cores: 1, device: 'cpu', python: { absent: 'no PyTorch' }, versions: {}, others: [], progress: () => undefined };

it('versions that differ between contestants are all named', () => {
  const versions: Record<string, string> = {};
  for (const oneDNN of ['on', 'on', 'off', 'on']) addVersions(versions, { tfjs: '4.22.0', oneDNN });
  expect(versions).toEqual({ tfjs: '4.22.0', oneDNN: 'on and off' });
});

it('a case lies in a folder of this process, where the next finds what a killed bench has left, and is gone afterwards', async () => {
  const cache = temporaryFolder();
  vi.stubEnv('MASKBENCH_CACHE', cache);
  const folder = join(cache, 'measure');
  await withCase(session, tinyCase, async () => {
    const [own, ...others] = readdirSync(folder);
    expect([own!.split('-')[0], others]).toEqual([String(process.pid), []]);
    writeFileSync(join(folder, own!, 'case.bin'), 'x');
    return Promise.resolve();
  });
  expect(readdirSync(folder)).toEqual([]);
  await expect(withCase(session, tinyCase, () => Promise.reject(new Error('planted')))).rejects.toThrow('planted');
  expect(readdirSync(folder)).toEqual([]);
});
