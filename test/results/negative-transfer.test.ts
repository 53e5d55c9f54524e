import { describe, expect, test } from 'vitest';
import { suiteOf } from '../../src/results/cells.js';
import { compare } from '../../src/results/comparison.js';
import { averageSamples, pairedDifferences, summarise } from '../../src/results/intervals.js';
import { familiesOf, negativeTransfer } from '../../src/results/negative-transfer.js';
import { negativeTransferSentences, negativeTransferSummary } from '../../src/report/sentences.js';
import type { RunRecord } from '../../src/results/types.js';
import { fixture } from '../report/fixture.js';

const view = (record: RunRecord) => {
  const negative = negativeTransfer(record)[0]!;
  const protocol = negative.protocols.find((one) => one.protocol === 'linear')!;
  return { negative, protocol, epochs: protocol.against[0]!, steps: protocol.against[1]! };
};

describe('families', () => {
  test('roles follow from subset and schedule, not from names', async () => {
    const record = await fixture({ seeds: 1, tasks: 1, rename: { mae: 'x1', 'mae-split-a': 'x2', 'mae-equal-steps': 'x3' } });
    const [family] = familiesOf(suiteOf(record));
    expect(Object.fromEntries(Object.entries(family!.members).map(([role, entry]) => [role, entry.name]))).toEqual({
      full: 'x1', 'full-equal-steps': 'x3', 'split-a': 'x2', 'split-b': 'mae-split-b', random: 'mae-random',
    });
  });

  test('entries with other options are another family; without a full entry there is none', async () => {
    const suite = suiteOf(await fixture({ seeds: 1, tasks: 1 }));
    const other = suite.entries.map((entry) => (entry.name === 'mae-split-a' ? { ...entry, options: { mask_ratio: 0.9 } } : entry));
    expect(familiesOf({ ...suite, entries: other }).map(({ members }) => Object.keys(members).sort())).toEqual([['full', 'full-equal-steps', 'random', 'split-b']]);
    expect(familiesOf({ ...suite, entries: suite.entries.filter(({ pretrain }) => pretrain?.subset !== 'full') })).toEqual([]);
  });
});

describe('differences', () => {
  test('paired, per task and side, against both controls; mixed tasks stay out of the means', async () => {
    const record = await fixture({ seeds: 4 });
    const { epochs, steps, negative } = view(record);
    expect([epochs.entry, steps.entry]).toEqual(['mae', 'mae-equal-steps']);
    const linear = compare(record)[1]!;
    const groups = (name: string) => linear.rows.find(({ entry }) => entry.name === name)!.groups;
    const delta = (name: string, base: string, column: number) => pairedDifferences(groups(name)[column]!.sample, groups(base)[column]!.sample);
    const organism = [0, 1, 2];
    const inanimate = [3, 4, 5, 7];
    expect(steps.sides.find(({ side }) => side === 'A')!.differences.find(({ role }) => role === 'split-a')).toMatchObject({
      matches: true, difference: summarise(averageSamples(inanimate.map((column) => delta('mae-split-a', 'mae-equal-steps', column)))),
    });
    expect(epochs.sides.find(({ side }) => side === 'B')!.differences.find(({ role }) => role === 'random')).toMatchObject({
      matches: false, difference: summarise(averageSamples(organism.map((column) => delta('mae-random', 'mae', column)))),
    });
    expect(epochs.tasks.find(({ task }) => task === 'emoji/subgroups')).toMatchObject({ side: 'mixed' });
    expect(epochs.sides.map(({ tasks }) => tasks)).toEqual([4, 3]);
    expect(negative.exposures[3]).toMatchObject({ role: 'split-b', seen: { images: { low: 2104, high: 2104 }, classes: { low: 352, high: 352 } } });
  });
});

describe('in words', () => {
  test('shown, where both matching splits gain', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: 0.12 }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['shown', 'shown']);
    const [conclusion, inanimate, organism] = negativeTransferSentences(negative, 'linear', epochs);
    expect(conclusion).toBe('The emoji data shows negative transfer by linear against mae at equal epochs.');
    expect(inanimate).toMatch(/^On the 4 inanimate tasks, Split-A \(2,104 images, 352 classes\) is [\d.]+ points above full \(4,890 images, 731 classes\) \(95 % interval \+/);
    expect(organism).toContain('a random subset of the same size is');
  });

  test('none, where the splits lose', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: -0.12 }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['reversed', 'reversed']);
    expect(negativeTransferSummary(negative, 'linear', epochs)).toMatch(/^The emoji data shows no negative transfer here by linear against mae at equal epochs: Split-A is [\d.]+ points below it on 4 inanimate tasks/);
  });

  test('an interval that includes 0 shows nothing either way', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 3, matchingGain: 0.001, seed: 13 }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided']);
    expect(negativeTransferSentences(negative, 'linear', epochs)[0]).toContain('no negative transfer here');
  });

  test('two seeds decide nothing', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 2, matchingGain: 0.3 }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['no-interval', 'no-interval']);
    expect(negativeTransferSentences(negative, 'linear', epochs)[0]).toMatch(/^Too few seeds to decide/);
  });

  test('a side without tasks, and a split that has not run', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 3, tasks: 3, failed: Object.fromEntries([0, 1, 2].map((seed) => [`pretrain/mae-split-b/s${seed}`, 'x'])) }));
    expect(negativeTransferSentences(negative, 'linear', epochs)).toEqual([
      'Negative transfer cannot be judged yet by linear against mae at equal epochs.',
      'There is no inanimate task.',
      'On the 3 organism tasks, Split-B has no finished result to compare.',
    ]);
  });
});
