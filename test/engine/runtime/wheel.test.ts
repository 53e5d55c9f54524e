import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../../src/files.js';
import { runCommand } from '../../../src/engine/runtime/command.js';
import { downloadWheels } from '../../../src/engine/runtime/pip.js';
import { wheelFor } from '../../../src/engine/runtime/platform.js';
import { extractWheel, installWheel, requirementsOf, type Extraction } from '../../../src/engine/runtime/wheel.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-wheel-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const HEADERS = ['tensorflow/c/c_api.h'];
const extraction: Extraction = { members: ['tensorflow/liba.so', 'tensorflow/libb.so'], pattern: null, include: 'tensorflow/include/', headers: HEADERS, strip: 'tensorflow/' };
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
    const { files } = await extractWheel(makeWheel(), extraction, join(folder, 'out'), log(), () => {});
    expect(files).toEqual({ 'liba.so': { size: 3_000_000, sha256: sha256(Buffer.alloc(3_000_000, 'a')) }, 'libb.so': { size: 1, sha256: sha256('b') } });
    const found = readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name)).sort();
    expect(found).toEqual(['include/tensorflow/c/c_api.h', 'include/tensorflow/c/deep.h', 'include/tensorflow/c/near.h', 'include/xla/types.h', 'liba.so', 'libb.so']);
    expect(readFileSync(join(folder, 'out', 'libb.so'), 'utf8')).toBe('b');
  });

  it.each(['tensorflow/liba.so', 'tensorflow/include/xla/types.h'])('refuses %s when it differs from the hash in RECORD, and drops the wheel', async (member) => {
    const path = makeWheel(member);
    await expect(extractWheel(path, extraction, join(folder, 'out'), log(), () => {})).rejects.toThrow(new RegExp(`${member} does not have the hash`));
    expect(existsSync(path)).toBe(false);
  });

  it('drops one that is cut short', async () => {
    const path = makeWheel();
    truncateSync(path, 1_000_000);
    await expect(extractWheel(path, extraction, join(folder, 'out'), log(), () => {})).rejects.toThrow(/could not be unpacked: zipfile\.BadZipFile/);
    expect(existsSync(path)).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('keeps a good one where the disk is full, and says whose disk', async () => {
    vi.stubEnv('MASKBENCH_CACHE', folder);
    const path = makeWheel();
    mkdirSync(join(folder, 'out'));
    symlinkSync('/dev/full', join(folder, 'out', 'liba.so'));
    const failing = extractWheel(path, extraction, join(folder, 'out'), log(), () => {});
    await expect(failing).rejects.toMatchObject({ kind: 'engine', where: folder, message: expect.stringContaining('No space left on device') as string, fix: expect.stringContaining('MASKBENCH_CACHE') as string });
    expect(existsSync(path)).toBe(true);
  });

  it('passes over what a python3 that is a wrapper prints', async () => {
    const path = makeWheel();
    const real = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'python3'), `#!/bin/sh\nprintf 'Loading python/3\\n\\n[1]\\nnull\\n{"level": "info"}\\n'\nexec '${real}' "$@"\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
    const progress: unknown[] = [];
    const { files } = await extractWheel(path, extraction, join(folder, 'out'), log(), (event) => progress.push(event));
    expect(Object.keys(files)).toEqual(['liba.so', 'libb.so']);
    expect(progress).toEqual([]);
  });

  it('says when a library is not in it', async () => {
    const other: Extraction = { ...extraction, members: ['tensorflow/liba.so', 'tensorflow/libc.so'] };
    await expect(extractWheel(makeWheel(), other, join(folder, 'out'), log(), () => {})).rejects.toThrow(/the wheel lacks tensorflow\/libc\.so/);
  });
});

it.skipIf(process.platform !== 'linux')('a log that cannot be written is an error that names the cache folder and what to do', async () => {
  vi.stubEnv('MASKBENCH_CACHE', folder);
  await expect(runCommand('echo', ['x'], { log: '/dev/full' })).rejects.toMatchObject({
    kind: 'engine', where: folder, message: expect.stringMatching(/^the log \/dev\/full cannot be written: ENOSPC/) as string, fix: expect.stringContaining('MASKBENCH_CACHE') as string,
  });
});

it('Python files in the current folder are not run', async () => {
  const path = makeWheel();
  const here = join(folder, 'here');
  mkdirSync(here);
  for (const name of ['pip', 'csv', 'zipfile']) writeFileSync(join(here, `${name}.py`), `open(${JSON.stringify(join(folder, `ran ${name}`))}, 'w')\n`);
  vi.stubEnv('PIP_NO_INDEX', '1');
  const before = process.cwd();
  process.chdir(here);
  try {
    await extractWheel(path, extraction, join(folder, 'out'), log(), () => {}).catch(() => undefined);
    await downloadWheels(['tensorflow-toy==1.0'], options(join(folder, 'empty'))).catch(() => undefined);
  } finally {
    process.chdir(before);
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('ran '))).toEqual([]);
  expect(existsSync(join(folder, 'out', 'liba.so'))).toBe(true);
  expect(readFileSync(log(), 'utf8')).toContain('No matching distribution found');
});

const options = (place: string): Parameters<typeof downloadWheels>[1] => ({ tags: ['any'], folder: place, log: log(), onBytes: () => {} });

describe('downloading wheels', () => {
  it('goes on with one that an interrupted set-up finished downloading, without pip', async () => {
    const path = makeWheel();
    vi.stubEnv('PATH', '/nowhere');
    expect(await downloadWheels(['tensorflow-toy==1.0'], options(folder))).toEqual([path]);
    await expect(downloadWheels(['tensorflow-toy==1.1'], options(folder))).rejects.toThrow(/pip3: not there/);
  });

  it('says what was tried when there is no pip', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(downloadWheels(['tensorflow-toy==1.0'], options(join(folder, 'empty')))).rejects.toMatchObject({ tried: expect.arrayContaining(['python3 -m pip: not there', 'pip3: not there']) });
  });

  it("passes pip's own words on when the index does not have it", async () => {
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', folder);
    await expect(downloadWheels(['tensorflow-toy==1.0'], options(join(folder, 'empty')))).rejects.toThrow(/pip download tensorflow-toy==1\.0 \(any\): .*No matching distribution found/);
  });
});

describe('a wheel with an extra', () => {
  const REQUIRES = [
    'numpy>=1.26.0', 'nvidia-toy-cu12<13.0,>=12.5; extra == "and-cuda"', "nvidia-other-cu12 (>=9.3) ; extra == 'and-cuda'",
    'tensorflow-io>=0.23.1; (sys_platform != "win32" and python_version < "3.13") and extra == "gcs-filesystem"',
  ];

  it('requires what its metadata says for this extra, and nothing else', () => {
    expect(requirementsOf(REQUIRES, 'and-cuda')).toEqual(['nvidia-toy-cu12<13.0,>=12.5', 'nvidia-other-cu12>=9.3']);
    expect(requirementsOf(REQUIRES, 'and')).toEqual([]);
  });

  /** A folder that pip takes for an index: TensorFlow's wheel and those that its extra requires, in two versions. */
  function makeIndex(): string {
    const index = join(folder, 'index');
    const script = `
import base64, hashlib, os, sys, zipfile
def wheel(project, version, files, requires=(), mode={}):
    base = project.replace('-', '_') + '-' + version
    metadata = 'Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n' % (project, version) + ''.join('Requires-Dist: %s\\n' % r for r in requires)
    files = dict(files, **{base + '.dist-info/METADATA': metadata.encode(), base + '.dist-info/WHEEL': b'Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: py3-none-manylinux2014_x86_64\\n'})
    record = ''.join('%s,sha256=%s,%d\\n' % (n, base64.urlsafe_b64encode(hashlib.sha256(d).digest()).rstrip(b'=').decode(), len(d)) for n, d in files.items())
    with zipfile.ZipFile(os.path.join(sys.argv[1], base + '-py3-none-manylinux2014_x86_64.whl'), 'w') as z:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if name.endswith('ptxas') else 0o100644) << 16
            z.writestr(info, data)
        z.writestr(base + '.dist-info/RECORD', record)
os.makedirs(sys.argv[1])
wheel('tensorflow-toy', '1.0', {'tensorflow/liba.so': b'a', 'tensorflow/libb.so': b'b', 'tensorflow/include/tensorflow/c/c_api.h': b''}, ${JSON.stringify(REQUIRES)})
for version in ('12.4', '12.6', '13.1'):
    wheel('nvidia-toy-cu12', version, {'nvidia/toy/lib/libtoy.so.12': version.encode(), 'nvidia/toy/include/toy.h': b'', 'nvidia/toy/__init__.py': b''})
wheel('nvidia-other-cu12', '9.4', {'nvidia/other/lib/libother.so.9': b'o', 'nvidia/other/bin/ptxas': b'p', 'nvidia/other/nvvm/libdevice/libdevice.10.bc': b'd', 'nvidia/other/lib/libother_static.a': b's'})
`;
    const { status, stderr } = spawnSync('python3', ['-c', script, index], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return index;
  }

  it('is laid out as an installed package is, with the newest versions that fit', async () => {
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', makeIndex());
    const wheel = { project: 'tensorflow-toy', version: '1.0', tags: ['manylinux_2_27_x86_64', 'manylinux2014_x86_64'], libraries: ['liba.so', 'libb.so'] as const, extra: 'and-cuda', bytes: 0 };
    const phases = new Set<string>();
    const { files, source } = await installWheel(wheel, join(folder, 'download'), join(folder, 'out'), HEADERS, log(), ({ phase }) => phases.add(phase));
    const names = ['nvidia/other/bin/ptxas', 'nvidia/other/lib/libother.so.9', 'nvidia/other/nvvm/libdevice/libdevice.10.bc', 'nvidia/toy/lib/libtoy.so.12', 'tensorflow/liba.so', 'tensorflow/libb.so'];
    expect(Object.keys(files).sort()).toEqual(names);
    const found = readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, 'out', name)).isFile()).sort();
    expect(found).toEqual([...names, 'tensorflow/include/tensorflow/c/c_api.h'].sort());
    expect(readFileSync(join(folder, 'out', 'nvidia/toy/lib/libtoy.so.12'), 'utf8')).toBe('12.6');
    expect(statSync(join(folder, 'out', 'nvidia/other/bin/ptxas')).mode & 0o111).not.toBe(0);
    expect(source).toBe('tensorflow_toy-1.0-py3-none-manylinux2014_x86_64.whl, nvidia_toy_cu12-12.6-py3-none-manylinux2014_x86_64.whl, nvidia_other_cu12-9.4-py3-none-manylinux2014_x86_64.whl');
    expect(phases).toContain('download');
  });
});

it('knows the wheels of tested platforms and refuses others by name', () => {
  expect(wheelFor('cpu', 'linux-x64')).toMatchObject({ project: 'tensorflow-cpu', extra: null });
  expect(wheelFor('cuda', 'linux-x64')).toMatchObject({ project: 'tensorflow', extra: 'and-cuda' });
  expect(() => wheelFor('cpu', 'win32-x64')).toThrow(/win32-x64/);
  expect(() => wheelFor('cuda', 'linux-arm64')).toThrow(/linux-arm64 for the device cuda/);
});
