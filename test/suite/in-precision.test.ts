import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inPrecision } from '../../scripts/in-precision.mjs';
import { registries, suiteMembers } from '../../src/catalog.js';
import { loadSuite } from '../../src/suite/load.js';
import { temporaryFolder } from '../temporary-folder.js';

it('quick can be read from another folder in each precision, as `npm run test:precision` runs it', async () => {
  const members = suiteMembers(await registries());
  const file = join(temporaryFolder(), 'suite.yaml');
  const { suite: quick } = await loadSuite('suites/quick.yaml', members);
  for (const precision of ['f32', 'bf16'] as const) {
    writeFileSync(file, inPrecision(readFileSync('suites/quick.yaml', 'utf8'), precision));
    const { suite } = await loadSuite(file, members);
    expect(suite.engine).toEqual({ ...quick.engine, precision });
    const { name, seeds, model, data, entries, tasks } = quick;
    expect(suite).toMatchObject({ name, seeds, model, data, entries, tasks });
    expect(suite.claims ?? []).toEqual([]);
  }
});
