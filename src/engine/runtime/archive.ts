import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Agent, EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { EngineError } from '../../errors.js';
import { readJson, sha256File } from '../../files.js';
import { lastLines, runCommand } from './command.js';
import { describeFile, type Manifest } from './manifest.js';
import { DownloadError } from './pip.js';
import type { Archive } from './platform.js';
import type { OnProgress } from './progress.js';

/**
 * The third way to TensorFlow's libraries, where there is no pip: the C library as the project publishes it, an archive
 * with `lib/` and `include/`. Its SHA-256 is pinned.
 */

/** What a part of a download belongs to: it is only gone on with while the server still has the same file. */
interface Part { readonly url: string; readonly etag: string | null }

const ATTEMPTS = 3;
/** A server that sends nothing for so long is given up on. */
const SILENCE_MS = 60_000;

/**
 * Downloads an archive into `folder` and returns its file. One that was interrupted, also by the end of the process, is
 * gone on with. HTTP_PROXY, HTTPS_PROXY and NO_PROXY are honoured. DownloadError, with what was tried.
 */
export async function downloadArchive(archive: Archive, folder: string, log: string, onProgress: OnProgress): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${archive.name}-${archive.version}.tar.gz`);
  const part = `${file}.part`;
  const finished = await stat(file).then(() => true, () => false);
  const tried: string[] = [];
  for (let attempt = 0; !finished; attempt++) {
    try {
      await receive(archive.url, part, onProgress);
      break;
    } catch (error) {
      tried.push(`${archive.url}: ${reasonOf(error)}`);
      if (attempt + 1 >= ATTEMPTS || error instanceof Refusal) throw new DownloadError([...new Set(tried)], log);
    }
  }
  if (!finished) await rename(part, file);
  const found = await sha256File(file);
  if (found === archive.sha256) return file;
  await Promise.all([file, `${part}.json`].map((path) => rm(path, { force: true })));
  throw new DownloadError([`${archive.url}: has the SHA-256 ${found} instead of ${archive.sha256}`], log);
}

/** The server answered, and asking again would bring the same answer. */
class Refusal extends Error {}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
};

/** undici warns that its agent for this is experimental: only who needs it shall see that. */
const namesProxy = (environment: NodeJS.ProcessEnv): boolean => ['http_proxy', 'https_proxy'].some((name) => (environment[name] ?? environment[name.toUpperCase()] ?? '') !== '');

/** Brings `part` to the whole file, from where it ends. */
async function receive(url: string, part: string, onProgress: OnProgress): Promise<void> {
  const note = `${part}.json`;
  const before = (await readJson(note).catch(() => null)) as Partial<Part> | null;
  const etag = before?.url === url && typeof before.etag === 'string' ? before.etag : null;
  const have = etag === null ? 0 : await stat(part).then(({ size }) => size, () => 0);
  const patience = { bodyTimeout: SILENCE_MS, headersTimeout: SILENCE_MS };
  const dispatcher = namesProxy(process.env) ? new EnvHttpProxyAgent(patience) : new Agent(patience);
  try {
    const response = await fetch(url, { dispatcher, headers: have === 0 ? {} : { range: `bytes=${have}-`, 'if-range': etag! } });
    if (response.status === 416) await rm(note, { force: true }); // the part is longer than the file: anew
    if (response.status >= 500 || response.status === 416) throw new Error(`the server answers ${response.status} ${response.statusText}`);
    if (!response.ok || response.body === null) throw new Refusal(`the server answers ${response.status} ${response.statusText}`);
    const start = response.status === 206 ? have : 0;
    // A part that is gone on with keeps its note: one that a kill cuts short here takes nothing that had arrived along.
    if (start === 0) await writeFile(note, JSON.stringify({ url, etag: response.headers.get('etag') } satisfies Part));
    await write(response, part, start, onProgress);
  } finally {
    await dispatcher.destroy();
  }
}

async function write(response: Response, part: string, start: number, onProgress: OnProgress): Promise<void> {
  const length = Number(response.headers.get('content-length') ?? '0');
  const total = length === 0 ? 0 : start + length;
  let done = start;
  const counted = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      done += chunk.length;
      onProgress({ phase: 'download-archive', done, total });
      yield chunk;
    }
  };
  await pipeline(Readable.from(response.body!), counted, createWriteStream(part, { flags: start === 0 ? 'w' : 'a' }));
  if (total !== 0 && done !== total) throw new Error(`ended after ${done} of ${total} bytes`);
}

/** Unpacks an archive into `target`; returns size and hash of the libraries. EngineError where it cannot be. */
export async function extractArchive(file: string, target: string, log: string, onProgress: OnProgress): Promise<Manifest['files']> {
  onProgress({ phase: 'extract', done: 0, total: 0 });
  await mkdir(target, { recursive: true });
  const { code } = await runCommand('tar', ['-xzf', file, '-C', target], { log });
  if (code !== 0) {
    throw new EngineError(`TensorFlow's archive could not be unpacked: ${code === null ? 'tar is not there' : (await lastLines(log, 1)).join('').trim()}`, { where: file, fix: `Needed: tar and gzip. Log: ${log}` });
  }
  const names = (await readdir(join(target, 'lib')).catch(() => [])).filter((name) => /\.so\.\d+$/.test(name));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [`lib/${name}`, await describeFile(join(target, 'lib', name))] as const)));
}
