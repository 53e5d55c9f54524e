import { expect, it } from 'vitest';
import { DataError } from '../src/errors.js';

it('a name from data cannot move the cursor, nor begin a line where a file is named', () => {
  const error = new DataError('"a\u001b[2Jb" is missing\n  and so is more', { where: 'pictures/x\n::error title=forged::y', fix: 'Put it there.\u0007' });
  expect(error.describe()).toBe('pictures/x\\n::error title=forged::y: "a\\u001b[2Jb" is missing\n  and so is more\n  Put it there.\\u0007');
  expect(new DataError('Größe: 3 × 4\tpixels').describe()).toBe('Größe: 3 × 4\tpixels');
});
