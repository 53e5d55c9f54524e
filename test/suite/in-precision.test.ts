import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inPrecision } from '../../scripts/in-precision.mjs';
import { planSuite } from '../../src/catalog.js';
import { temporaryFolder } from '../temporary-folder.js';

it('quick can be planned from another folder in each precision, as `npm run test:precision` runs it', async () => {
  const folder = temporaryFolder();
  const keys: string[][] = [];
  for (const precision of ['f32', 'bf16']) {
    const file = join(folder, `${precision}.yaml`);
    writeFileSync(file, inPrecision(readFileSync('suites/quick.yaml', 'utf8'), precision));
    const { suite, plan } = await planSuite(file);
    expect(suite.engine.precision).toBe(precision);
    keys.push(plan.jobs.filter(({ kind }) => kind === 'transfer').map(({ key }) => key));
  }
  const { plan } = await planSuite('suites/quick.yaml');
  expect(keys[0]).toEqual(plan.jobs.filter(({ kind }) => kind === 'transfer').map(({ key }) => key));
  expect(keys[1]!.some((key) => keys[0]!.includes(key))).toBe(false);
});
