import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { writeReports } from '../../src/report/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { fixture } from './fixture.js';

it('a report folder that cannot be made is the user\'s to change, and says that no result is lost', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const writing = writeReports(await fixture(), join(file, 'report'));
  await expect(writing).rejects.toThrow(UsageError);
  await expect(writing).rejects.toMatchObject({ where: join(file, 'report'), exitCode: 2, fix: expect.stringContaining('maskbench report') as unknown });
});
