import { expect, it } from 'vitest';
import { dataSource, methodSpec, protocolSpec } from '../../src/jobs/members.js';

it.each([['method', methodSpec], ['data source', dataSource], ['protocol', protocolSpec]] as const)('a %s is one of its registry, no property of every object', async (what, find) => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    await expect(find(name, 'a job')).rejects.toMatchObject({ kind: 'job', where: 'a job', message: `there is no ${what} ${name}` });
  }
});

it('a member is found by its name', async () => {
  expect([(await methodSpec('mae', '')).name, (await dataSource('emoji', '')).name, (await protocolSpec('knn', '')).name]).toEqual(['mae', 'emoji', 'knn']);
});
