import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { averagePrecision } from '../../../src/metrics/index.js';
import { registries, suiteMembers } from '../../../src/catalog.js';
import { validateBaseline } from '../../../src/results/baseline/index.js';
import { loadSuite } from '../../../src/suite/load.js';

const path = new URL('../../../baselines/recorded/quick.json', import.meta.url);

const { cells } = validateBaseline(JSON.parse(readFileSync(path, 'utf8')), path.pathname);

it('the recorded quick run is of the suite as it is: entries, tasks, protocols with their hashes', async () => {
  const { suite } = await loadSuite('suites/quick.yaml', suiteMembers(await registries()));
  const recorded = (pick: (cell: (typeof cells)[number]) => string): readonly string[] => [...new Set(cells.map(pick))].sort();
  expect(recorded(({ entry }) => entry)).toEqual(suite.entries.map(({ name }) => name).sort());
  expect(recorded(({ task }) => task)).toEqual(suite.tasks.map(({ name }) => name).sort());
  expect(recorded(({ protocol, protocolHash }) => `${protocol} ${protocolHash}`)).toEqual(suite.protocols.map(({ name, hash }) => `${name} ${hash}`).sort());
});

it('detectors of the recorded quick run find boxes at all: box AP50 over 0.2 for some entry, over both seeds', () => {
  const byEntry = new Map<string, number[]>();
  for (const { entry, perImage } of cells) if (perImage.kind === 'detection') byEntry.set(entry, [...byEntry.get(entry) ?? [], averagePrecision(perImage.box).AP50]);
  const means = [...byEntry.values()].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  expect(means.length).toBeGreaterThan(5);
  expect(Math.max(...means)).toBeGreaterThan(0.2);
});
