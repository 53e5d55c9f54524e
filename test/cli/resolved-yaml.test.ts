import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { resolvedYaml } from '../../src/cli/resolved-yaml.js';
import type { ResolvedSuite } from '../../src/suite/resolved.js';
import { readSuite } from '../../src/suite/load.js';
import { members, rightSuite } from '../suite/members.js';

it('a plan shows which claims are asked', async () => {
  const suite = await readSuite(rightSuite, 's.yaml', members);
  const claim = { id: 'a', text: 'x', source: 'y', expression: { information: { entry: 'mae', against: 'scratch' } }, bound: { kind: 'above', value: 0, tolerance: 0 }, lacks: null, without: [] } as const;
  const shown = parse(resolvedYaml({ ...suite, claims: [claim, { ...claim, id: 'b', lacks: 'no entry is called "moce"' }] })) as ResolvedSuite;
  expect(shown.claims).toEqual({ a: 'asked', b: 'not asked here: no entry is called "moce"' });
  expect(parse(resolvedYaml(suite))).toEqual(suite);
});
