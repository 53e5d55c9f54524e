import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SuiteError } from '../../src/errors.js';
import { readSuite } from '../../src/suite/load.js';
import type { ResolvedClaim } from '../../src/suite/resolved.js';
import { temporaryFolder } from '../temporary-folder.js';
import { members, rightSuite } from './members.js';

const head = 'id: a, text: MAE is best., source: nobody';
const sure = `{ ${head}, difference: { entry: mae, against: scratch, tables: [fine-tune] }, above: 0 }`;

/** The right suite with claims, and files beside it. */
async function read(claims: string, files: Readonly<Record<string, string>> = {}): Promise<readonly ResolvedClaim[]> {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return (await readSuite(`${rightSuite}claims: ${claims}\n`, join(folder, 's.yaml'), members)).claims ?? [];
}

/** What is wrong, as a person reads it, without the folder. */
async function complaints(claims: string, files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  try {
    await read(claims, files);
    return [];
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    return error.message.split('\n').map((line) => line.replaceAll(/[^ ]*maskbench-test-[^/]*\//g, ''));
  }
}

it('claims of the suite and of files beside it stand in one list, with their defaults', async () => {
  expect(await read(`[${sure}, claims/more.yaml]`, { 'claims/more.yaml': '- { id: b, text: Cheap., source: us, ratio: { entry: mae-a, against: mae, quantity: pretrain_flops }, at_most: 1.05, tolerance: 0.01 }\n' })).toEqual([
    { id: 'a', text: 'MAE is best.', source: 'nobody', expression: { difference: { entry: 'mae', against: 'scratch', tables: ['fine-tune'] } }, bound: { kind: 'above', value: 0, tolerance: 0 }, lacks: null, without: [] },
    { id: 'b', text: 'Cheap.', source: 'us', expression: { ratio: { entry: 'mae-a', against: 'mae', quantity: 'pretrain_flops' } }, bound: { kind: 'at_most', value: 1.05, tolerance: 0.01 }, lacks: null, without: [] },
  ]);
  expect((await readSuite(rightSuite, 's.yaml', members)).claims).toBeUndefined();
});

/** [title, a claim of the suite itself, the text at whose last place it is wrong, what is said]. Claims stand in line 25. */
const slips: readonly (readonly [string, string, string, string])[] = [
  ['no expression', `{ ${head}, above: 0 }`, '{ id', 'claims[0]: a claim has one expression; add one of difference, order, best_on, ratio, information'],
  ['no bound', `{ ${head}, information: { entry: mae, against: scratch } }`, '{ id', 'claims[0]: a claim has one bound; add one of above, at_least, below, at_most'],
  ['points for fractions', sure.replace('above: 0', 'above: 5'), '5', 'claims[0].above: a difference of fractions lies from -1 to 1, so this bound says nothing of any result; 5 % or points are 0.05'],
  ['a bound that nothing can miss', sure.replace('above: 0', 'at_most: 1'), '1', 'claims[0].at_most: a difference of fractions lies from -1 to 1, so this bound says nothing of any result'],
  ['two bounds', sure.replace('above: 0', 'above: 0, below: 1'), 'below', 'claims[0].below: a claim has one bound, and this one has above; make two claims of it, or remove one'],
  ['itself', sure.replace('against: scratch', 'against: mae'), 'mae, tables', 'claims[0].difference.against: "mae" is compared with itself; name another entry'],
  ['unknown entry', sure.replace('entry: mae,', 'entry: mae-b,'), 'mae-b', 'claims[0].difference.entry: no entry is called "mae-b"; did you mean "mae-a"?'],
  ['unknown table', sure.replace('fine-tune', 'fine-tun'), 'fine-tun', 'claims[0].difference.tables[0]: the suite has no table "fine-tun"; did you mean "fine-tune"?'],
  ['unknown task', sure.replace('[fine-tune]', '[knn], tasks: [emoji/animal]'), 'emoji/animal', 'claims[0].difference.tasks[0]: the suite has no task "emoji/animal"; did you mean "emoji/animals"?'],
  ['unknown key', sure.replace('difference', 'diference'), 'diference', 'claims[0].diference: unknown key "diference"; did you mean "difference"?'],
  ['unknown rival', `{ ${head}, best_on: { entry: mae, against: [scratch, supervised], tables: [knn] }, at_most: 0.5 }`, 'supervised', 'claims[0].best_on.against[1]: no entry is called "supervised"; valid: scratch, mae, mae-a'],
  ['untrained', `{ ${head}, ratio: { entry: mae, against: scratch, quantity: pretrain_flops }, at_most: 1 }`, 'scratch', 'claims[0].ratio.against: "scratch" does not pre-train, so it has no cost'],
  ['no speed', `{ ${head}, ratio: { entry: mae, against: mae-a, quantity: seconds_per_step }, at_most: 1 }`, 'seconds', 'claims[0].ratio.quantity: seconds_per_step is of speed jobs, and the suite measures no speed (key speed)'],
  ['unknown model', `{ ${head}, ratio: { entry: mae, against: mae-a, quantity: pretrain_flops, models: [vit_tiny] }, at_most: 1 }`, 'vit_tiny', 'claims[0].ratio.models[0]: the suite has no model "vit_tiny"; there are none here'],
  ['a doubled id', `${sure}, ${sure}`, 'a, text', 'claims[1].id: "a" is the id of two claims; each needs its own'],
  ['no file', 'claims/none.yaml', 'claims/none', "claims[0]: the file claims/none.yaml cannot be read: there is no such file or folder; give a path from the suite's folder"],
];
it.each(slips)('%s is an error at its place', async (_, claim, wrong, message) => {
  const column = `claims: [${claim}]`.lastIndexOf(wrong) + 1;
  expect(await complaints(`[${claim}]`)).toEqual([`s.yaml:25:${column}: ${message}`]);
});

it('what is wrong with a file is said at its place there', async () => {
  const at = (text: string) => complaints('[c.yaml]', { 'c.yaml': text });
  expect(await at('id: a\n')).toEqual(['c.yaml:1:1: must be a list of mappings, is a mapping']);
  expect(await at('- { id: a, text: x, source: y, above: 0, ratio: { entry: mae, against: mae-a, quantity: time } }\n'))
    .toEqual(['c.yaml:1:89: [0].ratio.quantity: "time" is not valid here; valid: pretrain_flops, flops_per_image, flops_per_schedule, images_per_second, seconds_per_step, seconds_per_schedule']);
  expect(await at(`- ${sure}\n- ${sure.replace('id: a', 'id: c').replace(', above: 0', '')}\n`)).toEqual(['c.yaml:2:3: [1]: a claim has one bound; add one of above, at_least, below, at_most']);
  expect(await complaints('[c.yaml, d.yaml]', { 'c.yaml': `- ${sure}\n`, 'd.yaml': `- ${sure}\n` })).toEqual(['s.yaml:25:18: claims[1]: "a" is the id of two claims; each needs its own']);
});

describe('a claim in a file is not asked of a suite', () => {
  const inFile = async (claim: string): Promise<ResolvedClaim> => (await read('[c.yaml]', { 'c.yaml': `- ${claim}\n` }))[0]!;

  it('that lacks its entries', async () => {
    expect((await inFile(sure.replace('entry: mae,', 'entry: mae-b,'))).lacks).toBe('no entry is called "mae-b"');
  });

  it('that has none of its tables, or none of its tasks; one is enough, and the others are left out', async () => {
    const { expression, lacks, without } = await inFile(sure.replace('[fine-tune]', '[upernet, fine-tune], tasks: [emoji/vehicles, photos/all]'));
    expect(lacks).toBeNull();
    expect(without).toEqual(['upernet']);
    expect(expression).toEqual({ difference: { entry: 'mae', against: 'scratch', tables: ['fine-tune'], tasks: ['emoji/vehicles'] } });
    expect((await inFile(sure.replace('fine-tune', 'upernet'))).lacks).toBe('the suite has none of the tables upernet');
    const order = `{ ${head}, order: { entry: mae, against: scratch, more_on: { tables: [knn] }, than_on: { tables: [knn], tasks: [photos/all, cars/all] } }, above: 0 }`;
    expect((await inFile(order)).lacks).toBe('the suite has none of the tasks photos/all, cars/all');
  });

  it('that does not measure its quantity', async () => {
    expect((await inFile(`{ ${head}, ratio: { entry: mae, against: mae-a, quantity: seconds_per_step }, at_most: 1 }`)).lacks).toMatch(/the suite measures no speed/);
  });
});

it('overlap, and the masks of a detection, are tables as protocols are', async () => {
  const [one] = await read(`[${sure.replace('[fine-tune]', '[overlap, knn-masks]')}]`);
  expect(one!.lacks).toBeNull();
});

it('a file of claims may be named by its whole path', async () => {
  const file = join(temporaryFolder(), 'far.yaml');
  await writeFile(file, `- ${sure.replace('id: a', 'id: far')}\n`);
  expect((await read(`[${file}]`)).map(({ id }) => id)).toEqual(['far']);
});

it('mistakes in claims name the page of their keys too', async () => {
  await expect(read(`[${sure.replace('difference', 'diference')}]`)).rejects.toMatchObject({ fix: expect.stringContaining('docs/claims.md lists the keys of claims') as string });
});
