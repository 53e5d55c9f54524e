import type { RunRecord, SharedEncoder } from './types.js';

/**
 * Entries whose seeds all judge one encoder: their pre-training comes to one key at every seed (someone's checkpoint).
 * Several transfers of one encoder are not several seeds: they tell nothing of how another encoder made that way would do.
 */
export function sharedEncoders(jobs: RunRecord['jobs']): readonly SharedEncoder[] {
  const keys = new Map<string, string[]>();
  for (const { kind, key, tags } of jobs) {
    const { entry } = tags;
    if (kind === 'pretrain' && entry !== undefined) keys.set(entry, [...keys.get(entry) ?? [], key]);
  }
  return [...keys].flatMap(([entry, own]) => (own.length > 1 && new Set(own).size === 1 ? [{ entry, transfers: own.length, reason: `one encoder, ${own.length} transfers` }] : []));
}
