import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { hashJson, readJson, sha256, sha256File, writeFileAtomic } from '../../files.js';

/** A file younger than this may still change without a new time stamp: its hash is not remembered. */
const settledMs = 2000;

type Known = Record<string, { readonly stamp: string; readonly hash: string }>;

/**
 * SHA-256 over the sorted names, relative to `folder`, and contents of files. What cannot be read counts by its name and
 * the reason, so that it comes out equal as long as nothing changes. Hashes are remembered by (path, inode, size, times)
 * under MASKBENCH_CACHE; the memory is only a short cut, and may be removed at any time.
 */
export async function contentHash(folder: string, names: readonly string[]): Promise<string> {
  const memory = join(process.env['MASKBENCH_CACHE'] ?? envPaths('maskbench', { suffix: '' }).cache, 'content', `${sha256(folder).slice(0, 32)}.json`);
  const known = await recall(memory);
  const next: Known = {};
  const parts: [string, string][] = [];
  let changed = false;
  for (const name of [...names].sort()) {
    const path = join(folder, name);
    const info = await stat(path, { bigint: true }).catch(() => null);
    if (info === null || !info.isFile()) {
      parts.push([name, info === null ? 'missing' : 'not a file']);
      continue;
    }
    const stamp = [info.dev, info.ino, info.size, info.mtimeNs, info.ctimeNs].join(' ');
    const before = known[name];
    const hash = before?.stamp === stamp ? before.hash : await sha256File(path).catch(() => 'unreadable');
    parts.push([name, hash]);
    if (hash === 'unreadable') continue;
    const settled = Date.now() - Number(info.ctimeMs) > settledMs;
    if (settled) next[name] = { stamp, hash };
    if (before?.stamp !== stamp && settled) changed = true;
  }
  // A cache that cannot be written (read-only home) costs time, nothing else.
  if (changed) await writeFileAtomic(memory, JSON.stringify(next)).catch(() => undefined);
  return hashJson(parts);
}

async function recall(path: string): Promise<Known> {
  const value = await readJson(path).catch(() => null);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const known: Known = {};
  for (const [name, entry] of Object.entries(value as Record<string, { stamp?: unknown; hash?: unknown } | null>)) {
    const { stamp, hash } = entry ?? {};
    if (typeof stamp === 'string' && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)) known[name] = { stamp, hash };
  }
  return known;
}
