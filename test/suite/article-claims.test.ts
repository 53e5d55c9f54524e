import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { registries, suiteMembers } from '../../src/catalog.js';
import { suiteNodes } from '../../src/jobs/nodes/index.js';
import { readClaims } from '../../src/suite/claims/read.js';
import { loadSuite, readSuite } from '../../src/suite/load.js';
import type { ResolvedSuite } from '../../src/suite/resolved.js';

interface Photos { readonly tasks: readonly string[] }
interface Written { readonly id: string; readonly source: string; readonly order?: { readonly more_on: { readonly tasks?: readonly string[] }; readonly than_on: { readonly tasks?: readonly string[] } } }

const file = 'suites/claims/article.yaml';
const known = await registries();
const members = suiteMembers(known);
const { suite: quick, text } = await loadSuite('suites/quick.yaml', members);
const written = parse(await readFile(file, 'utf8')) as readonly Written[];

it('each of the claims that come with the project can be asked of a suite that has everything', async () => {
  const extra = ['mixedae-naive'].map((name) => ({ ...quick.entries.find((entry) => entry.name === 'mixedae')!, name }));
  const protocol = (name: string) => ({ ...quick.protocols[0]!, name });
  const all: ResolvedSuite = {
    ...quick,
    entries: [...quick.entries.filter(({ name }) => name !== 'mixedae-naive'), ...extra],
    tasks: [...quick.tasks, { name: 'emoji/living-kinds', data: 'emoji', task: 'living-kinds' }],
    protocols: ['fine-tune', 'upernet', 'mask-rcnn', 'cascade-mask-rcnn'].map(protocol),
    speed: { models: [{ ...quick.model, name: 'vit_base' }], batch_size: 8, rounds: 3, seconds: 1, loaders: 1 },
  };
  const { claims, problems } = await readClaims(['claims/article.yaml'], 'suites/all.yaml', all);
  expect(problems).toEqual([]);
  expect(claims).toHaveLength(written.length);
  expect(claims.filter(({ lacks }) => lacks !== null)).toEqual([]);
});

it('their tasks are ones that sources offer, each in one group, and every protocol is one that is registered', async () => {
  const offered = (await members.sources['emoji']!.tasks({})).filter(({ development }) => !development).map(({ name }) => `emoji/${name}`);
  const photos = parse(await readFile('suites/photos.yaml', 'utf8')) as Photos;
  const groups = written.flatMap(({ order }) => (order?.more_on.tasks === undefined ? [] : [[...order.more_on.tasks, ...order.than_on.tasks ?? []]]));
  expect(groups).toHaveLength(2);
  // The claim and its fair form are of the same tasks.
  expect(groups[1]).toEqual(groups[0]);
  const named = groups[0]!;
  expect(named.length).toBeGreaterThan(10);
  expect(new Set(named).size).toBe(named.length);
  for (const task of named) expect([...offered, ...photos.tasks]).toContain(task);
  for (const [, tables] of (await readFile(file, 'utf8')).matchAll(/tables: \[([^\]]*)\]/g)) {
    for (const table of tables!.split(', ')) expect([...Object.keys(members.protocols), 'overlap', 'overlap-above-disc']).toContain(table);
  }
});

it('each says how far it is known', () => {
  for (const { id, source } of written) expect(source, id).toMatch(/found|recalled|no paper|as for|the same/i);
});

it('claims change no job', async () => {
  const without = text.replace(/^claims:.*\n/m, '');
  const [bare, asking] = await Promise.all([without, `${without}claims: [claims/article.yaml]\n`].map((one) => readSuite(one, 'suites/quick.yaml', members)));
  expect([bare!.claims, asking!.claims?.length]).toEqual([undefined, written.length]);
  expect(await suiteNodes(asking!, known)).toEqual(await suiteNodes(bare!, known));
});
