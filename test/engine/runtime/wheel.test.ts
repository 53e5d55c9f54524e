import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '../../../src/errors.js';
import { sha256 } from '../../../src/files.js';
import { wheelFor, type Wheel } from '../../../src/engine/runtime/platform.js';
import { downloadWheel, extractWheel } from '../../../src/engine/runtime/wheel.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-wheel-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const wheel: Wheel = { project: 'tensorflow-toy', version: '1.0', tags: ['any'], libraries: ['liba.so', 'libb.so'], bytes: 0 };
const log = (): string => join(folder, 'log');

/** A wheel with a RECORD; `damage` changes a member after its hash was taken. */
function makeWheel(damage = ''): string {
  const path = join(folder, 'tensorflow_toy-1.0-py3-none-any.whl');
  const script = `
import base64, hashlib, sys, zipfile
files = {
  'tensorflow/liba.so': b'a' * 3000000, 'tensorflow/libb.so': b'b', 'tensorflow/other.py': b'no',
  'tensorflow/include/tensorflow/c/c_api.h': b'#include <stddef.h>\\n#include "tensorflow/c/deep.h"\\n# include "near.h"\\n',
  'tensorflow/include/tensorflow/c/deep.h': b'#include "xla/types.h"\\n', 'tensorflow/include/tensorflow/c/near.h': b'',
  'tensorflow/include/xla/types.h': b'', 'tensorflow/include/xla/unused.h': b'',
}
record = ''.join('%s,sha256=%s,%d\\n' % (n, base64.urlsafe_b64encode(hashlib.sha256(d).digest()).rstrip(b'=').decode(), len(d)) for n, d in files.items())
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for name, data in files.items():
        z.writestr(name, data + (b'!' if name == sys.argv[2] else b''))
    z.writestr('tensorflow_toy-1.0.dist-info/RECORD', record)
`;
  const { status, stderr } = spawnSync('python3', ['-c', script, path, damage], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return path;
}

describe('unpacking a wheel', () => {
  it('takes the libraries and the headers that are included, and hashes the libraries', async () => {
    const files = await extractWheel(wheel, makeWheel(), join(folder, 'out'), ['tensorflow/c/c_api.h'], log(), () => {});
    expect(files).toEqual({ 'liba.so': { size: 3_000_000, sha256: sha256(Buffer.alloc(3_000_000, 'a')) }, 'libb.so': { size: 1, sha256: sha256('b') } });
    const found = readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name)).sort();
    expect(found).toEqual(['include/tensorflow/c/c_api.h', 'include/tensorflow/c/deep.h', 'include/tensorflow/c/near.h', 'include/xla/types.h', 'liba.so', 'libb.so']);
    expect(readFileSync(join(folder, 'out', 'libb.so'), 'utf8')).toBe('b');
  });

  it.each(['tensorflow/liba.so', 'tensorflow/include/xla/types.h'])('refuses %s when it differs from the hash in RECORD, and drops the wheel', async (member) => {
    const path = makeWheel(member);
    await expect(extractWheel(wheel, path, join(folder, 'out'), ['tensorflow/c/c_api.h'], log(), () => {})).rejects.toThrow(new RegExp(`${member} does not have the hash`));
    expect(existsSync(path)).toBe(false);
  });

  it('says when a library is not in it', async () => {
    const other: Wheel = { ...wheel, libraries: ['liba.so', 'libc.so'] };
    await expect(extractWheel(other, makeWheel(), join(folder, 'out'), [], log(), () => {})).rejects.toThrow(/the wheel lacks tensorflow\/libc\.so/);
  });
});

describe('downloading a wheel', () => {
  it('goes on with one that an interrupted set-up finished downloading, without pip', async () => {
    const path = makeWheel();
    vi.stubEnv('PATH', '/nowhere');
    expect(await downloadWheel(wheel, folder, log(), () => {})).toBe(path);
  });

  it('lists what was tried and the ways out when there is no pip', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const error = await downloadWheel(wheel, join(folder, 'empty'), log(), () => {}).catch((reason: unknown) => reason as EngineError);
    expect(error).toBeInstanceOf(EngineError);
    const text = (error as EngineError).describe();
    for (const part of ['python3 -m pip: not there', 'pip3: not there', 'MASKBENCH_TENSORFLOW', 'PIP_INDEX_URL', log()]) expect(text).toContain(part);
  });

  it("passes pip's own words on when the index does not have it", async () => {
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', folder);
    const error = await downloadWheel(wheel, join(folder, 'empty'), log(), () => {}).catch((reason: unknown) => reason as EngineError);
    expect((error as EngineError).message).toMatch(/pip download tensorflow-toy==1\.0 \(any\): .*No matching distribution found/);
  });
});

it('knows the wheel of tested platforms and refuses others by name', () => {
  expect(wheelFor('linux-x64').project).toBe('tensorflow-cpu');
  expect(() => wheelFor('win32-x64')).toThrow(/win32-x64/);
});
