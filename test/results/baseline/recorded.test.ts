import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { averagePrecision } from '../../../src/metrics/index.js';
import { validateBaseline } from '../../../src/results/baseline/index.js';

const path = new URL('../../../baselines/recorded/quick.json', import.meta.url);

it('detectors of the recorded quick run find boxes at all: box AP50 over 0.2 for some entry, over both seeds', () => {
  const { cells } = validateBaseline(JSON.parse(readFileSync(path, 'utf8')), path.pathname);
  const byEntry = new Map<string, number[]>();
  for (const { entry, perImage } of cells) if (perImage.kind === 'detection') byEntry.set(entry, [...byEntry.get(entry) ?? [], averagePrecision(perImage.box).AP50]);
  const means = [...byEntry.values()].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  expect(means.length).toBeGreaterThan(5);
  expect(Math.max(...means)).toBeGreaterThan(0.2);
});
