import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from './open.js';
import { checkGradient } from './gradient.js';
import { writtenGradients } from './written-cases.js';

beforeAll(async () => {
  await openEngine({ threads: 1 });
});

describe.each(Object.entries(writtenGradients))('gradients written by hand in %s', (_, cases) => {
  it.each(cases)('agree with central differences: $name', ({ f, inputs }) => {
    checkGradient(f, inputs);
  });
});

it('covers every gradient that is written by hand: as many operations a module as there are calls', () => {
  const source = new URL('../../src/', import.meta.url).pathname;
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && file !== 'models/with-gradient.ts');
  const calls = files.map((file) => [file, readFileSync(join(source, file), 'utf8').match(/\b(withGradient|customGrad)\s*\(/g)?.length ?? 0] as const).filter(([, count]) => count > 0);
  const tested = Object.entries(writtenGradients).map(([file, cases]) => [file, new Set(cases.map((one) => one.of)).size] as const);
  expect(Object.fromEntries(calls)).toEqual(Object.fromEntries(tested));
});
