import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemReason } from '../src/system-reason.js';
import { temporaryFolder } from './temporary-folder.js';

it('says in words why the system refuses a file, and what another error says', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const reason = (act: () => unknown): string => {
    try {
      act();
      return 'nothing';
    } catch (error) {
      return systemReason(error);
    }
  };
  expect(reason(() => readFileSync(join(folder, 'none')))).toBe('there is no such file or folder');
  expect(reason(() => readFileSync(folder))).toBe('it is a folder');
  expect(reason(() => readFileSync(join(folder, 'file', 'x')))).toBe('a part of its path is a file, no folder');
  expect(reason(() => mkdirSync(join(folder, 'file')))).toBe('something else has its name');
  expect(reason(() => writeFileSync(join(folder, 'x'.repeat(300)), ''))).toBe('its name is too long');
  expect(reason(() => JSON.parse('{'))).toMatch(/JSON/);
  expect(systemReason('thrown as text')).toBe('thrown as text');
});
