import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, sha256File, writeFileAtomic } from '../../files.js';

/** What a finished folder of the cache holds: written last, checked by size at every start and by content on request. */
export interface Manifest {
  readonly schema: 1;
  /** TensorFlow's version as far as it is known before loading it. */
  readonly version: string;
  readonly source: string;
  readonly files: Readonly<Record<string, { readonly size: number; readonly sha256: string }>>;
}

export const MANIFEST = 'manifest.json';

export const writeManifest = (folder: string, manifest: Manifest): Promise<void> => writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);

/** Null when there is none, or when it is not one of ours. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    const value = (await readJson(join(folder, MANIFEST))) as Partial<Manifest> | null;
    return value?.schema === 1 && typeof value.files === 'object' ? (value as Manifest) : null;
  } catch {
    return null;
  }
}

export async function describeFile(path: string): Promise<{ readonly size: number; readonly sha256: string }> {
  return { size: (await stat(path)).size, sha256: await sha256File(path) };
}

/** Files that are missing or have another size, each with what is wrong. */
export async function checkSizes(folder: string, manifest: Manifest): Promise<readonly string[]> {
  const problems = await Promise.all(Object.entries(manifest.files).map(async ([name, { size }]) => {
    const found = await stat(join(folder, name)).then((file) => file.size, () => null);
    if (found === null) return `${name} is missing`;
    return found === size ? null : `${name} has ${found} bytes instead of ${size}`;
  }));
  return problems.filter((problem) => problem !== null);
}

/** As checkSizes, with the content read and hashed. */
export async function checkContent(folder: string, manifest: Manifest): Promise<readonly string[]> {
  const problems = [...(await checkSizes(folder, manifest))];
  if (problems.length > 0) return problems;
  for (const [name, { sha256 }] of Object.entries(manifest.files)) {
    const found = await sha256File(join(folder, name));
    if (found !== sha256) problems.push(`${name} has SHA-256 ${found} instead of ${sha256}`);
  }
  return problems;
}
