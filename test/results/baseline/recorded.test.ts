import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { averagePrecision } from '../../../src/metrics/index.js';
import { shortHash } from '../../../src/files.js';
import { registries, suiteMembers } from '../../../src/catalog.js';
import { setupOf, validateBaseline } from '../../../src/results/baseline/index.js';
import { loadSuite } from '../../../src/suite/load.js';

const path = new URL('../../../baselines/recorded/quick.json', import.meta.url);

const recorded = validateBaseline(JSON.parse(readFileSync(path, 'utf8')), path.pathname);
const { cells } = recorded;

it('the recorded quick run is of the suite as it is: entries, tasks, protocols with their hashes, model, data, schedules, seeds', async () => {
  const { suite } = await loadSuite('suites/quick.yaml', suiteMembers(await registries()));
  const all = (pick: (cell: (typeof cells)[number]) => string): readonly string[] => [...new Set(cells.map(pick))].sort();
  expect(all(({ entry }) => entry)).toEqual(suite.entries.map(({ name }) => name).sort());
  expect(all(({ task }) => task)).toEqual(suite.tasks.map(({ name }) => name).sort());
  expect(recorded.setup).toBe(setupOf(suite));
  expect([...new Set(cells.map(({ seed }) => seed))]).toEqual(suite.seeds);
  expect(all(({ protocol, protocolHash }) => `${protocol} ${protocolHash}`)).toEqual(suite.protocols.map(({ name, hash }) => `${name} ${hash}`).sort());
  const offered = suite.protocols.flatMap(({ name, options }) => suite.entries.map((entry) => `${entry.name} ${name} ${shortHash(entry.protocols[name] ?? options)}`));
  expect(all(({ entry, protocol, optionsHash }) => `${entry} ${protocol} ${optionsHash}`)).toEqual([...new Set(offered)].sort());
});

it('detectors of the recorded quick run find boxes at all: box AP50 over 0.2 for some entry, over both seeds', () => {
  const byEntry = new Map<string, number[]>();
  for (const { entry, perImage } of cells) if (perImage.kind === 'detection') byEntry.set(entry, [...byEntry.get(entry) ?? [], averagePrecision(perImage.box).AP50]);
  const means = [...byEntry.values()].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  expect(means.length).toBeGreaterThan(5);
  expect(Math.max(...means)).toBeGreaterThan(0.2);
});
