import { describe, expect, test } from 'vitest';
import { choicesView } from '../../src/report/html/choices-view.js';
import { differenceView } from '../../src/report/html/difference-view.js';
import { environments } from '../../src/report/html/provenance-view.js';
import { overviewView } from '../../src/report/html/overview-view.js';
import { seedsView } from '../../src/report/html/seeds-view.js';
import { reportData, type ReportData } from '../../src/report/format.js';
import type { TransferBody } from '../../src/results/types.js';
import { fixture, type FixtureOptions } from './fixture.js';

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

describe('differences to the reference', () => {
  test('are paired over seeds, with an interval, and marked where it leaves out 0', async () => {
    const data = await dataOf();
    const view = differenceView(data.comparisons[0]!, 'mae')!;
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
    const view = differenceView((await dataOf({ unlearned, failed: { 'pretrain/mae-random/s1': 'broke' } })).comparisons[0]!, 'mae')!;
    const [scratch, , , , random] = view.rows;
    expect(scratch!.cells[0]).toMatchObject({ differs: false, flags: ['failed to learn'] });
    expect(scratch!.cells.at(-1)).toMatchObject({ differs: false, flags: ['failed to learn'] });
    expect(random!.cells[0]!.flags).toEqual(['4 of 5 seeds']);
    expect(random!.cells.at(-1)).toMatchObject({ main: '\u2013', sub: '', sort: '', flags: [] });
  });

  test('with two seeds are shown without interval and without mark', async () => {
    const data = await dataOf({ seeds: 2 });
    const view = differenceView(data.comparisons[0]!, 'mae')!;
    expect(view.caption).not.toMatch(/interval/);
    expect(view.rows.flatMap(({ cells }) => cells).some(({ differs }) => differs)).toBe(false);
    expect(view.rows[0]!.cells[0]!.sub.split(' / ')).toHaveLength(2);
  });

  test('need a reference', async () => {
    expect(differenceView((await dataOf()).comparisons[0]!, null)).toBeNull();
  });
});

describe('the overview', () => {
  test('holds the averages of every protocol as their own tables do', async () => {
    const { comparisons } = await dataOf({ failed: { 'transfer/scratch/food/knn/s0': 'broke' } });
    const view = overviewView(comparisons)!;
    expect(view.columns.map(({ name }) => name)).toEqual(['fine-tune', 'linear', 'knn']);
    expect(view.rows.map(({ cells }) => cells.map(({ sort }) => sort))).toEqual(comparisons[0]!.rows.map((_, row) =>
      comparisons.map(({ rows }) => (rows[row]!.average.summary.kind === 'none' ? '' : String(rows[row]!.average.summary.mean)))));
    expect(view.rows[0]!.cells[2]).toMatchObject({ main: '\u2013', flags: ['2 of 3 tasks complete'] });
  });

  test('is not there for a single protocol', async () => {
    expect(overviewView((await dataOf()).comparisons.slice(0, 1))).toBeNull();
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

test('choices count how often an end of the list was taken', async () => {
  const data = await dataOf();
  const at = data.record.results.filter((result) => result.kind === 'transfer' && result.protocol === 'linear');
  const ends = at.filter((result) => result.kind === 'transfer' && result.atEdge.includes('lr')).length;
  expect(ends).toBeGreaterThan(0);
  expect(choicesView(data.comparisons[1]!).edges).toBe(`At the edge of its list: lr in ${ends} of ${at.length} choices.`);
  expect(choicesView(data.comparisons[2]!).edges).toBe('');
});
