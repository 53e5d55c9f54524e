import { describe, expect, test } from 'vitest';
import { taskChance } from '../../src/report/chance-text.js';
import { looks } from '../../src/report/charts/palette.js';
import { choicesView } from '../../src/report/html/choices-view.js';
import { clustersView } from '../../src/report/html/clusters-view.js';
import { cellsViews } from '../../src/report/html/cells-view.js';
import { latex } from '../../src/report/latex.js';
import { comparisonPanel } from '../../src/report/html/comparison-view.js';
import { differenceView } from '../../src/report/html/difference-view.js';
import { environments } from '../../src/report/html/provenance-view.js';
import { overviewView } from '../../src/report/html/overview-view.js';
import { methodCurves, type MethodCurves } from '../../src/report/html/pretrain-view.js';
import { seedsView } from '../../src/report/html/seeds-view.js';
import { reportData, type ReportData } from '../../src/report/format.js';
import { markdown } from '../../src/report/markdown.js';
import { compare } from '../../src/results/comparison.js';
import type { RunRecord, TransferBody } from '../../src/results/types.js';
import { fixture, type FixtureOptions } from './fixture.js';
import { noStatistics } from './no-statistics.js';

const dataOf = async (options: FixtureOptions = {}): Promise<ReportData> => reportData(await fixture({ tasks: 3, ...options }));

/** Values of one cell of the fixture in seed order, in percent, straight from the results. */
const valuesOf = ({ record }: ReportData, entry: string, task: string, protocol: string): readonly number[] =>
  record.results
    .filter((result) => result.id.startsWith(`transfer/${entry}/${task}/${protocol}/`))
    .sort((a, b) => a.seed! - b.seed!)
    .map((result) => 100 * (result as unknown as TransferBody).metrics.find(({ metric }) => metric === 'top1')!.value);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Half-width of the 95 % interval of five values: Student's t with 4 degrees of freedom is 2.776. */
const half = (values: readonly number[]): number => 2.776 * Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) / 4);
const signed = (value: number): string => (value < 0 ? '\u2212' : '+') + Math.abs(value).toFixed(1);

test('entries that are judged with options of their own are named beneath their table', async () => {
  const record = await fixture({ tasks: 1, seeds: 2 });
  const suite = record.suite as unknown as { readonly entries: readonly { readonly name: string }[] };
  const entries = suite.entries.map((entry) => (entry.name === 'mae-random' ? { ...entry, protocols: { knn: { k: 20, pool: 'cls' } } } : entry));
  const data = reportData({ ...record, suite: { ...suite, entries } });
  const [own] = data.suite.protocols.filter(({ name }) => name === 'knn');
  const shown = Object.entries({ k: 20, pool: 'cls' }).filter(([name, value]) => own!.options[name] !== value).map(([name, value]) => `${name} ${String(value)}`).join(', ');
  const notes = data.comparisons.map((comparison) => comparisonPanel(comparison, 'mae', looks(data.suite.entries), noStatistics).notes.filter((note) => note.startsWith('Judged with options')));
  expect(data.comparisons.map(({ id }, at) => [id, notes[at]])).toEqual([['fine-tune', ['Judged with options of its own: scratch (layer_decay 1).']], ['linear', []], ['knn', [`Judged with options of its own: mae-random (${shown}).`]]]);
  expect(await markdown.render(data)).toContain('Judged with options of its own: mae-random');
  expect(overviewView(data.comparisons, noStatistics)!.caption).toContain('Judged with options of their own: scratch (fine-tune), mae-random (knn); ');
  expect(await latex.render(data)).toContain('Judged with options of its own: scratch (layer\\_decay 1).');
  const chosen = cellsViews(data).find(({ name }) => name === 'knn')!.cells.find(({ entry }) => entry === 'mae-random')!.seeds[0]!.chosen;
  expect(chosen).toMatch(/pool cls/);
});

describe('differences to the reference', () => {
  test('are paired over seeds, with an interval, and marked where it leaves out 0', async () => {
    const data = await dataOf();
    const view = differenceView(data.comparisons[0]!, 'mae', noStatistics)!;
    expect(view.rows.map(({ entry }) => entry)).toEqual(['scratch', 'mae-equal-steps', 'mae-split-a', 'mae-split-b', 'mae-random']);
    const marks = view.rows.flatMap(({ entry, cells }) => ['mammals', 'birds-and-sea', 'food'].map((task, column) => {
      const reference = valuesOf(data, 'mae', task, 'fine-tune');
      const differences = valuesOf(data, entry, task, 'fine-tune').map((value, seed) => value - reference[seed]!);
      const cell = cells[column]!;
      expect([cell.main, cell.sub]).toEqual([signed(mean(differences)), `± ${half(differences).toFixed(1)}`]);
      expect(cell.differs).toBe(Math.abs(mean(differences)) > half(differences));
      return cell.differs;
    }));
    expect(new Set(marks)).toEqual(new Set([true, false]));
    expect(view.rows[0]!.cells.at(-1)).toMatchObject({ average: true });
  });

  test('say nothing where one of the two failed to learn, or did not finish', async () => {
    const unlearned = [0, 1, 2, 3, 4].map((seed) => `transfer/scratch/mammals/fine-tune/s${seed}`);
    const view = differenceView((await dataOf({ unlearned, failed: { 'pretrain/mae-random/s1': 'broke' } })).comparisons[0]!, 'mae', noStatistics)!;
    const [scratch, , , , random] = view.rows;
    expect(scratch!.cells[0]).toMatchObject({ differs: false, flags: ['failed to learn'] });
    expect(scratch!.cells.at(-1)).toMatchObject({ differs: false, flags: ['failed to learn'] });
    expect(random!.cells[0]!).toMatchObject({ differs: false, flags: ['4 of 5 seeds'] });
    expect(random!.cells.at(-1)).toMatchObject({ main: '\u2013', sub: '', sort: '', flags: [] });
  });

  test('do not differ by the interval over the seeds that are left', async () => {
    const far = await fixture({ matchingGain: 0.3 });
    const failed = await fixture({ matchingGain: 0.3, failed: { 'transfer/mae-split-b/mammals/fine-tune/s1': 'broke' } });
    const own = (record: RunRecord) => differenceView(reportData(record).comparisons[0]!, 'mae', noStatistics)!.rows.find(({ entry }) => entry === 'mae-split-b')!.cells[0]!;
    expect([own(far).differs, own(failed).differs]).toEqual([true, false]);
  });

  test('with two seeds are shown without interval and without mark', async () => {
    const data = await dataOf({ seeds: 2 });
    const view = differenceView(data.comparisons[0]!, 'mae', noStatistics)!;
    expect(view.caption).not.toMatch(/interval/);
    expect(view.rows.flatMap(({ cells }) => cells).some(({ differs }) => differs)).toBe(false);
    expect(view.rows[0]!.cells[0]!.sub.split(' / ')).toHaveLength(2);
  });

  test('need a reference', async () => {
    expect(differenceView((await dataOf()).comparisons[0]!, null, noStatistics)).toBeNull();
  });
});

test('what an interval over seeds does not cover is said where it is explained', async () => {
  const notes = async (seeds: number) => {
    const { comparisons, suite } = await dataOf({ seeds });
    return comparisonPanel(comparisons[0]!, 'mae', looks(suite.entries), noStatistics).notes.filter((note) => note.includes('too narrow'));
  };
  expect(await notes(3)).toEqual([expect.stringMatching(/^Mean ± half-width .* Seeds share data \(of the embedded tasks concepts, artists and, from the fourth seed on, test images; of other tasks all test images\)/)]);
  expect(await notes(2)).toEqual([]);
});

test('chance is told with the largest class, where the results know it', async () => {
  const record = await fixture({ tasks: 2, seeds: 2 });
  const caption = (from: typeof record) => comparisonPanel(reportData(from).comparisons[0]!, 'mae', looks(reportData(from).suite.entries), noStatistics).caption;
  // 24 and 20 classes.
  expect(caption(record)).toMatch(/ Chance is 4\.2 to 5\.0 %, by task\.$/);
  const results = record.results.map((result) => (result.kind === 'transfer' ? { ...result, largestClass: result.task === 'emoji/mammals' ? 0.293 : 0.05 + 0.01 * result.seed } : result));
  expect(caption({ ...record, results })).toMatch(/ Chance is 4\.2 to 5\.0 %, by task; the largest class has 5\.0 to 29\.3 % of the training images\.$/);
  expect(markdown.render(reportData({ ...record, results }))).toContain('Chance is 4.2 to 5.0 %, by task; the largest class has 5.0 to 29.3 % of the training images.');
  expect(compare({ ...record, results })[0]!.tasks.map(({ facts }) => taskChance(facts!))).toEqual(['4.2 %, largest class 29.3 %', '5.0 %, largest class 5.0 to 6.0 %']);
});

describe('the overview', () => {
  test('holds the averages of every protocol as their own tables do', async () => {
    const { comparisons } = await dataOf({ failed: { 'transfer/scratch/food/knn/s0': 'broke' } });
    const view = overviewView(comparisons, noStatistics)!;
    expect(view.columns.map(({ name }) => name)).toEqual(['fine-tune', 'linear', 'knn']);
    expect(view.rows.map(({ cells }) => cells.map(({ sort }) => sort))).toEqual(comparisons[0]!.rows.map((_, row) =>
      comparisons.map(({ rows }) => (rows[row]!.average.summary.kind === 'none' ? '' : String(rows[row]!.average.summary.mean)))));
    expect(view.rows[0]!.cells[2]).toMatchObject({ main: '\u2013', flags: ['2 of 3 tasks complete'] });
  });

  test('is not there for a single protocol', async () => {
    expect(overviewView((await dataOf()).comparisons.slice(0, 1), noStatistics)).toBeNull();
  });
});

describe('the values of each seed', () => {
  test('are those of the results, with a dash for what is missing', async () => {
    const data = await dataOf({ failed: { 'transfer/mae/food/linear/s3': 'broke' } });
    const { rows } = seedsView(data.comparisons[1]!)!;
    expect(rows.map(({ entry, seed }) => `${entry} ${seed}`).slice(4, 7)).toEqual(['scratch 4', 'mae 0', 'mae 1']);
    const own = rows.filter(({ entry }) => entry === 'mae').map(({ cells }) => cells);
    expect(own.map(([mammals]) => mammals)).toEqual(valuesOf(data, 'mae', 'mammals', 'linear').map((value) => value.toFixed(1)));
    expect(own[3]!.slice(2)).toEqual(['\u2013', '\u2013']);
  });

  test('stand in the comparison itself with fewer than three seeds', async () => {
    expect(seedsView((await dataOf({ seeds: 2 })).comparisons[0]!)).toBeNull();
  });
});

test('jobs without tensors are told with their machine, not as a machine of their own', async () => {
  const { record } = await dataOf();
  expect(record.results.some(({ environment }) => environment.engine === null)).toBe(true);
  expect(environments(record)).toMatchObject([{ jobs: `${record.results.length} jobs` }]);
});

test('what each job measures for itself makes no environment of its own; its highest value is told', async () => {
  const { record } = await dataOf();
  const gpu = { driver: '555.1', memoryBytes: 85_000_000_000, computeCapability: '9.0', tf32: true, xla: false };
  const results = record.results.map((result, index) => {
    const { engine } = result.environment;
    if (engine === null) return result;
    return { ...result, environment: { ...result.environment, engine: { ...engine, device: 'cuda' as const, gpu, peakDeviceMemory: { bytes: (index % 5) * 2 ** 30, of: 'process' as const } } } };
  });
  const [only, ...others] = environments({ ...record, results });
  expect(others).toEqual([]);
  expect(only).toMatchObject({ jobs: `${results.length} jobs` });
  expect(only!.facts.filter(({ name }) => /memory/i.test(name))).toEqual([
    { name: 'engine gpu memoryBytes', value: '85000000000' }, { name: 'highest GPU memory', value: '4.0 GiB' },
  ]);
});

test('choices count how often an end of the list was taken', async () => {
  const data = await dataOf();
  const at = data.record.results.filter((result) => result.kind === 'transfer' && result.protocol === 'linear');
  const ends = at.filter((result) => result.kind === 'transfer' && result.atEdge.includes('lr')).length;
  expect(ends).toBeGreaterThan(0);
  expect(choicesView(data.comparisons[1]!).edges).toBe(`At the edge of its list: lr in ${ends} of ${at.length} choices.`);
  expect(choicesView(data.comparisons[2]!).edges).toBe('');
  // The row's best is the best mean over its cells, here worked out from the results again.
  const cells = at.filter(({ id }) => id.startsWith('transfer/mae/')) as unknown as readonly TransferBody[];
  const means = cells[0]!.trials.map(({ options }, trial) => ({ lr: Number(options['lr']), value: mean(cells.map(({ trials }) => trials[trial]!.validation)) }));
  const best = means.reduce((a, b) => (b.value > a.value ? b : a));
  expect(choicesView(data.comparisons[1]!).rows[1]!.best).toMatchObject({ text: String(best.lr), validation: (100 * best.value).toFixed(1) });
  expect(choicesView(data.comparisons[1]!).rows[1]!.best!.tried).toEqual(means.map(({ lr, value }) => ({ text: String(lr), validation: (100 * value).toFixed(1), best: lr === best.lr })));
  const { searched, rows } = choicesView(data.comparisons[2]!);
  expect([searched, ...rows.map(({ best }) => best)]).toEqual([false, ...rows.map(() => null)]);
});

describe('training curves', () => {
  /** Every `mae` gets two parts of its loss and a share. */
  const recorded = async (entries: readonly string[]) => {
    const record = await fixture({ tasks: 1, seeds: 2 });
    const diagnostics = [
      { name: 'loss_a', title: 'Parts of the loss', label: 'a', unit: 'loss' }, { name: 'loss_b', title: 'Parts of the loss', label: 'b', unit: 'loss' },
      { name: 'hit', title: 'Hits', label: 'block 1', unit: 'share' },
    ] as const;
    const results = record.results.map((result) => {
      if (result.kind !== 'pretrain' || !entries.some((entry) => result.id.startsWith(`pretrain/${entry}/`))) return result;
      const seed = result.seed!;
      return { ...result, diagnostics, curve: result.curve.map((point, index) => ({ ...point, diagnostics: { loss_a: index + seed, loss_b: -index, hit: 0.25 } })) };
    });
    return methodCurves({ ...record, results }, looks(reportData(record).suite.entries));
  };

  test('hold the loss of every seed, and what a method records as the mean over them', async () => {
    const [{ loss, further, shows }] = (await recorded(['mae'])) as [MethodCurves];
    expect(shows).toBe('parts of the loss and hits');
    const charts = [loss, ...further];
    expect(charts.map(({ title }) => title)).toEqual(['Pre-training loss, mae', 'Parts of the loss, mae', 'Hits, mae']);
    expect(charts[0]!.table.rows).toHaveLength(10);
    // 760 steps of 256 images; the seeds 0 and 1 go from 0 and 1 to 119 and 120.
    expect(charts[1]!.table).toEqual({
      columns: ['entry', 'of', 'images seen', 'first loss', 'last loss'],
      rows: [['mae', 'a', '194,560', '0.5000', '119.5'], ['mae', 'b', '194,560', '0.000', '-119.0']],
    });
    expect(charts[2]!.table.columns.at(-1)).toBe('last share');
  });

  test('tell lines apart by label, and by entry where there are several', async () => {
    const legends = async (entries: readonly string[]) => (await recorded(entries))[0]!.further[0]!.legend;
    expect((await legends(['mae'])).map(({ name }) => name)).toEqual(['a', 'b']);
    expect((await legends(['mae', 'mae-random'])).map(({ name }) => name)).toEqual(['mae, a', 'mae, b', 'mae-random, a', 'mae-random, b']);
    expect(new Set((await legends(['mae', 'mae-random'])).map(({ color, dash }) => `${color} ${dash}`)).size).toBe(4);
  });
});

describe('the map of clusters to experts', () => {
  const routing = [
    { block: 2, chosen: [1, 0, 2, 0], gates: [0.9, 0.5, 0.4, 0.75], loads: [0.5, 0.3, 0.2] },
    { block: 3, chosen: [0, 0, 0, 2], gates: [1, 1, 0.5, 0.25], loads: [0.8, 0, 0.2] },
  ];
  const chartsOf = async (entries: readonly string[], more: object = {}) => {
    const record = await fixture({ seeds: 2, tasks: 1 });
    return clustersView({ ...record, results: record.results.map((result) => (result.kind === 'pretrain' && entries.some((entry) => result.id.startsWith(`pretrain/${entry}/`)) ? { ...result, routing, ...more } : result)) })?.routings;
  };

  test('has a mark a cluster and block in its expert\'s row, in the order of the first block', async () => {
    const [chart] = (await chartsOf(['mae']))!;
    expect(chart!.title).toBe('Clusters to experts, mae, seed 0');
    const marks = [...chart!.wide.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" [^>]*fill-opacity="([\d.]+)"/g)].map(([, x, y, opacity]) => [Number(x), Number(y), Number(opacity)]);
    // Clusters 3, 1, 0, 2: columns of 242 from 68; rows of 15, the first block's from 24, the second's behind 45, a gap and a heading.
    const place = (column: number, y: number, gate: number): readonly number[] => [68 + 242 * column, y + 1, 0.2 + 0.8 * gate];
    expect(marks).toEqual([
      place(0, 24, 0.75), place(1, 24, 0.5), place(2, 39, 0.9), place(3, 54, 0.4),
      place(0, 133, 0.25), place(1, 103, 1), place(2, 103, 1), place(3, 103, 0.5),
    ].map((mark) => mark.map((value) => expect.closeTo(value, 6) as number)));
    expect(chart!.table.rows).toEqual([
      ['block 2, expert 0', '2', '50.0 %', '0.63', '1 and 3'], ['block 2, expert 1', '1', '30.0 %', '0.90', '0'], ['block 2, expert 2', '1', '20.0 %', '0.40', '2'],
      ['block 3, expert 0', '3', '80.0 %', '0.83', '0, 1 and 2'], ['block 3, expert 1', '0', '0.0 %', '\u2013', 'none'], ['block 3, expert 2', '1', '20.0 %', '0.25', '3'],
    ]);
  });

  test('stands beside small ones of the way, with the share of clusters that moved', async () => {
    const at = (step: number, ...chosen: readonly (readonly number[])[]) => ({ step, blocks: chosen.map((own, index) => ({ ...routing[index]!, chosen: own })) });
    // Steps of the fixture's mae: 760.
    const earlierRouting = [at(0, [0, 0, 0, 0], [0, 0, 0, 2]), at(190, [1, 0, 0, 0], [2, 0, 0, 2]), at(570, [1, 0, 2, 0], [2, 0, 0, 2])];
    const charts = await chartsOf(['mae'], { earlierRouting });
    expect(charts!.map(({ id }) => id)).toEqual(['routing-1', 'routing-over-training-1']);
    const [, chart] = charts!;
    expect(chart!.table.rows).toEqual([
      ['block 2, start', '0', '\u2013', '50.0, 30.0, 20.0 %'], ['block 2, 25 %', '190', '25.0 %', '50.0, 30.0, 20.0 %'], ['block 2, 75 %', '570', '25.0 %', '50.0, 30.0, 20.0 %'], ['block 2, end', '760', '0.0 %', '50.0, 30.0, 20.0 %'],
      ['block 3, start', '0', '\u2013', '80.0, 0.0, 20.0 %'], ['block 3, 25 %', '190', '25.0 %', '80.0, 0.0, 20.0 %'], ['block 3, 75 %', '570', '0.0 %', '80.0, 0.0, 20.0 %'], ['block 3, end', '760', '25.0 %', '80.0, 0.0, 20.0 %'],
    ]);
    for (const drawn of [chart!.wide, chart!.narrow]) {
      expect([...drawn.matchAll(/>([^<]*) moved</g)].map(([, share]) => share)).toEqual(['25 %', '25 %', '0 %', '25 %', '0 %', '25 %']);
      // Two blocks, four maps, four clusters.
      const marks = [...drawn.matchAll(/<rect x="([\d.]+)" y="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
      expect(marks).toHaveLength(32);
      // The second map of the first block, columns 3, 1, 0, 2: cluster 0 alone has gone to expert 1, one row of 12 further down.
      expect(marks.slice(4, 8).map(([, y]) => y - marks[4]![1])).toEqual([0, 0, 12, 0]);
      expect(marks.slice(0, 16).map(([x]) => x)).toEqual(marks.slice(16).map(([x]) => x));
      for (let i = 1; i < 16; i++) expect(marks[i]![0]).toBeGreaterThan(marks[i - 1]![0]);
    }
  });

  test('is one for each training, and none where nothing is routed', async () => {
    expect((await chartsOf(['mae', 'mae-random']))!.map(({ id, title }) => [id, title])).toEqual([['routing-1', 'Clusters to experts, mae, seed 0'], ['routing-5', 'Clusters to experts, mae-random, seed 0']]);
    expect(await chartsOf([])).toBeUndefined();
  });
});
