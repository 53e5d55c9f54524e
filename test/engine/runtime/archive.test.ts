import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { downloadArchive, extractArchive } from '../../../src/engine/runtime/archive.js';
import { ensureRuntime } from '../../../src/engine/runtime/index.js';
import { openLibraryFolder } from '../../../src/engine/runtime/library-folder.js';
import { archiveFor, type Archive } from '../../../src/engine/runtime/platform.js';
import type { EngineError } from '../../../src/errors.js';
import { sha256 } from '../../../src/files.js';

/** Where the set-up looks for the archive: the server of the test. */
const { published } = vi.hoisted(() => ({ published: { archive: null as Archive | null } }));
vi.mock(import('../../../src/engine/runtime/platform.js'), async (original) => {
  const platform = await original();
  return { ...platform, archiveFor: (device, name) => published.archive ?? platform.archiveFor(device, name) };
});

let folder: string;
let server: Server;
let requests: { readonly range: string | undefined; readonly condition: string | undefined; readonly url: string | undefined }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let url: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-archive-'));
  requests = [];
  for (const name of ['HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(name, undefined);
  server = createServer((request, response) => {
    requests.push({ range: request.headers.range, condition: request.headers['if-range'] as string | undefined, url: request.url });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/libtensorflow.tar.gz`;
});
afterEach(async () => {
  published.archive = null;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));
const archive = (over: Partial<Archive> = {}): Archive => ({ name: 'libtensorflow-toy', version: '2.18.0', url, sha256: sha256(content), ...over });
const log = (): string => join(folder, 'log');
const download = (asked = archive()): Promise<string> => downloadArchive(asked, join(folder, 'download'), log(), () => {});

/** Serves like a storage service: whole, or from an offset while the file is still the same. */
const serve = (bytes: Buffer, etag: string) => (request: IncomingMessage, response: ServerResponse): void => {
  const offset = request.headers['if-range'] === etag ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? '0') : 0;
  response.writeHead(offset === 0 ? 200 : 206, { etag, 'content-length': bytes.length - offset });
  response.end(bytes.subarray(offset));
};
/** Breaks off after so many bytes. */
const breakOff = (bytes: Buffer, etag: string, after: number) => (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { etag, 'content-length': bytes.length });
  response.write(bytes.subarray(0, after), () => setTimeout(() => response.destroy(), 20));
};

describe('downloading the archive', () => {
  it('brings its bytes, tells how many, and takes a finished one again', async () => {
    answer = serve(content, '"one"');
    const seen: number[] = [];
    const file = await downloadArchive(archive(), join(folder, 'download'), log(), ({ phase, done, total }) => {
      expect({ phase, total }).toEqual({ phase: 'download-archive', total: content.length });
      seen.push(done);
    });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(seen.at(-1)).toBe(content.length);
    await download();
    expect(requests).toHaveLength(1);
  });

  it('goes on where it was broken off, within a call and after the end of the process', async () => {
    let calls = 0;
    answer = (request, response) => (calls++ === 0 ? breakOff(content, '"one"', 100_000) : serve(content, '"one"'))(request, response);
    expect(readFileSync(await download()).equals(content)).toBe(true);
    expect(requests[1]).toMatchObject({ range: expect.stringMatching(/^bytes=[1-9]\d*-$/), condition: '"one"' });

    const other = join(folder, 'killed');
    mkdirSync(other);
    writeFileSync(join(other, 'libtensorflow-toy-2.18.0.tar.gz.part'), content.subarray(0, 1234));
    const note = join(other, 'libtensorflow-toy-2.18.0.tar.gz.part.json');
    writeFileSync(note, JSON.stringify({ url, etag: '"one"' }));
    const written = statSync(note).mtimeMs;
    expect(readFileSync(await downloadArchive(archive(), other, log(), () => {})).equals(content)).toBe(true);
    expect(requests.at(-1)).toMatchObject({ range: 'bytes=1234-' });
    expect(statSync(note).mtimeMs).toBe(written);
  });

  it.each(['', '{', 'null', '[]', '{"url": 3}', 'no etag'])('starts anew where the note of an interrupted download cannot be read: %j', async (text) => {
    answer = serve(content, '"one"');
    mkdirSync(join(folder, 'download'));
    writeFileSync(join(folder, 'download', 'libtensorflow-toy-2.18.0.tar.gz.part'), 'half');
    writeFileSync(join(folder, 'download', 'libtensorflow-toy-2.18.0.tar.gz.part.json'), text === 'no etag' ? JSON.stringify({ url, etag: 5 }) : text);
    expect(readFileSync(await download()).equals(content)).toBe(true);
    expect(requests).toEqual([{ range: undefined, condition: undefined, url: '/libtensorflow.tar.gz' }]);
  });

  it('starts anew when the server has another file by now', async () => {
    let calls = 0;
    answer = (request, response) => (calls++ === 0 ? breakOff(Buffer.alloc(content.length), '"old"', 100_000) : serve(content, '"new"'))(request, response);
    expect(readFileSync(await download()).equals(content)).toBe(true);
  });

  it('is refused, and forgotten, when its SHA-256 is another than the pinned one', async () => {
    answer = serve(content, '"one"');
    const wrong = archive({ sha256: '0'.repeat(64) });
    await expect(download(wrong)).rejects.toThrow(new RegExp(`has the SHA-256 ${sha256(content)} instead of 0{64}`));
    expect(readdirSync(join(folder, 'download'))).toEqual([]);
  });

  it('is tried once where the server refuses, and three times where it fails', async () => {
    answer = (_, response) => response.writeHead(404).end();
    await expect(download()).rejects.toMatchObject({ tried: [`${url}: the server answers 404 Not Found`] });
    expect(requests).toHaveLength(1);
    answer = (_, response) => response.writeHead(503).end();
    await expect(download()).rejects.toMatchObject({ tried: [`${url}: the server answers 503 Service Unavailable`] });
    expect(requests).toHaveLength(4);
  });

  it('goes through the proxy of the environment, unless that is told not to', async () => {
    answer = serve(content, '"one"');
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
    await expect(download()).rejects.toThrow(/ECONNREFUSED 127\.0\.0\.1:1/);
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    await download();
    expect(requests).toHaveLength(1);
  });

  it('has a pinned hash for each device', () => {
    for (const device of ['cpu', 'cuda'] as const) expect(archiveFor(device, 'linux-x64')).toMatchObject({ url: expect.stringMatching(/^https:/), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(archiveFor('cpu', 'linux-arm64')).toBeNull();
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the third way', () => {
  /** An archive in the form of the published ones: versioned libraries, with links to them. */
  function makeArchive(): Buffer {
    const root = join(folder, 'published');
    mkdirSync(join(root, 'include', 'tensorflow', 'c'), { recursive: true });
    mkdirSync(join(root, 'lib'));
    writeFileSync(join(root, 'include', 'tensorflow', 'c', 'c_api.h'), '');
    for (const name of ['libtensorflow', 'libtensorflow_framework']) {
      writeFileSync(join(root, 'lib', `${name}.so.2.18.0`), `stands in for ${name}`);
      symlinkSync(`${name}.so.2.18.0`, join(root, 'lib', `${name}.so.2`));
      symlinkSync(`${name}.so.2`, join(root, 'lib', `${name}.so`));
    }
    const file = join(folder, 'published.tar.gz');
    expect(spawnSync('tar', ['-czf', file, '-C', root, 'include', 'lib']).status).toBe(0);
    return readFileSync(file);
  }

  it('unpacks to a folder of libraries, each with its hash', async () => {
    const file = join(folder, 'published.tar.gz');
    makeArchive();
    const target = join(folder, 'out');
    const files = await extractArchive(file, target, log(), () => {});
    expect(files).toEqual(Object.fromEntries(['libtensorflow', 'libtensorflow_framework'].map((name) => [`lib/${name}.so.2`, { size: `stands in for ${name}`.length, sha256: sha256(`stands in for ${name}`) }])));
    expect(await openLibraryFolder(target, 'X', false)).toMatchObject({ names: ['libtensorflow.so.2', 'libtensorflow_framework.so.2'], cuda: [] });
  });

  it('says so when the archive is none', async () => {
    writeFileSync(join(folder, 'broken.tar.gz'), 'no archive');
    await expect(extractArchive(join(folder, 'broken.tar.gz'), join(folder, 'out'), log(), () => {})).rejects.toThrow(/could not be unpacked: .*tar/);
  });

  const withoutPip = (): void => {
    vi.stubEnv('MASKBENCH_CACHE', join(folder, 'cache'));
    vi.stubEnv('MASKBENCH_TENSORFLOW', '');
    vi.stubEnv('MASKBENCH_DEVICE', 'cpu');
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const name of ['tar', 'gzip']) symlinkSync(spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim(), join(bin, name));
    vi.stubEnv('PATH', bin); // no python, no pip, no compiler
  };

  it('is taken where there is no pip; the compiler is all that it needs then', async () => {
    const bytes = makeArchive();
    answer = serve(bytes, '"one"');
    published.archive = archive({ name: 'libtensorflow-cpu', sha256: sha256(bytes) });
    withoutPip();
    const phases = new Set<string>();
    const error = await ensureRuntime({ onProgress: ({ phase }) => phases.add(phase) }).catch((reason: unknown) => reason as EngineError);
    expect((error as EngineError).describe()).toMatch(/the addon could not be built:\n {4}c\+\+: not there\n {4}g\+\+: not there\n {4}clang\+\+: not there.*C\+\+17 compiler/s);
    const runtime = join(folder, 'cache', 'runtimes', 'libtensorflow-cpu-2.18.0-linux-x64');
    expect(JSON.parse(readFileSync(join(runtime, 'manifest.json'), 'utf8'))).toMatchObject({ version: '2.18.0', source: `${url} (SHA-256 ${sha256(bytes)})` });
    expect(phases).toEqual(new Set(['download-archive', 'extract', 'build']));
    await ensureRuntime().catch(() => {});
    expect(requests).toHaveLength(1);
  });

  it('ends, where nothing can be reached, with everything that was tried and the ways out', async () => {
    answer = (_, response) => response.writeHead(403).end();
    published.archive = archive();
    withoutPip();
    const text = await ensureRuntime().catch((reason: unknown) => (reason as EngineError).describe());
    for (const part of ['python3 -m pip: not there', 'pip3: not there', `${url}: the server answers 403 Forbidden`, 'PIP_INDEX_URL', 'HTTPS_PROXY', 'MASKBENCH_TENSORFLOW', 'Log: ']) expect(text).toContain(part);
    expect(existsSync(join(folder, 'cache', 'runtimes'))).toBe(false);
  });
});
