import { beforeAll, describe, expect, test } from 'vitest';
import { reportData, type ReportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { overTasksTable } from '../../src/report/over-tasks-table.js';
import type { TransferBody } from '../../src/results/types.js';
import { fixture, type FixtureOptions } from './fixture.js';
import { tableRows } from './table-rows.js';

const dash = '\u2013';
const made = async (options: FixtureOptions): Promise<ReportData> => reportData(await fixture(options));
const tableOf = (data: ReportData, at: number, reference: string | null = 'mae') => overTasksTable(data.comparisons[at]!, reference, data.statistics());
const tasks = ['mammals', 'birds-and-sea', 'food'];

/** Values by task, straight from the results. */
const valuesOf = ({ record }: ReportData, entry: string, protocol: string): readonly (readonly number[])[] =>
  tasks.map((task) => record.results
    .filter(({ id }) => id.startsWith(`transfer/${entry}/${task}/${protocol}/`))
    .map((result) => (result as unknown as TransferBody).metrics.find(({ metric }) => metric === 'top1')!.value));

describe('over tasks', () => {
  let data: ReportData;
  let page: string;
  beforeAll(async () => {
    data = await made({ seeds: 3, tasks: 3 });
    page = await html.render(data);
  });

  test('interquartile mean and probability of improvement are those of the results, in the page and in Markdown', async () => {
    const tables = data.comparisons.map(({ id }) => data.suite.entries.map(({ name }) => {
      // Of nine values the first two and the last two are left out.
      const middle = valuesOf(data, name, id).flat().toSorted((a, b) => a - b).slice(2, 7);
      // Over three tasks of nine pairs.
      const wins = valuesOf(data, name, id).flatMap((runs, task) => runs.flatMap((run) => valuesOf(data, 'mae', id)[task]!.map((other) => (run > other ? 1 : run === other ? 0.5 : 0))));
      expect(wins).toHaveLength(27);
      const [sum, won] = [middle, wins].map((values) => values.reduce((all: number, value: number) => all + value, 0)) as [number, number];
      return [name, (20 * sum).toFixed(1), name === 'mae' ? dash : (won / 27).toFixed(2)];
    }));
    expect(tables[0]!.some(([, , improvement]) => improvement !== '0.00' && improvement !== '1.00' && improvement !== dash)).toBe(true);
    expect(data.comparisons.map((_, at) => tableOf(data, at)!.rows.map(({ entry, interquartileMean, improvement }) => [entry, interquartileMean, improvement]))).toEqual(tables);
    expect(tableRows(page, 'over-tasks')).toEqual(tables);
    const summary = /### Over tasks\n.*\n\n([^]*?)\n\n/.exec(await markdown.render(data))![1];
    expect(summary!.split('\n')).toEqual([
      `| entry | ${data.comparisons.map(({ title, protocol: { hash } }) => `${title} \`${hash}\` (accuracy, 3 tasks)`).join(' | ')} |`, '| --- | ---: | ---: | ---: |',
      ...data.suite.entries.map(({ name }, row) => `| ${name} | ${tables.map((table) => `${table[row]![1]!}; ${table[row]![2]!}`).join(' | ')} |`),
    ]);
  });

  test('the table says what the numbers are, and which has no interval', () => {
    const [, caption] = /<table class="over-tasks">\s*<caption><span>([^<]*)<\/span><\/caption>/.exec(page)!;
    expect(caption).toContain(`Test accuracy in % over 3 tasks by fine-tune (protocol ${data.comparisons[0]!.protocol.hash}), 3 seeds. Interquartile mean: `);
    expect(caption).toMatch(/a run of the entry is above a run of mae on a task drawn at random, ties half, runs not paired; it has no interval\. Nothing is ranked by them/);
    expect(tableOf(data, 0)!.notes).toEqual([]);
  });

  test('of four tasks the interquartile mean has its interval', async () => {
    const four = await made({ seeds: 3, tasks: 4, oneEncoder: 'mae-split-a' });
    const { overTasks } = four.statistics();
    const own = overTasks.filter(({ table }) => table === 'fine-tune');
    expect(own.map(({ entry, interval }) => [entry, interval === null])).toEqual(four.suite.entries.map(({ name }) => [name, name === 'mae-split-a']));
    const [scratch] = own;
    const half = (scratch!.interval!.high - scratch!.interval!.low) / 2;
    expect((scratch!.interval!.high + scratch!.interval!.low) / 2).toBeCloseTo(scratch!.interquartileMean, 12);
    const text = `${(100 * scratch!.interquartileMean).toFixed(1)} \u00b1 ${(100 * half).toFixed(1)}`;
    expect(tableOf(four, 0)!.rows.map(({ interquartileMean }) => interquartileMean.includes('\u00b1'))).toEqual([true, true, true, false, true, true]);
    expect(tableRows(await html.render(four), 'over-tasks')[0]![0]![1]).toBe(text);
    expect(await markdown.render(four)).toContain(`| scratch | ${text}; `);
  });

  test('without a reference there is no improvement; of a single task there is no table', async () => {
    expect(tableOf(data, 0, null)).toMatchObject({ reference: null, notes: [] });
    const none = reportData({ ...data.record, suite: { ...(data.record.suite as object), reference: null } });
    const text = await html.render(none);
    expect(tableRows(text, 'over-tasks')[0]).toEqual(tableRows(page, 'over-tasks')[0]!.map(([entry, mean]) => [entry, mean]));
    expect(text).not.toContain('robability of improvement');
    expect(await markdown.render(none)).not.toContain('robability of improvement');
    const single = await made({ seeds: 2, tasks: 1 });
    expect(tableOf(single, 0)).toBeNull();
    expect(await markdown.render(single)).not.toMatch(/interquartile mean/i);
  });
});

describe('an improvement is not told', () => {
  const shown = (data: ReportData): readonly (readonly string[])[] => tableOf(data, 0)!.rows.map(({ entry, interquartileMean, improvement }) => [entry, interquartileMean, improvement]);
  const number = expect.stringMatching(/^\d+\.\d+$/) as string;

  test('of an entry that failed to learn, judges one encoder or has not finished', async () => {
    const data = await made({
      seeds: 3, tasks: 3, oneEncoder: 'mae-split-a', unlearned: [0, 1, 2].map((seed) => `transfer/scratch/food/fine-tune/s${seed}`), failed: { 'transfer/mae-random/food/fine-tune/s1': 'x' },
    });
    expect(shown(data)).toEqual([
      ['scratch', number, dash], ['mae', number, dash], ['mae-equal-steps', number, number], ['mae-split-a', number, dash], ['mae-split-b', number, number], ['mae-random', dash, dash],
    ]);
    expect(tableOf(data, 0)!.notes).toEqual(['No probability of improvement of entries with something against them: scratch failed to learn; mae-split-a: one encoder, 3 transfers.']);
    const page = await html.render(data);
    expect(page).toContain(`<li>${tableOf(data, 0)!.notes[0]!}</li>`);
    const [own] = tableRows(page, 'over-tasks');
    expect([own![0]![1], own![5]![1]]).toEqual([expect.stringMatching(/^\d+\.\d \[failed to learn on a task\]$/), `${dash} [2 of 3 tasks complete]`]);
    const line = (await markdown.render(data)).split('\n').filter((one) => one.startsWith('| scratch |')).at(-1)!;
    expect(line).toMatch(/^\| scratch \| \d+\.\d; – † \| \d+\.\d; \d\.\d\d \| /);
  });

  test('over a reference that collapsed, or has not finished', async () => {
    const record = await fixture({ seeds: 2, tasks: 3 });
    const collapsed = reportData({ ...record, results: record.results.map((result) => (result.kind === 'pretrain' && result.id.startsWith('pretrain/mae/') ? { ...result, collapsed: { reason: 'all alike' } } : result)) });
    expect(shown(collapsed).map(([entry, , improvement]) => [entry, improvement])).toEqual(collapsed.suite.entries.map(({ name }) => [name, dash]));
    expect(shown(collapsed).map(([, mean]) => mean)).toEqual(collapsed.suite.entries.map(() => number));
    expect(tableOf(collapsed, 0)!.notes).toEqual(['No probability of improvement, because something stands against mae: mae collapsed in pre-training: all alike (2 of 2 seeds).']);
    const unfinished = await made({ seeds: 2, tasks: 3, pending: ['transfer/mae/food/fine-tune/s1'] });
    expect(shown(unfinished).map(([, , improvement]) => improvement)).toEqual(unfinished.suite.entries.map(() => dash));
    expect(tableOf(unfinished, 0)!.notes).toEqual(['No probability of improvement: mae has not finished every task at every seed.']);
  });
});
