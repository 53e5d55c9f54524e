import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../cache-folder.js';
import { hashJson, readJson, sha256, sha256File, writeFileAtomic } from '../../files.js';
import { filesAtOnce, mapInParallel } from './each-in-parallel.js';

/** A file younger than this may still change without a new time stamp: its hash is not remembered. */
const settledMs = 2000;

type Known = Record<string, { readonly stamp: string; readonly hash: string }>;

/**
 * SHA-256 over the sorted names, relative to `folder`, and contents of files. What cannot be read counts by its name and
 * the reason, so that it comes out equal as long as nothing changes.
 */
export async function contentHash(folder: string, names: readonly string[]): Promise<string> {
  const sorted = [...names].sort();
  const hashes = await fileHashes(folder, sorted);
  return hashJson(sorted.map((name, i) => [name, hashes[i]!]));
}

/** Whether one of `fileHashes` is that of a content, and not the reason why there is none. */
export const isFileHash = (hash: string): boolean => /^[0-9a-f]{64}$/.test(hash);

/**
 * SHA-256 of each file in `folder`, or `missing`, `not a file`, `unreadable`. Hashes are remembered by (path, inode, size,
 * times) in the cache folder; the memory is only a short cut, and may be removed at any time.
 */
export async function fileHashes(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const memory = join(cacheFolder(), 'content', `${sha256(folder).slice(0, 32)}.json`);
  const known = await recall(memory);
  const next: Known = {};
  let changed = false;
  const hashOf = async (name: string): Promise<string> => {
    const path = join(folder, name);
    const info = await stat(path, { bigint: true }).catch(() => null);
    if (info === null || !info.isFile()) return info === null ? 'missing' : 'not a file';
    const stamp = [info.dev, info.ino, info.size, info.mtimeNs, info.ctimeNs].join(' ');
    const before = known[name];
    const hash = before?.stamp === stamp ? before.hash : await sha256File(path).catch(() => null);
    if (hash === null) return 'unreadable';
    if (Date.now() - Number(info.ctimeMs) > settledMs) {
      next[name] = { stamp, hash };
      changed ||= before?.stamp !== stamp;
    }
    return hash;
  };
  const hashes = await mapInParallel(names, filesAtOnce, hashOf);
  // A cache that cannot be written (read-only home) costs time, nothing else.
  if (changed) await writeFileAtomic(memory, JSON.stringify(next)).catch(() => undefined);
  return hashes;
}

async function recall(path: string): Promise<Known> {
  const value = await readJson(path).catch(() => null);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const known: Known = {};
  for (const [name, entry] of Object.entries(value as Record<string, { stamp?: unknown; hash?: unknown } | null>)) {
    const { stamp, hash } = entry ?? {};
    if (typeof stamp === 'string' && typeof hash === 'string' && isFileHash(hash)) known[name] = { stamp, hash };
  }
  return known;
}
