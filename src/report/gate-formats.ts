import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import type { Gate } from '../results/gate/index.js';
import { systemReason } from '../system-reason.js';
import { gateBenchmark } from './gate-benchmark.js';
import type { GateFormat } from './gate-format.js';
import { gateJunit } from './gate-junit.js';
import { gateMarkdown } from './gate-markdown.js';

/** Every one: one line to add one. */
export const gateFormats: readonly GateFormat[] = [gateMarkdown, gateJunit, gateBenchmark];

/** Writes all of them into `folder`, each atomically; gives the paths. UsageError where it cannot be written. */
export async function writeGate(gate: Gate, folder: string): Promise<readonly string[]> {
  const files = gateFormats.map(({ file, render }) => ({ path: join(folder, file), text: render(gate) }));
  try {
    for (const { path, text } of files) await writeFileAtomic(path, text);
  } catch (cause) {
    throw new UsageError(`the comparison cannot be written: ${systemReason(cause)}`, { where: folder, fix: 'Name a folder that can be written (--out DIR).', cause });
  }
  return files.map(({ path }) => path);
}
