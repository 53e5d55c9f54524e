import { describe, expect, it } from 'vitest';
import { readSuite } from '../../src/suite/load.js';
import type { SuiteMembers } from '../../src/suite/members.js';
import type { ResolvedEntry } from '../../src/suite/resolved.js';
import { members, rightSuite } from './members.js';

const first = '{ name: moce, method: moce, start: mae, mask_ratio: 0.5, subset: split-a, batch_size: 32, schedule: { epochs: 3 } }';

/** With a method that takes one of two encoders for a task. */
const searching: SuiteMembers = { ...members, methods: { ...members.methods, moce: { ...members.methods['moce']!, everySearch: (options) => [1, 2].map((experts) => ({ ...options, experts })) } } };

async function entriesOf(lines: readonly string[], reference = 'mae', known = members): Promise<readonly ResolvedEntry[]> {
  const from = '  - { name: mae, method: mae }\n';
  expect(rightSuite).toContain(from);
  const text = rightSuite.replace(from, `${from}${lines.map((line) => `  - ${line}\n`).join('')}`).replace('reference: mae', `reference: ${reference}`);
  return (await readSuite(text, 's.yaml', known)).entries;
}
const addedTo = async (...lines: readonly string[]): Promise<readonly string[]> => (await entriesOf(lines)).slice(3 + lines.length).map(({ name }) => name);

describe('an entry that goes on from another', () => {
  it('comes with its start trained on, on the same images with the options that both have', async () => {
    const pretrain = { data: 'emoji', subset: 'split-a', batch_size: 32 };
    // Not methods.mae's mask ratio and decoder: what the owner has, and what it does not say.
    const rest = { method: 'mae', start: 'mae', options: { mask_ratio: 0.5, norm_pix_loss: true }, protocols: {} };
    expect((await entriesOf([first])).slice(4)).toEqual([
      { name: 'mae+epochs', title: 'mae, trained on as long as moce', ...rest, pretrain: { ...pretrain, schedule: { epochs: 3, of: null } } },
      { name: 'mae+flops', title: 'mae, trained on for as many FLOPs as moce in all', ...rest, pretrain: { ...pretrain, schedule: { epochs: 0, of: null, flops_of: 'moce' } } },
    ]);
    expect((await entriesOf([])).map(({ name }) => name)).toEqual(['scratch', 'mae', 'mae-a']);
  });

  it('comes with controls whose lengths are told in epochs of the same subset, so that warm-ups are as long', async () => {
    const added = (await entriesOf([first.replace('{ epochs: 3 }', '{ epochs: 3, of: full }')])).slice(4);
    expect(added.map(({ name, pretrain }) => [name, pretrain!.schedule])).toEqual([['mae+epochs', { epochs: 3, of: 'full' }], ['mae+flops', { epochs: 0, of: 'full', flops_of: 'moce' }]]);
  });

  it('comes with those that it asks for, and with none of a name that the suite has', async () => {
    expect(await addedTo(first.replace('method: moce', 'method: moce, controls: []'))).toEqual([]);
    expect(await addedTo(first.replace('method: moce', 'method: moce, controls: [flops]'))).toEqual(['mae+flops']);
    expect(await addedTo(first, '{ name: mae+flops, method: mae, start: mae, schedule: { flops_of: moce } }')).toEqual(['mae+epochs']);
  });

  it('is named in its controls where another asks for the same of one start', async () => {
    const other = first.replace('name: moce,', 'name: other, controls: [flops],');
    expect(await addedTo(first, other)).toEqual(['mae+epochs', 'mae+flops-moce', 'mae+flops-other']);
    expect(await addedTo(first, other.replace('start: mae', 'start: mae-a'))).toEqual(['mae+epochs', 'mae+flops', 'mae-a+flops']);
  });

  it('comes with the oracle only where it is asked for: its encoders are entries that stand apart', async () => {
    const entry = first.replace('method: moce', 'method: moce, controls: [oracle]');
    const [owner, , ...choices] = (await entriesOf([entry], 'mae', searching)).slice(2);
    const choice = (index: number, name = `moce+oracle${index}`) => ({ ...owner, name, title: `moce as the oracle's choice ${index}`, options: { ...owner!.options, experts: index + 1 }, oracle_of: 'moce' });
    expect(choices).toEqual([choice(0), choice(1)]);
    const taken = await entriesOf([entry, '{ name: moce+oracle1, method: mae }'], 'mae', searching);
    expect(taken.slice(5)).toEqual([choice(0), choice(1, 'moce+oracle1+')]);
    expect((await entriesOf([first], 'mae', searching)).filter(({ oracle_of: of }) => of !== undefined)).toEqual([]);
    expect(await entriesOf([entry])).toHaveLength(4);
    await expect(entriesOf([entry], 'moce+oracle0', searching)).rejects.toThrow('no entry is called "moce+oracle0"');
  });

  it('may have a control as the reference', async () => {
    await expect(entriesOf([first], 'mae+flops')).resolves.toHaveLength(6);
    await expect(entriesOf([first], 'mae+flop')).rejects.toThrow('reference: no entry is called "mae+flop"; did you mean "mae+flops"?');
  });
});

describe('a length by FLOPs', () => {
  it('is the length of the entry whatever the shared block says', async () => {
    const [, , on] = await entriesOf(['{ name: on, method: mae, schedule: { flops_of: mae } }']);
    expect(on!.pretrain!.schedule).toEqual({ epochs: 0, of: null, flops_of: 'mae' });
  });

  it.each([
    ['{ name: on, method: mae, schedule: { flops_of: maee } }', 'entries[2].schedule.flops_of: no entry is called "maee"; did you mean "mae"?'],
    ['{ name: on, method: mae, schedule: { flops_of: scratch } }', 'entries[2].schedule.flops_of: "scratch" does not pre-train, so it has no FLOPs to reach'],
    ['{ name: on, method: mae, schedule: { flops_of: on } }', 'entries[2].schedule.flops_of: the length of "on" waits for this entry itself; name one that does not'],
    ['{ name: on, method: mae, schedule: { flops_of: after } }\n  - { name: after, method: mae, start: on }', 'entries[2].schedule.flops_of: the length of "after" waits for this entry itself; name one that does not'],
    ['{ name: on, method: mae, schedule: { flops_of: mae, epochs: 3 } }', 'entries[2].schedule.epochs: flops_of sets the length already; leave epochs or flops_of out'],
    ['{ name: on, method: mae, controls: [] }', 'entries[2].controls: unknown key "controls"'],
  ])('%s is refused', async (line, message) => {
    await expect(entriesOf([line])).rejects.toThrow(message);
  });
});
