import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/files.js';
import { reportData } from '../../src/report/format.js';
import { formats } from '../../src/report/index.js';
import { snapshotNotes, snapshotTables } from '../../src/report/snapshot-table.js';
import { validateRunRecord } from '../../src/results/schema.js';
import type { RunRecord, SnapshotPoint } from '../../src/results/types.js';
import { parseCsv } from './csv-text.js';
import { fixture } from './fixture.js';

const point = (entry: string, seed: number, share: number, seconds: number | null, accuracy: number): SnapshotPoint =>
  ({ entry, protocol: 'knn', seed, share, steps: 100 * share, images: 1000 * share, flops: 1e9 * share, seconds, accuracy, learned: true });

/** Two entries at two shares and three seeds; the times of one are not known. */
async function record(): Promise<RunRecord> {
  const plain = await fixture({ seeds: 3, tasks: 2, dense: 'without-pictures' });
  const points = [0, 1, 2].flatMap((seed) => [
    point('mae', seed, 0.25, 50 + seed, 0.2), point('mae', seed, 1, 200, 0.29 + 0.01 * seed),
    point('mae-random', seed, 0.25, null, 0.1), point('mae-random', seed, 1, null, 0.15),
  ]);
  const ratios = [
    { entry: 'mae-split-a', reference: 'mae', protocol: 'knn', verdict: 'faster', reason: null, ratio: { n: 3, value: 0.5, low: 0.25, high: 0.987654 }, accuracy: 0.271 },
    { entry: 'mae-random', reference: 'mae', protocol: 'knn', verdict: 'unresolved', reason: 'how long mae-random took is not known', ratio: null, accuracy: null },
  ] as const;
  return validateRunRecord({ ...plain, suite: { ...(plain.suite as Readonly<Record<string, Json>>), snapshots: { at: [0.25], protocols: ['knn'] } }, snapshots: { points, ratios, otherEnvironments: 1 } });
}
const render = async (name: string): Promise<string> => formats.find((format) => format.name === name)!.render(reportData(await record()));

describe('accuracy against pre-training time', () => {
  it('is one table a protocol: means over seeds with their intervals, and times', async () => {
    const [table, ...more] = snapshotTables(reportData(await record()));
    expect(more).toEqual([]);
    expect(table!.columns).toEqual(['at 25 %', 'at the end', 'time to equal accuracy, times mae']);
    // 29, 30 and 31 %: a standard deviation of 1, Student's t of 2 degrees of freedom is 4.303, over the root of 3.
    expect(table!.rows).toEqual([
      { entry: 'mae', collapsed: false, cells: [{ text: '20.0 ± 0.0 %', sub: '51 s' }, { text: '30.0 ± 2.5 %', sub: '3.3 min' }, { text: 'reference', sub: '' }] },
      { entry: 'mae-random', collapsed: false, cells: [{ text: '10.0 ± 0.0 %', sub: 'time unknown' }, { text: '15.0 ± 0.0 %', sub: 'time unknown' }, { text: 'unresolved', sub: '' }] },
    ]);
  });

  it('is said in sentences with n, units, protocol and the reason', async () => {
    expect(snapshotTables(reportData(await record()))[0]!.sentences).toEqual([
      'mae-split-a reaches the highest accuracy that it and mae both reach (27.1 % on average over 2 tasks by knn) in 0.5 times the pre-training time of mae (95 % interval 0.25 to 0.988, 3 seeds): faster.',
      'mae-random against mae by knn: unresolved, how long mae-random took is not known.',
    ]);
  });

  it('says what it could have told apart, where nothing but the interval is against it', async () => {
    const { snapshots, ...plain } = await record();
    const of = (reason: string): string => snapshotTables(reportData({ ...plain, snapshots: { ...snapshots!, ratios: [{ entry: 'mae-random', reference: 'mae', protocol: 'knn', verdict: 'unresolved', reason, ratio: { n: 3, value: 1, low: 0.5, high: 2 }, accuracy: 0.2 }] } }))[0]!.sentences[0]!;
    // Half an interval of log 2 at 4.303 / sqrt 3 standard deviations; 3.26404 of these are found in four of five (scipy, statsmodels).
    expect(of('the interval of the ratio includes 1')).toMatch(/unresolved, the interval of the ratio includes 1; a true ratio of 2\.49 or 0\.402 would be found in 4 of 5 such runs\.$/);
    expect(of('other work ran beside them')).toMatch(/unresolved, other work ran beside them\.$/);
  });

  it('is drawn where a time is known, beside the tables of the finished encoders', async () => {
    const html = await render('html');
    const [section] = /<section id="over-time">[\s\S]*?<\/section>/.exec(html)!;
    expect(html).toContain('href="#over-time"');
    expect(section).toContain('Line chart of mean test accuracy against pre-training time of mae, 2 points each.');
    expect(section).toContain('1 training ran on another machine or runtime');
    expect([...section.matchAll(/<figure/g)]).toHaveLength(1);
    const numbers = /Numbers of this chart[\s\S]*?<tbody>([\s\S]*?)<\/tbody>/.exec(section)![1]!;
    expect([...numbers.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row]) => row!.split(/<[^>]*>/).filter((text) => text !== '')).at(1)).toEqual(['mae', '0', '100 %', '100', '1,000', '1 G', '200', '29.0']);
    const plain = await formats[0]!.render(reportData(await fixture({ seeds: 3, tasks: 2 })));
    expect(plain).not.toContain('over-time');
  });

  it('says what its times are, and what may have run beside them', async () => {
    const [time] = snapshotNotes(await record());
    expect(time).toContain('Time: of the training steps with the wait for their inputs, at the mean of all but the first two of each process, as they took when they ran, in this run or an earlier one; added to it the whole of what an entry rests on, the steps of its start and the wall time of its clustering. Other jobs may have run beside them, more beside some than beside others: where the trainings of two entries on one thread of a CPU had shares of its time that differ by more than a tenth, nothing is concluded from theirs.');
    for (const format of ['html', 'markdown']) expect(await render(format)).toContain('more beside some than beside others: where');
  });

  it('is in the summary and the CSV', async () => {
    expect(await render('markdown')).toContain('| mae | 20.0 ± 0.0 %; 51 s | 30.0 ± 2.5 %; 3.3 min | reference |');
    const rows = parseCsv(await render('csv')).filter(({ kind }) => kind === 'snapshot');
    expect(rows).toHaveLength(12);
    expect(rows[1]).toMatchObject({ method: 'mae', task: '', protocol: 'knn', metric: 'mean_over_tasks', seed: '0', value: '0.29', unit: 'fraction', primary: '', snapshot_share: '1', snapshot_steps: '100', snapshot_images: '1000', snapshot_flops: '1000000000', snapshot_seconds: '200' });
    expect(rows[2]!['snapshot_seconds']).toBe('');
  });
});
