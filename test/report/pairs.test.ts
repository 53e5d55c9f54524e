import { beforeAll, describe, expect, test } from 'vitest';
import { reportData, type ReportData } from '../../src/report/format.js';
import { pairsView } from '../../src/report/html/pairs-view.js';
import { html } from '../../src/report/html.js';
import { comparisonSentence } from '../../src/report/sentences.js';
import { columnGroups, pNumber } from '../../src/report/significance.js';
import { fixture } from './fixture.js';
import { tableRows } from './table-rows.js';

describe('every two entries', () => {
  let data: ReportData;
  let page: string;
  beforeAll(async () => {
    data = reportData(await fixture({ seeds: 3, tasks: 2 }));
    page = await html.render(data);
  });

  test('of every column stand in the page, the average first, with the numbers behind the letters', () => {
    const tables = tableRows(page, 'pairs sortable');
    expect(tables).toHaveLength(3);
    data.comparisons.forEach(({ id, tasks }, at) => {
      const expected = [null, ...tasks.map(({ task }) => task.name)].flatMap((task) =>
        columnGroups(data.statistics(), id, task)!.pairs.map(({ entry, against, mean, overall, p, adjusted, detectable }) => [
          task === null ? 'average' : task.replace('emoji/', ''), entry, against,
          (100 * mean).toFixed(1), `${(100 * overall.low).toFixed(1)} to ${(100 * overall.high).toFixed(1)}`.replaceAll('-', '\u2212').replaceAll('\u22120.0', '0.0'),
          pNumber(p), `${pNumber(adjusted)}${adjusted <= 0.05 ? ' differs' : ''}`, adjusted <= 0.05 ? '' : (100 * detectable!).toFixed(1),
        ]));
      expect(expected).toHaveLength(45);
      expect(tables[at]).toEqual(expected);
    });
    expect(tables.flat().some((row) => row[6]!.endsWith('differs'))).toBe(true);
    expect(tables.flat().some((row) => !row[6]!.endsWith('differs'))).toBe(true);
  });

  test('where more than three are not told from the highest, the sentence names them and gives the range', () => {
    const groups = columnGroups(data.statistics(), 'fine-tune', null)!;
    const [top] = groups.letters.keys();
    const pairs = groups.pairs.map((pair) => (pair.entry === top ? { ...pair, adjusted: Math.max(0.06, pair.adjusted) } : pair));
    const own = pairs.filter(({ entry }) => entry === top);
    const numbers = own.map(({ mean }) => (100 * mean).toFixed(1));
    const smallest = Math.min(...own.map(({ adjusted }) => adjusted));
    const names = own.map(({ against }) => against);
    expect(comparisonSentence(data.comparisons[0]!, 'mae', { ...groups, pairs })).toContain(
      `not shown to differ from it (paired tests over seeds and images, Holm over 15 pairs): ${names.slice(0, -1).join(', ')} and ${names.at(-1)!} (−${numbers[0]!} to −${numbers.at(-1)!} points, the smallest p = ${pNumber(smallest)}); true differences of`);
  });

  test('a small p is not called 0', () => {
    expect([0.5, 0.0314159, 0.001, 0.00099, 0].map(pNumber)).toEqual(['0.5', '0.031', '0.001', '< 0.001', '< 0.001']);
  });
});

test('with two seeds there is no such table', async () => {
  const two = reportData(await fixture({ seeds: 2, tasks: 2 }));
  expect(two.comparisons.map((comparison) => pairsView(comparison, two.statistics()))).toEqual(two.comparisons.map(() => null));
});
