import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/files.js';
import { summaryText } from '../../src/cli/run-summary.js';
import { differenceChart } from '../../src/report/charts/difference.js';
import { looks } from '../../src/report/charts/palette.js';
import { csv } from '../../src/report/csv.js';
import { reportData } from '../../src/report/format.js';
import { comparisonPanel } from '../../src/report/html/comparison-view.js';
import { differenceView } from '../../src/report/html/difference-view.js';
import { overviewView } from '../../src/report/html/overview-view.js';
import { seedsView } from '../../src/report/html/seeds-view.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { comparisonSentence, headline } from '../../src/report/sentences.js';
import type { AttentionBody, Result, RunRecord, SnapshotPoint } from '../../src/results/types.js';
import { parseCsv } from './csv-text.js';
import { fixture } from './fixture.js';
import { noStatistics } from './no-statistics.js';

const reason = "its teacher's outputs are all alike";
/** `mae` is the reference, the full entry of the family, and the highest. */
const sound = async (seeds: number): Promise<RunRecord> => {
  const record = await fixture({ seeds, tasks: 8, matchingGain: 0 });
  return { ...record, results: record.results.map((result) => (result.kind === 'transfer' && result.id.startsWith('transfer/mae/')
    ? { ...result, metrics: result.metrics.map((metric) => ({ ...metric, value: metric.value + 0.05 })) } : result)) };
};
const collapsedAt = async (entry: string, seeds: number): Promise<RunRecord> => {
  const record = await sound(seeds);
  return { ...record, results: record.results.map((result) => (result.kind === 'pretrain' && result.id.startsWith(`pretrain/${entry}/`) ? { ...result, collapsed: { reason } } : result)) };
};
const dataOf = async (entry: string, seeds: number) => reportData(await collapsedAt(entry, seeds));
const told = 'Nothing is concluded on what collapsed in pre-training: mae.';

describe('of an entry that collapsed in pre-training', () => {
  it('the headline says why nothing is concluded, ranks the others alone and has no difference to it', async () => {
    expect(headline(reportData(await sound(3)))[0]).toMatch(/fine-tune \([0-9a-f]{12}\), mae is highest .* mae is [\d.]+ points above scratch/);
    const [first, others, tasks, ...negative] = headline(await dataOf('mae', 3));
    expect(others).toBe('What linear and knn show stands with their tables.');
    expect(tasks).toMatch(/^Of 8 single tasks/);
    expect(first).toContain(told);
    expect(first!.replace(told, '')).not.toMatch(/\bmae\b(?!-)/);
    expect(first).toMatch(/fine-tune \([0-9a-f]{12}\), mae-equal-steps is highest/);
    expect(negative[0]).toMatch(/^Negative transfer cannot be judged by fine-tune \([0-9a-f]{12}\) against mae at equal epochs, because mae collapsed in pre-training\.$/);
  });

  it('no range of averages goes to it, and it is not the one entry that has finished', async () => {
    expect(headline(reportData(await sound(2)))[0]).toMatch(/% \(mae\); 2 seeds: too few/);
    const [comparison] = (await dataOf('mae', 2)).comparisons;
    expect(comparisonSentence(comparison!, 'mae')).toMatch(/^Averages over 8 tasks \(80–196 test images each\) by fine-tune \([0-9a-f]{12}\) run from [\d.]+ % \(scratch\) to [\d.]+ % \(mae-equal-steps\); 2 seeds: too few/);
    const only = (...names: readonly string[]): string => comparisonSentence({ ...comparison!, rows: comparison!.rows.filter(({ entry }) => names.includes(entry.name)) }, 'mae');
    expect(only('mae', 'scratch')).toMatch(/^On average over 8 tasks \(80–196 test images each\) by fine-tune \([0-9a-f]{12}\), scratch reaches [\d.]+ %; no other entry that did not collapse has finished every task\. Nothing is concluded on [^.]*: mae\.$/);
    expect(only('mae')).toMatch(/^No entry that did not collapse has finished every task over 8 tasks \(80–196 test images each\) by fine-tune \([0-9a-f]{12}\) yet, so no averages are compared\. Nothing/);
  });

  it('every cell is marked, and the reason stands once beneath the table', async () => {
    const { comparisons, suite } = await dataOf('mae', 3);
    const panel = comparisonPanel(comparisons[0]!, 'mae', looks(suite.entries), noStatistics);
    for (const { entry, cells } of panel.rows) {
      for (const cell of cells) expect([entry, cell.flags.includes('collapsed'), cell.failed]).toEqual([entry, entry === 'mae', entry === 'mae']);
    }
    const row = panel.rows.find(({ entry }) => entry === 'mae')!;
    expect(row.cells.every(({ main, sub, best, tied }) => /^[\d.]+$/.test(main) && sub.startsWith('±') && !best && !tied)).toBe(true);
    expect(panel.notes.filter((note) => note.includes(reason))).toEqual([`mae collapsed in pre-training: ${reason} (3 of 3 seeds). Its values are shown; it is not ranked, and nothing is compared with it.`]);
    for (const { entry, cells } of overviewView(comparisons, noStatistics)!.rows) for (const { flags } of cells) expect(flags).toEqual(entry === 'mae' ? ['collapsed'] : []);
    expect(panel.chart.legend.map(({ name }) => name).slice(0, 3)).toEqual(['scratch', 'mae (collapsed)', 'mae-equal-steps']);
    expect(panel.chart.table.rows.map(([name]) => name)).toContain('mae (collapsed)');
    expect(new Set(seedsView(comparisons[0]!)!.rows.map(({ entry }) => entry))).toContain('mae (collapsed)');
  });

  it('the table of differences has none to it, whether it is the reference or another entry', async () => {
    const [asReference, asEntry] = await Promise.all(['mae', 'mae-random'].map(async (entry) => differenceView((await dataOf(entry, 3)).comparisons[0]!, 'mae', noStatistics)!));
    const empty = { main: '\u2013', sub: '', sort: '', differs: false, flags: ['collapsed'] };
    for (const { cells } of asReference!.rows) for (const cell of cells) expect(cell).toMatchObject(empty);
    for (const { entry, cells } of asEntry!.rows) {
      for (const cell of cells) {
        if (entry === 'mae-random') expect(cell).toMatchObject(empty);
        else expect([cell.flags, cell.main]).toEqual([[], expect.stringMatching(/\d/)]);
      }
    }
  });

  it('the charts of negative transfer leave it out', async () => {
    const chartsOf = async (entry: string) => {
      const { negative, suite } = await dataOf(entry, 3);
      return negative()[0]!.protocols[0]!.against.map((one) => differenceChart('c', 't', one, looks(suite.entries)));
    };
    const [none, other] = await chartsOf('mae');
    expect(none).toBeNull();
    expect(other!.legend.map(({ name }) => name)).toEqual(['mae-split-a', 'mae-split-b', 'mae-random']);
    for (const chart of await chartsOf('mae-split-a')) {
      expect(chart!.legend.map(({ name }) => name)).toEqual(['mae-split-b', 'mae-random']);
      expect(chart!.table.columns).toEqual(['side', 'task', 'mae-split-b, points', 'mae-random, points']);
    }
  });

  it('attention maps, the oracle and snapshots mark it as well', async () => {
    const plain = await collapsedAt('mae', 3);
    const drawn = ['scratch', 'mae'].map((entry) => `attention/${entry}/mammals/s0`);
    const body: Omit<AttentionBody, 'kind'> = { task: 'mammals', patches: 4, heads: 1, images: [{ id: 'set/1', largest: [0.5] }], picture: 'attention.png', weights: 'attention.safetensors' };
    const points = ['mae', 'mae-random'].flatMap((entry) => [0.5, 1].map((share): SnapshotPoint => ({ entry, protocol: 'knn', seed: 0, share, steps: 1, images: 1, flops: 1, seconds: share, accuracy: 0.1, learned: true })));
    const data = reportData({
      ...plain,
      suite: { ...(plain.suite as Readonly<Record<string, Json>>), snapshots: { at: [0.5], protocols: ['knn'] } },
      jobs: [...plain.jobs, ...drawn.map((id) => ({ id, key: id, kind: 'attention', inputs: {}, tags: { entry: id.split('/')[1]!, task: 'emoji/mammals', seed: '0' } }))],
      results: [...plain.results, ...drawn.map((id) => ({ ...plain.results[0]!, ...body, kind: 'attention', id, key: id }) as unknown as Result)],
      previews: Object.fromEntries(drawn.map((id) => [id, 'AAAA'])),
      oracle: ['mae', 'mae-split-a'].flatMap((entry) => [0, 1, 2].map((seed) => ({ entry, task: 'emoji/mammals', protocol: 'knn', seed, metric: 'top1', unit: 'fraction' as const, value: 0.4, taken: 'mae-random', job: 'j', of: 1, readsTestData: true as const }))),
      snapshots: { points, ratios: [], otherEnvironments: 0 },
    });
    const page = await html.render(data);
    const flag = ' <span class="flag">collapsed</span>';
    const [attention] = /<section id="attention">[^]*?<\/section>/.exec(page)!;
    expect([...attention.matchAll(/<figcaption>(.*?) <span class="about">/g)].map(([, name]) => name)).toEqual(['scratch', `mae${flag}`]);
    expect(/<table class="oracle">[^]*?<\/table>/.exec(page)![0].match(/<th scope="row">.*?<\/th>/g)).toEqual([`<th scope="row">mae, oracle${flag}</th>`, '<th scope="row">mae-split-a, oracle</th>']);
    const [snapshots] = /<section id="over-time">[^]*?<\/section>/.exec(page)!;
    expect(snapshots.match(/<th scope="row">.*?<\/th>/g)!.slice(-2)).toEqual([`<th scope="row">mae${flag}</th>`, '<th scope="row">mae-random</th>']);
    expect([...new Set(snapshots.match(/mae(-random)? \(collapsed\)/g))]).toEqual(['mae (collapsed)']);
    const summary = await markdown.render(data);
    expect(summary.match(/^\| .*, oracle.*? \|/gm)).toEqual(['| mae, oracle ‡ |', '| mae-split-a, oracle |']);
    expect(/### Accuracy against[^]*?\n\n\| entry[^]*?\n\n/.exec(summary)![0].match(/^\| mae.*? \|/gm)).toEqual(['| mae ‡ |', '| mae-random |']);
    const marked = parseCsv(await csv.render(data)).filter(({ kind, reads_test_data: reads }) => kind === 'snapshot' || reads === 'true').map(({ method, collapsed }) => `${method!} ${collapsed!}`);
    expect([...new Set(marked)]).toEqual([`mae+oracle ${reason} (3 of 3 seeds)`, 'mae-split-a+oracle ', `mae ${reason} (3 of 3 seeds)`, 'mae-random ']);
  });

  it('Markdown, CSV and the terminal mark it with the reason', async () => {
    const data = await dataOf('mae', 3);
    const summary = await markdown.render(data);
    const rows = summary.split('\n').filter((line) => line.startsWith('| mae |') && line.includes('±'));
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row.split('|').slice(2, -1).every((cell) => cell.endsWith(' ‡ ')), row).toBe(true);
    expect(summary.split('\n').filter((line) => line.startsWith('| scratch |')).join('')).not.toContain('‡');
    expect(summary.match(/‡ mae collapsed in pre-training: [^;]*; nothing is concluded on it\./g)).toEqual([`‡ mae collapsed in pre-training: ${reason} (3 of 3 seeds); nothing is concluded on it.`]);
    expect(summary.split(reason)).toHaveLength(2);
    for (const row of parseCsv(await csv.render(data))) expect(row['collapsed']).toBe(row['method'] === 'mae' ? `${reason} (3 of 3 seeds)` : '');
    expect(summaryText(data.record)).toMatch(/mae +[\d.]+ ± [\d.]+ ‡[^]*\n‡ mae collapsed in pre-training: its teacher's outputs are all alike \(3 of 3 seeds\)\./);
    expect(await html.render(data)).toContain('<span class="flag">collapsed</span>');
    for (const format of [html, markdown]) expect(await format.render(reportData(await fixture({ seeds: 3, tasks: 2 })))).not.toMatch(/‡|collapsed/);
  });
});
