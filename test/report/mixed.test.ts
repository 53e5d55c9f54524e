import { describe, expect, test } from 'vitest';
import { summaryText } from '../../src/cli/run-summary.js';
import { looks } from '../../src/report/charts/palette.js';
import { formats } from '../../src/report/index.js';
import { reportData } from '../../src/report/format.js';
import { densePanels } from '../../src/report/html/dense-view.js';
import { seedsView } from '../../src/report/html/seeds-view.js';
import { differenceView } from '../../src/report/html/difference-view.js';
import { comparisonSentence } from '../../src/report/sentences.js';
import { negativeTransfer } from '../../src/results/negative-transfer.js';
import { compare } from '../../src/results/comparison.js';
import { mixesOf } from '../../src/results/mixed.js';
import { cellsOf } from '../../src/results/cells.js';
import type { RunRecord } from '../../src/results/types.js';
import { parseCsv } from './csv-text.js';
import { fixture } from './fixture.js';

const render = async (name: string, record: RunRecord): Promise<string> => formats.find((format) => format.name === name)!.render(reportData(record));
const planted = async (changes: Readonly<Record<string, object>>): Promise<RunRecord> => {
  const record = await fixture({ seeds: 3, tasks: 2 });
  return { ...record, results: record.results.map((result) => ({ ...result, ...changes[result.id] })) };
};
const best = 'mae';
const cell = (seed: number): string => `transfer/${best}/mammals/linear/s${seed}`;
const mixedIn = (record: RunRecord): readonly (readonly [string, string, string, readonly string[]])[] => compare(record).flatMap(({ id, rows }) =>
  rows.flatMap(({ entry, groups, average }) => [...groups.map(({ task, mixed }) => [id, entry.name, task, mixed] as const), [id, entry.name, 'average', average.mixed] as const]).filter(([, , , mixed]) => mixed.length > 0));

describe('a table with values that were not measured as the rest', () => {
  test('nothing is marked in a run of one kind', async () => {
    const record = await planted({});
    expect(mixedIn(record)).toEqual([]);
    for (const name of ['html', 'markdown', 'csv', 'latex']) expect(await render(name, record)).not.toMatch(/measured otherwise|not measured as the rest|metric_version|\\S\b/);
  });

  test('another protocol hash and another metric version are marked where they stand, with their seeds', async () => {
    const record = await planted({ [cell(0)]: { protocolHash: 'feedfeedfeed' }, [cell(2)]: { protocolHash: 'feedfeedfeed', metricVersion: 2 } });
    const mixed = ['protocol feedfeedfeed at seed 0, 2', 'metric version 2 at seed 2'];
    expect(mixedIn(record)).toEqual([['linear', best, 'emoji/mammals', mixed], ['linear', best, 'average', mixed]]);
  });

  test('the hash beside the table decides, though most values have another; of metric versions the most frequent', async () => {
    const record = await planted(Object.fromEntries([0, 1, 2].map((seed) => [cell(seed), { protocolHash: 'feedfeedfeed', metricVersion: 2 }])));
    const cells = cellsOf(record).filter(({ entry, task, protocol }) => entry === best && task === 'emoji/mammals' && protocol === 'linear');
    const own = compare(record).find(({ id }) => id === 'linear')!.protocol.hash;
    expect(mixesOf(cells, own)(cells)).toEqual(['protocol feedfeedfeed at seed 0, 1, 2']);
    expect(mixesOf(cellsOf(record), own)(cells)).toEqual(['protocol feedfeedfeed at seed 0, 1, 2', 'metric version 2 at seed 0, 1, 2']);
  });

  test('no negative transfer is concluded from them, in any format', async () => {
    const changes = Object.fromEntries([0, 1].map((seed) => [`transfer/mae-split-b/mammals/knn/s${seed}`, { protocolHash: 'feedfeedfeed' }]));
    const verdicts = (record: RunRecord) => negativeTransfer(record)[0]!.protocols.find(({ id }) => id === 'knn')!.against.map(({ verdicts: sides }) => sides.map(({ side, verdict, mixed }) => [side, verdict, mixed]));
    expect(verdicts(await planted({})).flat().filter(([side]) => side === 'B').map(([, verdict]) => verdict)).not.toContain('mixed');
    const record = await planted(changes);
    expect(verdicts(record).flat().filter(([side]) => side === 'B')).toEqual([['B', 'mixed', ['mae-split-b']], ['B', 'mixed', ['mae-split-b']]]);
    for (const name of ['html', 'markdown']) {
      const text = await render(name, record);
      expect(text).toMatch(/Negative transfer cannot be judged by knn( \\?\([0-9a-f]{12}\\?\))? against mae at equal epochs, because mae-split-b was not measured as the rest of the table on a task/);
      expect(text).not.toContain('data shows negative transfer by knn');
    }
  });

  test('no difference is concluded from them, no front of costs, and no sentence at the head', async () => {
    const entry = 'mae-random';
    const at = (record: RunRecord) => {
      const data = reportData(record);
      const comparison = data.comparisons.find(({ id }) => id === 'linear')!;
      const cells = differenceView(comparison, 'mae', data.statistics())!.rows.find((row) => row.entry === entry)!.cells;
      return { cells: cells.filter((_, column) => column === 0 || column === cells.length - 1), sentence: comparisonSentence(comparison, 'mae') };
    };
    // All of its images are wrong there: far below.
    const wrong = (record: RunRecord, more: object): RunRecord => ({
      ...record,
      results: record.results.map((result) => (result.kind !== 'transfer' || result.taskKind !== 'classification' || !result.id.startsWith(`transfer/${entry}/mammals/linear/`) ? result : {
        ...result, ...more, metrics: result.metrics.map((metric) => ({ ...metric, value: 0 })), perImage: { ...result.perImage, predictions: result.perImage.labels.map((label) => (label + 1) % result.classes.length) },
      })),
    });
    const record = await planted({});
    const [alike, otherwise] = [at(wrong(record, {})), at(wrong(record, { protocolHash: 'feedfeedfeed' }))];
    expect(alike.cells[0]!.differs).toBe(true);
    expect(otherwise.cells.map(({ differs, flags }) => [differs, flags])).toEqual([[false, ['measured otherwise']], [false, ['measured otherwise']]]);
    expect(otherwise.sentence).toContain('Nothing is concluded on what was not measured as the rest of the table: mae-random.');
    expect(otherwise.sentence.replace(/Nothing is concluded.*mae-random\./, '')).not.toContain('mae-random');
  });

  test('they are marked in the chart of the table and its numbers, and in the details of their cell, and named where a chart leaves them out', async () => {
    const html = await render('html', await planted({ [cell(1)]: { protocolHash: 'feedfeedfeed' } }));
    const part = (id: string): string => new RegExp(`id="${id}"[^]*?(?=<section|</section)`).exec(html)![0];
    expect(part('accuracy-linear')).toMatch(/mae \(measured otherwise\)/);
    expect(part('accuracy-linear').match(/\d \(measured otherwise\)/g)).toHaveLength(2);
    expect(part('cells').match(/\d % \(measured otherwise: protocol feedfeedfeed\)/g)).toHaveLength(1);
    expect(html).toContain('Left out, as not measured as the rest of the table: mae.');
    const clean = await render('html', await planted({}));
    expect(clean).not.toContain('measured otherwise');
    expect(clean).not.toContain('as not measured as');
  });

  test('they are marked seed by seed, in the summary at the end of a run, and in all that is shown of a dense task', async () => {
    const record = await planted({ [cell(1)]: { protocolHash: 'feedfeedfeed' } });
    const data = reportData(record);
    const rows = seedsView(data.comparisons.find(({ id }) => id === 'linear')!)!.rows.filter(({ entry }) => entry === best);
    expect(rows.map(({ seed, cells }) => [seed, cells.map((text) => text.endsWith(' (measured otherwise)'))])).toEqual([['0', [false, false, false]], ['1', [true, false, true]], ['2', [false, false, false]]]);
    const line = summaryText(record).split('\n').filter((text) => text.includes('§'));
    expect(line).toEqual([expect.stringMatching(/^mae .* §/), expect.stringMatching(/^§ mae on emoji\/mammals is not measured as the rest of linear/)]);
    expect(summaryText(await planted({}))).not.toContain('§');

    const dense = await fixture({ seeds: 2, tasks: 1, dense: 'without-pictures' });
    const job = dense.results.find(({ id }) => id.startsWith('transfer/mae/') && id.includes('/upernet/'))!;
    const panels = (hash: string) => densePanels(reportData({ ...dense, results: dense.results.map((result) => (result.id === job.id ? { ...result, protocolHash: hash } : result)) }), looks(reportData(dense).suite.entries));
    const flagged = (hash: string) => panels(hash).flatMap(({ tables, further, confusions }) => [
      ...[...tables, ...(further === null ? [] : [further])].flatMap(({ columns }) => columns), ...confusions.map(({ entry, flags }) => ({ name: entry, flags })),
    ]).filter(({ flags }) => flags.length > 0).map(({ name, flags }) => [name, flags]);
    expect(flagged((job as { readonly protocolHash?: string }).protocolHash!)).toEqual([]);
    expect(flagged('feedfeedfeed').length).toBeGreaterThan(1);
    expect([...new Set(flagged('feedfeedfeed').map((one) => JSON.stringify(one)))]).toEqual([JSON.stringify(['mae', ['measured otherwise']])]);
  });

  test('they are not ranked', async () => {
    const standing = (record: RunRecord) => compare(record).find(({ id }) => id === 'linear')!.rows.map(({ groups }) => groups[0]!.standing);
    const before = standing(await planted({}));
    const at = before.indexOf('best');
    const winner = (await planted({})).suite as { readonly entries: readonly { readonly name: string }[] };
    const after = standing(await planted({ [`transfer/${winner.entries[at]!.name}/mammals/linear/s1`]: { metricVersion: 2 } }));
    expect(after[at]).toBeNull();
    expect(after).toContain('best');
  });

  test('every report shows the mark and says what it is', async () => {
    const record = await planted({ [cell(1)]: { protocolHash: 'feedfeedfeed' } });
    const sentence = /mae on emoji\/mammals is not measured as the rest of linear \(protocol [0-9a-f]{12}\): protocol feedfeedfeed at seed 1\. It is not ranked, and nothing is concluded from it\./;
    const markdown = await render('markdown', record);
    expect(markdown).toMatch(sentence);
    // The cell and the average; what is over tasks.
    expect(markdown.split('\n').filter((line) => line.startsWith('| mae |')).map((line) => line.split('§').length - 1)).toEqual([0, 2, 0, 1]);
    const html = await render('html', record);
    expect(html).toMatch(sentence);
    // The cell, the average, and the average in the overview; the two where their errors stand, and what is over tasks; and all differences to it, of five entries.
    expect(html.match(/<span class="flag">measured otherwise<\/span>/g)).toHaveLength(6 + 2 * 5);
    const latex = await render('latex', record);
    expect(latex).toMatch(/\$\^\\S\$ mae on emoji\/mammals is not measured as the rest of linear \(protocol [0-9a-f]{12}\): protocol feedfeedfeed at seed 1\./);
    expect(latex.split('\n').filter((line) => line.startsWith('    mae &')).map((line) => line.split('\\S').length - 1)).toEqual([0, 2, 0]);
    const rows = parseCsv(await render('csv', record));
    expect(rows.filter(({ mixed }) => mixed !== '').map(({ job, mixed, metric_version: version }) => [job, mixed, version])).toEqual(
      ['top1', 'mean_per_class'].map(() => [cell(1), 'protocol feedfeedfeed at seed 1', '1']));
  });
});
