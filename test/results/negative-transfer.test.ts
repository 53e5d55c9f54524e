import { describe, expect, test } from 'vitest';
import { suiteOf } from '../../src/results/cells.js';
import { compare } from '../../src/results/comparison.js';
import { averageSamples, pairedDifferences, summarise } from '../../src/results/intervals.js';
import { familiesOf, leftOutOf, negativeTransfer, type Role } from '../../src/results/negative-transfer.js';
import { negativeView } from '../../src/report/html/negative-view.js';
import { reportData } from '../../src/report/format.js';
import { renderPage } from '../../src/report/html/page.js';
import { markdown } from '../../src/report/markdown.js';
import { percent } from '../../src/report/numbers.js';
import { controlName, headline, leftOutSentences, negativeTransferSentences, negativeTransferSummary } from '../../src/report/sentences.js';
import type { RunRecord } from '../../src/results/types.js';
import type { ResolvedEntry } from '../../src/suite/resolved.js';
import { fixture } from '../report/fixture.js';

type Schedule = NonNullable<ResolvedEntry['pretrain']>['schedule'];

/** Of the linear probe alone: a test's images are drawn a thousand times for each protocol. */
const view = (record: RunRecord) => {
  const negative = negativeTransfer(record, compare(record).filter(({ title }) => title === 'linear'))[0]!;
  const protocol = negative.protocols[0]!;
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

test('of two full entries the one that trains for as long as the splits is their control, wherever it stands', async () => {
  const suite = suiteOf(await fixture({ seeds: 1, tasks: 1 }));
  const full = suite.entries.find(({ name }) => name === 'mae')!;
  const short = { ...full, name: 'mae-short', pretrain: { ...full.pretrain!, schedule: { ...full.pretrain!.schedule, epochs: 2 } } };
  for (const entries of [[short, ...suite.entries], [...suite.entries, short]]) {
    expect(familiesOf({ ...suite, entries }).map(({ members }) => members.full!.name)).toEqual(['mae']);
    expect(leftOutOf({ ...suite, entries })).toEqual([{ entry: 'mae-short', other: 'mae', protocols: [] }]);
  }
  // Where none trains for as long, the first.
  const others = suite.entries.filter(({ name }) => name !== 'mae');
  expect(familiesOf({ ...suite, entries: [short, ...others] })[0]!.members.full!.name).toBe('mae-short');
});

describe('entries that are left out', () => {
  const withLists = async (names: readonly string[]) => {
    const record = await fixture({ seeds: 3, tasks: 1 });
    const suite = suiteOf(record);
    const entries = suite.entries.map((entry) => (names.includes(entry.name) ? { ...entry, protocols: { linear: { lr: [0.1] } } } : entry));
    return reportData({ ...record, suite: { ...suite, entries } as unknown as RunRecord['suite'] });
  };
  const why = (entry: string, other = 'mae') => `${entry} is left out of negative transfer: its options of linear are not those of ${other}, so a difference would not be one of data alone.`;

  test('with protocol options of its own, an entry is named with the reason', async () => {
    const data = await withLists(['mae-split-b']);
    expect(data.negative().map(({ family }) => Object.keys(family.members).sort())).toEqual([['full', 'full-equal-steps', 'random', 'split-a']]);
    expect(leftOutSentences(data.suite)).toEqual([why('mae-split-b')]);
    expect(markdown.render(data)).toContain(why('mae-split-b'));
    expect(await renderPage(data)).toContain(why('mae-split-b'));
  });

  test('also where no comparison is left', async () => {
    const data = await withLists(['mae', 'mae-equal-steps']);
    expect(data.negative()).toEqual([]);
    expect(leftOutSentences(data.suite)).toEqual(['mae-split-a', 'mae-split-b', 'mae-random'].map((entry) => why(entry)));
    expect(await renderPage(data)).toContain(why('mae-split-a'));
  });

  test('not where all have the same, or make two comparisons, or one is trained otherwise on purpose', async () => {
    const same = await withLists([]);
    expect(leftOutSentences(same.suite)).toEqual([]);
    expect(leftOutSentences((await withLists(['mae', 'mae-split-a'])).suite)).toEqual([]);
    expect(leftOutSentences({ ...same.suite, entries: same.suite.entries.map((entry) => (entry.name === 'mae-split-b' ? { ...entry, options: { mask_ratio: 0.9 } } : entry)) })).toEqual([]);
  });

  test('of two entries with one part the second', async () => {
    const { suite } = await withLists([]);
    expect(leftOutSentences({ ...suite, entries: [...suite.entries, { ...suite.entries[3]!, name: 'again' }] })).toEqual(['again is left out of negative transfer: mae-split-a stands for the same subset.']);
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
    const over = (columns: readonly number[], name: string, base: string) => {
      const summary = summarise(averageSamples(columns.map((column) => delta(name, base, column))));
      if (summary.kind !== 'interval') throw new Error(summary.kind);
      return { n: 4, mean: expect.closeTo(summary.mean, 12) as number, sd: expect.closeTo(summary.sd, 12) as number };
    };
    expect(steps.sides.find(({ side }) => side === 'A')!.differences.find(({ role }) => role === 'split-a')).toMatchObject({ matches: true, difference: over(inanimate, 'mae-split-a', 'mae-equal-steps') });
    expect(epochs.sides.find(({ side }) => side === 'B')!.differences.find(({ role }) => role === 'random')).toMatchObject({ matches: false, difference: over(organism, 'mae-random', 'mae') });
    expect(epochs.tasks.find(({ task }) => task === 'emoji/subgroups')).toMatchObject({ side: 'mixed' });
    expect(epochs.sides.map(({ tasks }) => tasks)).toEqual([4, 3]);
    expect(negative.exposures[3]).toMatchObject({ role: 'split-b', seen: { images: { low: 2104, high: 2104 }, classes: { low: 352, high: 352 } } });
  });
});

test('where seeds share their test images, what these would have been counts too', async () => {
  const record = await fixture({ seeds: 5, matchingGain: 0.03 });
  const idOf = (id: string, seed: number): string => id.replace(/s\d+$/, `s${seed}`);
  const transfers = new Map(record.results.flatMap((result) => (result.kind === 'transfer' && result.taskKind === 'classification' ? [[result.id, result] as const] : [])));
  // Every seed says of the images of the first one what that says, and is a hundredth of a point apart: the spread over seeds is next to nothing.
  const results = record.results.map((result) => {
    if (result.kind !== 'transfer' || result.taskKind !== 'classification') return result;
    const first = transfers.get(idOf(result.id, 0))!;
    return { ...result, perImage: first.perImage, metrics: first.metrics.map((metric) => ({ ...metric, value: metric.value + (result.id.includes('/mae-split-') ? 0.0001 * result.seed : 0) })) };
  });
  const { epochs } = view({ ...record, results });
  const { matching, verdict } = epochs.verdicts[0]!;
  if (matching.kind !== 'interval') throw new Error(matching.kind);
  const overSeeds = summarise(new Map(matching.values.map(({ seed, value }) => [seed, value])));
  expect(overSeeds).toMatchObject({ kind: 'interval', mean: matching.mean, sd: matching.sd });
  expect(overSeeds.kind === 'interval' && overSeeds.low > 0.005).toBe(true);
  // Of 4 tasks of 128 to 200 images, of which the two sides have about half in common right: about 2 points of standard error.
  expect(matching.half).toBeGreaterThan(0.02);
  expect(matching.half).toBeLessThan(0.07);
  expect(verdict).toBe('undecided');
});

test('what each subset is made of, over seeds', async () => {
  const record = await fixture({ seeds: 2, tasks: 1 });
  const groups = [[{ name: 'people & body', count: 1965 }, { name: 'food & drink', count: 139 }], [{ name: 'people & body', count: 1960 }, { name: 'food & drink', count: 130 }, { name: 'objects', count: 14 }]];
  const results = record.results.map((result) => (result.kind === 'pretrain' && result.id.startsWith('pretrain/mae-split-b/') ? { ...result, groups: groups[result.seed!]! } : result));
  const { compositions } = negativeView(negativeTransfer({ ...record, results })[0]!, 0, new Map());
  expect(compositions).toEqual(['mae-split-b: 1,960–1,965 of 2,104 images people & body, 130–139 food & drink and 0–14 objects.']);
});

describe('in words', () => {
  test('shown, where both matching splits gain', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: 0.12 }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['shown', 'shown']);
    const [conclusion, inanimate, organism] = negativeTransferSentences(negative, 'linear', epochs);
    expect(conclusion).toBe('The emoji data shows negative transfer by linear against mae at equal epochs (not corrected for the number of comparisons).');
    expect(inanimate).toMatch(/^On the 4 inanimate tasks \(128–200 test images each\), Split-A \(2,104 images, 352 classes\) is [\d.]+ points above full \(4,890 images, 731 classes\) \(95 % interval \+/);
    expect(organism).toContain('a random subset of the same size is');
  });

  test('none, where the splits lose', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: -0.12 }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['reversed', 'reversed']);
    expect(negativeTransferSummary(negative, 'linear', epochs)).toMatch(/^The emoji data shows no negative transfer here by linear against mae at equal epochs \(not corrected for the number of comparisons\): Split-A is [\d.]+ points below it on 4 inanimate tasks \(128–200 test images each\) \(95 % interval/);
  });

  /** The record with cells of a split's entry on the tasks of a side moved by so much, seed by seed. */
  const moved = (record: RunRecord, entry: string, side: 'A' | 'B', by: readonly number[]): RunRecord => ({
    ...record,
    results: record.results.map((result) => (result.kind === 'transfer' && result.side === side && result.id.startsWith(`transfer/${entry}/`)
      ? { ...result, metrics: result.metrics.map((metric) => ({ ...metric, value: metric.value + by[result.seed]! })) } : result)),
  });

  test('an interval that includes 0 is not decided, whatever the mean', async () => {
    // Three seeds, Split-A above by about 6 points with a spread that takes the interval across 0.
    const record = moved(await fixture({ seeds: 3, matchingGain: 0, seed: 13 }), 'mae-split-a', 'A', [0.01, 0.06, 0.11]);
    const { negative, epochs } = view(moved(record, 'mae-split-b', 'B', [-0.05, 0.05, 0]));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided']);
    expect(negativeTransferSummary(negative, 'linear', epochs)).toMatch(
      /^Whether the emoji data shows negative transfer is not decided by linear against mae at equal epochs, as the intervals include 0 \(not corrected for the number of comparisons\): Split-A is [\d.]+ points above it on 4 inanimate tasks \(128–200 test images each\) \(95 % interval −[\d.]+ to \+[\d.]+, 3 seeds; a true difference of [\d.]+ points would be found in 4 of 5 such runs\)/);
    const [conclusion, inanimate] = negativeTransferSentences(negative, 'linear', epochs);
    expect(conclusion).toBe('Whether the emoji data shows negative transfer is not decided by linear against mae at equal epochs, as the intervals include 0 (not corrected for the number of comparisons).');
    const { matching, detectable } = epochs.verdicts[0]!;
    // Each seed has its own images: Student's t of 2 degrees of freedom for the interval, 5.65349 standard errors to be found in four of five (statsmodels).
    expect(detectable).toBeCloseTo((5.6534893 / 4.3026527) * (matching.kind === 'interval' ? matching.half : NaN), 5);
    expect(inanimate).toContain(`3 seeds), not decided: the interval includes 0, and a true difference of ${percent(detectable!)} points would be found in 4 of 5 such runs`);
  });

  test('a side that is not decided is named beside one that shows it, or shows none', async () => {
    const wide = [-0.05, 0.05, 0, 0.04, -0.04];
    const one = view(moved(await fixture({ seeds: 5, matchingGain: 0.12 }), 'mae-split-b', 'B', wide.map((by) => by - 0.12)));
    expect(one.epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['shown', 'undecided']);
    expect(negativeTransferSentences(one.negative, 'linear', one.epochs)[0]).toBe(
      'The emoji data shows negative transfer on inanimate tasks by linear against mae at equal epochs; on organism tasks it is not decided, as the interval includes 0 (not corrected for the number of comparisons).');
    const other = view(moved(await fixture({ seeds: 5, matchingGain: -0.12 }), 'mae-split-b', 'B', wide.map((by) => by + 0.12)));
    expect(other.epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['reversed', 'undecided']);
    expect(negativeTransferSentences(other.negative, 'linear', other.epochs)[0]).toBe(
      'The emoji data shows no negative transfer here on inanimate tasks by linear against mae at equal epochs; on organism tasks it is not decided, as the interval includes 0 (not corrected for the number of comparisons).');
  });

  test('two seeds decide nothing', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 2, matchingGain: 0.3 }));
    expect(epochs.verdicts.map(({ verdict, detectable }) => [verdict, detectable])).toEqual([['no-interval', null], ['no-interval', null]]);
    expect(negativeTransferSentences(negative, 'linear', epochs)[0]).toMatch(/^Too few seeds to decide/);
  });

  const lost = (seeds: readonly number[]) => Object.fromEntries(seeds.map((seed) => [`pretrain/mae-split-b/s${seed}`, 'the loss is NaN']));

  test('seeds that are lost are a selection: nothing is concluded from those that are left', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: 0.12, failed: lost([1, 3]) }));
    expect(epochs.verdicts.map(({ verdict, matching, tasksShown }) => [verdict, matching.n, tasksShown.length > 0])).toEqual([['shown', 5, true], ['incomplete', 3, false]]);
    expect(negativeTransferSentences(negative, 'linear', epochs)[0]).toBe('Negative transfer cannot be judged by linear against mae at equal epochs, because seeds or tasks are missing.');
  });

  test('tasks without any result leave it open too: the side would be judged by those that happened to finish', async () => {
    const gain = { seeds: 5, matchingGain: 0.12 } as const;
    const ids = (await fixture(gain)).jobs.flatMap(({ id }) => (/^transfer\/[^/]+\/birds-and-sea\/linear\//.test(id) ? [id] : []));
    expect(ids.length).toBeGreaterThan(5);
    const { negative, epochs } = view(await fixture({ ...gain, pending: ids }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['incomplete', 'incomplete']);
    expect(negativeTransferSentences(negative, 'linear', epochs)[0]).toBe('Negative transfer cannot be judged by linear against mae at equal epochs, because seeds or tasks are missing.');
  });

  test('what is said of one side alone names it', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: -0.12, failed: lost([0, 1, 2, 3, 4]) }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['reversed', 'missing']);
    expect(negativeTransferSentences(negative, 'linear', epochs)[0]).toBe(
      'The emoji data shows no negative transfer here on inanimate tasks by linear against mae at equal epochs; on organism tasks there is nothing to compare (not corrected for the number of comparisons).');
  });

  test('the headline does not leave out what a random subset gains', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: 0.12 }));
    expect(negativeTransferSummary(negative, 'linear', epochs).match(/where a random subset of the same size is [\d.]+ points? (above|below) it \(95 % interval/g)).toHaveLength(2);
  });

  test('signs that disagree: only the side that gains is named, the other one\'s loss is there', async () => {
    const record = await fixture({ seeds: 5, matchingGain: 0.12 });
    const { negative, epochs } = view(moved(record, 'mae-split-b', 'B', [-0.25, -0.25, -0.25, -0.25, -0.25]));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['shown', 'reversed']);
    expect(negativeTransferSummary(negative, 'linear', epochs)).toMatch(/negative transfer on inanimate tasks only by linear.*; Split-B is [\d.]+ points below it/);
  });

  test('an entry that failed to learn proves nothing', async () => {
    const unlearned = [0, 1, 2, 3, 4].map((seed) => `transfer/mae/clothing/linear/s${seed}`);
    const { negative, epochs, steps } = view(await fixture({ seeds: 5, matchingGain: 0.12, unlearned }));
    expect(epochs.verdicts.map(({ verdict }) => verdict)).toEqual(['unlearned', 'shown']);
    expect(epochs.verdicts[0]!.tasksShown).not.toContain('emoji/clothing');
    const [conclusion, inanimate] = negativeTransferSentences(negative, 'linear', epochs);
    expect(conclusion).toBe('Negative transfer cannot be judged by linear against mae at equal epochs, because mae failed to learn on a task.');
    expect(inanimate).toContain('mae failed to learn on some of them, so this says nothing on transfer');
    expect(steps.verdicts.map(({ verdict }) => verdict)).toEqual(['shown', 'shown']);
  });

  test('a random subset that failed to learn is no control', async () => {
    const unlearned = [0, 1, 2, 3, 4].map((seed) => `transfer/mae-random/mammals/linear/s${seed}`);
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: 0.12, unlearned }));
    expect(epochs.verdicts.map(({ verdict, random }) => [verdict, random.kind])).toEqual([['shown', 'interval'], ['shown', 'none']]);
    expect(negativeTransferSummary(negative, 'linear', epochs).match(/random subset/g)).toHaveLength(1);
  });

  const collapsed = async (entry: string): Promise<RunRecord> => {
    const record = await fixture({ seeds: 5, matchingGain: 0.12 });
    return { ...record, results: record.results.map((result) => (result.kind === 'pretrain' && result.id.startsWith(`pretrain/${entry}/`) ? { ...result, collapsed: { reason: 'its teacher says nothing' } } : result)) };
  };

  test('of a split that collapsed in pre-training there is no difference and no verdict on its side', async () => {
    const { negative, epochs } = view(await collapsed('mae-split-a'));
    expect(epochs.collapsed).toEqual(['mae-split-a']);
    expect(epochs.verdicts.map(({ verdict, collapsed: own, unlearned, matching, tasksShown }) => [verdict, own, unlearned, matching.kind, tasksShown.length > 0])).toEqual([
      ['collapsed', ['mae-split-a'], [], 'none', false], ['shown', [], [], 'interval', true],
    ]);
    for (const { differences } of [...epochs.tasks, ...epochs.sides]) {
      expect(differences.map(({ entry, difference }) => [entry, difference.kind])).toEqual([['mae-split-a', 'none'], ['mae-split-b', 'interval'], ['mae-random', 'interval']]);
    }
    const [conclusion, inanimate, organism] = negativeTransferSentences(negative, 'linear', epochs);
    expect(conclusion).toBe('Negative transfer cannot be judged by linear against mae at equal epochs, because mae-split-a collapsed in pre-training.');
    expect(inanimate).toBe('On the 4 inanimate tasks (128–200 test images each), there is nothing to compare: mae-split-a collapsed in pre-training.');
    expect(organism).toMatch(/^On the 3 organism tasks \(160–200 test images each\), Split-B .* is [\d.]+ points above full/);
    expect(negativeTransferSummary(negative, 'linear', epochs)).not.toContain('Split-A');
  });

  test('of a full entry that collapsed there is nothing at all, while the other control stands', async () => {
    const { negative, epochs, steps } = view(await collapsed('mae'));
    expect(epochs.verdicts.map(({ verdict, collapsed: own, matching, random }) => [verdict, own, matching.kind, random.kind])).toEqual([['collapsed', ['mae'], 'none', 'none'], ['collapsed', ['mae'], 'none', 'none']]);
    expect(negativeTransferSummary(negative, 'linear', epochs)).toBe('Negative transfer cannot be judged by linear against mae at equal epochs, because mae collapsed in pre-training.');
    expect(steps.verdicts.map(({ verdict }) => verdict)).toEqual(['shown', 'shown']);
  });

  test('a random subset that collapsed is left out of what is said', async () => {
    const { negative, epochs } = view(await collapsed('mae-random'));
    expect(epochs.verdicts.map(({ verdict, random }) => [verdict, random.kind])).toEqual([['shown', 'none'], ['shown', 'none']]);
    expect(negativeTransferSentences(negative, 'linear', epochs).join(' ')).not.toContain('random');
  });

  test('a missing seed is said', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 5, matchingGain: 0.12, failed: { 'transfer/mae-split-a/clothing/linear/s3': 'x' } }));
    const [, inanimate, organism] = negativeTransferSentences(negative, 'linear', epochs);
    expect(inanimate).toMatch(/full \(4,890 images, 731 classes\) \(95 % interval [^)]*, 4 of 5 seeds\); a random subset [^)]*, 5 seeds\)/);
    expect(organism).not.toContain('of 5 seeds');
  });

  test('without a split there is no verdict, and no headline', async () => {
    const record = await fixture({ seeds: 3 });
    const suite = suiteOf(record);
    const entries = suite.entries.filter(({ pretrain }) => pretrain === null || pretrain.subset === 'full' || pretrain.subset === 'random');
    const data = reportData({ ...record, suite: { ...suite, entries } as unknown as RunRecord['suite'] });
    const [one] = data.negative();
    expect(negativeTransferSentences(one!, 'linear', one!.protocols[1]!.against[0]!)).toEqual([
      'Negative transfer is not judged by linear against mae at equal epochs: no entry compared here is pre-trained on a split.',
      'On the 4 inanimate tasks (128–200 test images each), there is nothing to compare: no entry compared here is pre-trained on Split-A.',
      'On the 3 organism tasks (160–200 test images each), there is nothing to compare: no entry compared here is pre-trained on Split-B.',
    ]);
    expect(headline(data).join(' ')).not.toContain('egative transfer');
  });

  test('schedules are called equal only where they are', async () => {
    const { negative } = view(await fixture({ seeds: 3, tasks: 1 }));
    const { family } = negative;
    expect([controlName('full', family), controlName('full-equal-steps', family)]).toEqual(['at equal epochs', 'at equal steps']);
    const changed = (role: Role, schedule: Schedule): typeof family => {
      const entry = family.members[role]!;
      return { ...family, members: { ...family.members, [role]: { ...entry, pretrain: { ...entry.pretrain!, schedule } } } };
    };
    expect(controlName('full', changed('split-a', { epochs: 40, of: 'full' }))).toBe('at its own schedule');
    expect(controlName('full', changed('full', { epochs: 80, of: null }))).toBe('at its own schedule');
    expect(controlName('full-equal-steps', changed('full', { epochs: 80, of: null }))).toBe('at equal steps');
    expect(controlName('full-equal-steps', changed('full-equal-steps', { epochs: 80, of: 'split-a' }))).toBe('at steps of its own');
  });

  test('a side without tasks, and a split that has not run', async () => {
    const { negative, epochs } = view(await fixture({ seeds: 3, tasks: 3, failed: Object.fromEntries([0, 1, 2].map((seed) => [`pretrain/mae-split-b/s${seed}`, 'x'])) }));
    expect(negativeTransferSentences(negative, 'linear', epochs)).toEqual([
      'Negative transfer cannot be judged yet by linear against mae at equal epochs.',
      'There is no inanimate task.',
      'On the 3 organism tasks (160–200 test images each), Split-B has no finished result to compare.',
    ]);
  });
});
