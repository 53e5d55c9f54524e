import { UsageError } from '../../errors.js';
import type { Json, JsonObject } from '../../files.js';
import type { RunRecord } from '../../results/types.js';
import { parseYaml } from '../../suite/yaml.js';

/** Rounds of one visit: a warm one less than two would be none. */
const rounds = 2;

/**
 * The suite of a run with nothing but its speed, as text for both versions of the program. Each visit asks for a turn that is longer by a
 * microsecond: another key, so that a store in which the data is prepared measures again. UsageError where the suite measures none.
 */
export function speedSuite({ suiteText, suite }: Pick<RunRecord, 'suite' | 'suiteText'>, visit: number): string {
  const written = parseYaml(suiteText, 'the suite of the run').value as JsonObject;
  const speed = written['speed'] as JsonObject | undefined;
  const resolved = suite as { readonly speed?: { readonly seconds: number } | null; readonly entries: readonly { readonly name: string; readonly pretrain: Json }[] };
  if (speed === undefined || resolved.speed === undefined || resolved.speed === null) {
    throw new UsageError('the suite of the run measures no speed', { fix: 'Give the suite a `speed` block, for example: speed: { batch_size: 64 }' });
  }
  const trained = new Set(resolved.entries.filter(({ pretrain }) => pretrain !== null).map(({ name }) => name));
  const entries = (written['entries'] as readonly JsonObject[]).filter(({ name }) => trained.has(name as string)).map((entry) => ({
    ...without(entry, ['protocols']), ...('controls' in entry ? { controls: [] } : {}),
  }));
  const kept = without(written, ['$schema', 'tasks', 'protocols', 'reference', 'snapshots', 'attention', 'gate', 'claims']);
  return `${JSON.stringify({ ...kept, entries, speed: { ...speed, rounds, seconds: resolved.speed.seconds + visit * 1e-6 } }, null, 1)}\n`;
}

const without = (object: JsonObject, names: readonly string[]): JsonObject => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
