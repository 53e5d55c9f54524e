import type { ResolvedEntry } from '../suite/resolved.js';

/** The entry that stands for a method: its first of all data; what others come from is another question. */
export const standsFor = (method: string, entries: readonly ResolvedEntry[]): ResolvedEntry | undefined =>
  entries.find((entry) => entry.method === method && (entry.pretrain === null || entry.pretrain.subset === 'full'));
