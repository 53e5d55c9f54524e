import { beforeAll, describe, expect, test } from 'vitest';
import { forestChart } from '../../src/report/charts/forest.js';
import { looks } from '../../src/report/charts/palette.js';
import { reportData, type ReportData } from '../../src/report/format.js';
import { cellsViews } from '../../src/report/html/cells-view.js';
import { comparisonPanel } from '../../src/report/html/comparison-view.js';
import { differenceView } from '../../src/report/html/difference-view.js';
import { paretoCharts } from '../../src/report/html/pareto-view.js';
import { html } from '../../src/report/html.js';
import { latex, latexText } from '../../src/report/latex.js';
import { markdown } from '../../src/report/markdown.js';
import { percent, points } from '../../src/report/numbers.js';
import { comparisonSentence, headline } from '../../src/report/sentences.js';
import { columnGroups, lettersSee, pText } from '../../src/report/significance.js';
import { detectableByThis } from '../../src/metrics/stats/index.js';
import type { Result, TransferBody } from '../../src/results/types.js';
import { pairedEffect } from '../../src/results/effects/index.js';
import { fixture } from './fixture.js';

let data: ReportData;
let page: string;
beforeAll(async () => {
  data = reportData(await fixture({ seeds: 3, tasks: 2 }));
  page = await html.render(data);
});
const table = () => data.comparisons[0]!;
const entryLooks = () => looks(data.suite.entries);

describe('significance groups', () => {
  test('of a column come from the paired tests of all its pairs, by Holm', () => {
    for (const task of ['emoji/birds-and-sea', null]) {
      const { letters, pairs } = columnGroups(data.statistics(), 'fine-tune', task)!;
      expect(pairs).toHaveLength(15);
      const tests = pairs.map(({ entry, against }) => pairedEffect(table(), task, entry, against)!);
      pairs.forEach(({ mean, p, overall, detectable }, at) => {
        const { mean: ofMean, p: ofP, overall: interval, estimate, detectable: uncorrected } = tests[at]!;
        const seen = detectableByThis(estimate!, { level: 1 - 0.05 / 15 });
        expect([mean, p, overall.low, overall.high, detectable]).toEqual([ofMean, ofP!, interval!.low, interval!.high, seen].map((value) => expect.closeTo(value, 10) as number));
        expect(detectable).toBeGreaterThan(uncorrected!);
      });
      // Holm by hand: the k-th smallest p times how many are left, never falling.
      const order = tests.map(({ p }, at) => ({ p: p!, at })).sort((a, b) => a.p - b.p);
      let most = 0;
      order.forEach(({ p, at }, rank) => {
        most = Math.max(most, Math.min(1, p * (15 - rank)));
        expect(pairs[at]!.adjusted).toBeCloseTo(most, 10);
      });
      for (const { entry, against, adjusted } of pairs) {
        const shared = letters.get(entry)!.split('').some((letter) => letters.get(against)!.includes(letter));
        expect([entry, against, shared]).toEqual([entry, against, adjusted > 0.05]);
      }
    }
    // The tasks of the fixture tell scratch from the best.
    expect(new Set(columnGroups(data.statistics(), 'fine-tune', 'emoji/birds-and-sea')!.letters.values()).size).toBeGreaterThan(1);
  });

  test('stand in the cells of all formats in place of best and tied', async () => {
    const { letters } = columnGroups(data.statistics(), 'fine-tune', null)!;
    const panel = comparisonPanel(table(), 'mae', entryLooks(), data.statistics());
    expect(panel.rows.map(({ entry, cells }) => [entry, cells.at(-1)!.letters, cells.at(-1)!.word])).toEqual(panel.rows.map(({ entry }) => [entry, letters.get(entry), '']));
    const alone = panel.rows.filter(({ cells }) => cells.at(-1)!.best).map(({ entry }) => entry);
    expect(alone).toEqual([...letters].filter(([, own]) => own.includes('a')).length === 1 ? [[...letters.keys()][0]] : []);
    expect(page).toContain(`<sup class="letters">${letters.get('scratch')!}</sup>`);
    expect(page).not.toMatch(/<span class="mark">(?:best|tied)/);
    const row = /\| scratch \|.*/.exec(await markdown.render(data))![0].split(' | ').at(-1)!;
    expect(row.endsWith(`<sup>${letters.get('scratch')!}</sup> |`)).toBe(true);
  });

  test('what pairs that share a letter could have shown stands beside the table in all formats', async () => {
    const pair = (detectable: number, adjusted = 0.2) => ({ entry: 'a', against: 'b', mean: 0, overall: { low: -1, high: 1 }, p: 0.1, adjusted, detectable });
    const column = (...pairs: readonly ReturnType<typeof pair>[]) => ({ table: 't', task: null, letters: new Map<string, string>(), pairs });
    // Told apart pairs are left out: of 1, 2, 4 and 9 points the median is 3.
    expect(lettersSee([column(pair(0.02), pair(0.3, 0.04)), null, column(pair(0.09), pair(0.01), pair(0.04))], column(pair(0.015)))).toBe(
      'Pairs that share a letter: a true difference of 3.0 points on a task (1.0 to 9.0) and of 1.5 points on average would be found in 4 of 5 such runs, by the strictest step of the correction; median, smallest and largest of the pairs.');
    expect(lettersSee([null], null)).toBe('');
    const own = lettersSee(table().tasks.map(({ task }) => columnGroups(data.statistics(), 'fine-tune', task.name)), columnGroups(data.statistics(), 'fine-tune', null));
    expect(own).toMatch(/points on a task .* points on average/);
    expect(comparisonPanel(table(), 'mae', entryLooks(), data.statistics()).notes).toContain(own);
    expect([await markdown.render(data), await latex.render(data)].map((text) => text.includes(own))).toEqual([true, true]);
  });

  test('there are none with two seeds, nor of entries that failed to learn', async () => {
    expect(reportData(await fixture({ seeds: 2, tasks: 1 })).statistics().groups).toEqual([]);
    const unlearned = [0, 1, 2].map((seed) => `transfer/mae/mammals/fine-tune/s${seed}`);
    const { letters, pairs } = columnGroups(reportData(await fixture({ seeds: 3, tasks: 1, unlearned })).statistics(), 'fine-tune', 'emoji/mammals')!;
    expect([letters.has('mae'), letters.size, pairs.length]).toEqual([false, 5, 10]);
  });

  test('where images differ the old words stay', async () => {
    const record = await fixture({ seeds: 3, tasks: 1 });
    const results = record.results.map((result) => (result.kind === 'transfer' && result.taskKind === 'classification' && result.id === 'transfer/mae/mammals/linear/s1'
      ? { ...result, perImage: { ...result.perImage, ids: result.perImage.ids.map((id) => `other ${id}`) } } : result));
    const other = reportData({ ...record, results });
    expect([...new Set(other.statistics().groups.map((one) => one.table))]).toEqual(['fine-tune', 'knn']);
    const panel = comparisonPanel(other.comparisons[1]!, 'mae', entryLooks(), other.statistics());
    expect(panel.rows.flatMap(({ cells }) => cells.map(({ letters, word }) => `${letters}${word}`)).filter((mark) => mark === 'best')).toHaveLength(1);
    expect(panel.notes.join(' ')).toMatch(/“Tied” means/);
  });
});

describe('what may be concluded', () => {
  test('names the highest average and what is not shown to differ from it, with numbers', () => {
    const groups = columnGroups(data.statistics(), 'fine-tune', null)!;
    const [top] = groups.letters.keys();
    const [first] = headline(data);
    expect(first).toBe(comparisonSentence(table(), 'mae', groups));
    const mean = table().rows.find(({ entry }) => entry.name === top)!.average.summary;
    expect(first).toContain(`${top} is highest (${percent(mean.kind === 'interval' ? mean.mean : NaN)} %, 3 seeds); not shown to differ from it (paired tests over seeds and images, Holm over 15 pairs): `);
    // Three at most with numbers of their own.
    const pairs = groups.pairs.map((pair, at) => (pair.entry === top && at >= 3 ? { ...pair, adjusted: 0.01 } : pair));
    const sentence = comparisonSentence(table(), 'mae', { ...groups, pairs });
    for (const { against, adjusted, mean: above } of pairs.filter(({ entry }) => entry === top)) {
      const text = `${against} (${points(-above)} points, ${pText(adjusted)})`;
      expect([against, sentence.includes(text)]).toEqual([against, adjusted > 0.05]);
    }
    expect(sentence).toContain(`${groups.pairs[0]!.against} (`);
    // The smallest and the largest of what its pairs would have shown.
    const seen = groups.pairs.flatMap((pair) => (pair.entry === top && pair.adjusted > 0.05 ? [pair.detectable!] : []));
    expect(first).toContain(`; true differences of ${percent(Math.min(...seen))} to ${percent(Math.max(...seen))} points would be found in 4 of 5 such runs`);
    expect(page.split(first!.slice(0, 60))).toHaveLength(2);
  });

  test('the reference above scratch by one test is said to be level with it where the correction over all pairs has it so', () => {
    const groups = columnGroups(data.statistics(), 'fine-tune', null)!;
    const corrected = (adjusted: number) => ({ ...groups, pairs: groups.pairs.map((pair) => ([pair.entry, pair.against].sort().join() === 'mae,scratch' ? { ...pair, adjusted } : pair)) });
    const lift = pairedEffect(table(), null, 'mae', 'scratch')!;
    expect(lift.p).toBeLessThan(0.05);
    expect(comparisonSentence(table(), 'mae', corrected(0.94))).toContain('; among all 15 pairs it is not told from it, p = 0.94; a true difference of 16.5 points would be found in 4 of 5 such runs by the strictest step of the correction.');
    expect(comparisonSentence(table(), 'mae', corrected(0.01))).not.toContain('among all');
  });

  test('an entry above all others is said to be, by how much and how surely', () => {
    const groups = columnGroups(data.statistics(), 'fine-tune', null)!;
    const [top, next] = groups.letters.keys();
    const pairs = groups.pairs.map((pair) => (pair.entry === top ? { ...pair, adjusted: 0.0123, ...(pair.against === next ? { mean: 0.0234, overall: { low: 0.01, high: 0.0368 } } : {}) } : pair));
    expect(comparisonSentence(table(), null, { ...groups, pairs })).toMatch(new RegExp(`; all others are below it, the next, ${next!}, by 2\\.3 points \\(95 % interval 1\\.0 to 3\\.7 over seeds and images, p = 0\\.012, Holm over 15 pairs\\)\\.$`));
    expect([pText(0.00031), pText(0.0456)]).toEqual(['p < 0.001', 'p = 0.046']);
    // What is printed lies on the side of 5 % on which the number does.
    expect([0.0496, 0.05049, 0.049951, 0.05003, 0.05].map(pText)).toEqual(['p = 0.0496', 'p = 0.0505', 'p = 0.04995', 'p = 0.05003', 'p = 0.05']);
  });

  test('single tasks that tell nothing apart say what they could have', () => {
    const groups = data.statistics().groups.map((column) => (column.table !== 'fine-tune' || column.task === null ? column
      : { ...column, letters: new Map([...column.letters.keys()].map((entry) => [entry, 'a'])), pairs: column.pairs.map((pair, at) => ({ ...pair, detectable: (at + 1) / 100 })) }));
    const statistics = { ...data.statistics(), groups };
    // Of two tasks with pairs that find 1 to 15 points.
    expect(headline({ ...data, statistics: () => statistics })).toContain(
      `On none of the 2 single tasks that can be tested are any two entries told apart by fine-tune (${table().protocol.hash}), each task corrected over its own pairs (a true difference of 8.0 points would be found in 4 of 5 such runs, median over their pairs, by the strictest step of the correction).`);
  });

  test('claims come first, counted by what is decided', () => {
    const claim = (id: string, verdict: 'supported' | 'refuted' | 'unresolved' | 'not-asked') => ({ id, verdict }) as never;
    const claims = [claim('a', 'supported'), claim('b', 'unresolved'), claim('c', 'supported'), claim('d', 'not-asked')];
    expect(headline({ ...data, record: { ...data.record, claims } })[0]).toBe('Of 4 claims, 2 are supported (a and c), 1 is unresolved (b) and 1 is not asked here.');
  });
});

describe('the forest plot', () => {
  test('has the difference of every entry and task with its intervals, and the same numbers as a table', () => {
    const chart = forestChart(table(), 'mae', entryLooks(), data.statistics())!;
    expect(chart.table.rows).toHaveLength(5 * 3);
    const row = chart.table.rows.find(([entry, on]) => entry === 'mae-split-b' && on === 'mammals')!;
    const effect = data.statistics().effects.find((one) => one.table === 'fine-tune' && one.entry === 'mae-split-b' && one.task === 'emoji/mammals')!;
    const range = ({ low, high }: { readonly low: number; readonly high: number }): string => `${points(low)} to ${points(high)}`;
    expect(row.slice(2, 9)).toEqual([points(effect.mean), range(effect.overall!), range(effect.overSeeds!), range(effect.overImages!), '3', '200', pText(effect.adjusted!)]);
    expect(row.at(-1)!.split(', ')).toHaveLength(3);
    // An entry and row: a mark; three lines beside the grid's and the rows' own, one of them dashed.
    expect(chart.wide.match(/stroke-dasharray/g)).toHaveLength(15);
    for (const name of ['scratch', 'mae-random']) expect(chart.wide.match(new RegExp(`<path[^>]*fill="${entryLooks().get(name)!.color.replace(/[()]/g, '\\$&')}"`, 'g'))).toHaveLength(3);
  });

  test('is none without a reference; with two seeds images alone speak', async () => {
    expect(forestChart(table(), null, entryLooks(), data.statistics())).toBeNull();
    const two = reportData(await fixture({ seeds: 2, tasks: 1 }));
    const chart = forestChart(two.comparisons[0]!, 'mae', entryLooks(), two.statistics())!;
    expect(chart.note).not.toMatch(/together|other seeds/);
    expect(chart.table.rows[0]!.slice(3, 5)).toEqual(['\u2013', '\u2013']);
    expect(chart.table.rows[0]![5]).toMatch(/ to /);
  });

  test('differences are marked by the corrected test', () => {
    const { effects } = data.statistics();
    const { rows } = differenceView(table(), 'mae', data.statistics())!;
    for (const { entry, cells } of rows) {
      expect(cells.map(({ differs }) => differs)).toEqual(['emoji/mammals', 'emoji/birds-and-sea', null].map((task) => {
        const effect = effects.find((one) => one.table === 'fine-tune' && one.entry === entry && one.task === task)!;
        return (task === null ? effect.p! : effect.adjusted!) <= 0.05;
      }));
    }
  });
});

describe('accuracy against cost', () => {
  test('has the entries by operations, and the front by hand', () => {
    const [chart, ...others] = paretoCharts(table(), data, entryLooks());
    expect(others).toEqual([]);
    // 760 steps of 256 images for the full set, 328 for the others; 41 MFLOP an image.
    expect(chart!.table.rows.map(([entry, cost]) => [entry, cost])).toEqual([['scratch', 'none'], ['mae', '7.98 T'], ...['mae-equal-steps', 'mae-split-a', 'mae-split-b', 'mae-random'].map((name) => [name, '3.44 T'])]);
    const meanOf = (name: string): number => data.statistics().levels.find((level) => level.table === 'fine-tune' && level.task === null && level.entry === name)!.mean;
    const cheap = ['mae-equal-steps', 'mae-split-a', 'mae-split-b', 'mae-random'].toSorted((a, b) => meanOf(b) - meanOf(a))[0]!;
    const front = chart!.table.rows.filter((row) => row[3] === 'yes').map(([name]) => name);
    expect(front).toEqual(meanOf('mae') > meanOf(cheap) ? ['scratch', 'mae', cheap] : ['scratch', cheap]);
  });

  test('has nobody on the front who failed to learn on a task, and says so', () => {
    const failing = { ...table(), rows: table().rows.map((row) => (row.entry.name === 'scratch' ? { ...row, average: { ...row.average, failedToLearn: true } } : row)) };
    const [chart] = paretoCharts(failing, data, entryLooks());
    expect(chart!.table.rows.find(([name]) => name === 'scratch')![3]).toBe('failed to learn on a task');
    expect(chart!.alt).not.toMatch(/On the front: scratch/);
    expect(chart!.note).toContain('Not on it, as it failed to learn on a task: scratch.');
  });

  test('leaves out an encoder from a file: what its training cost is not known, and not nothing', () => {
    const row = { model: 'custom', entry: 'mae', quantity: 'seconds_per_schedule', unit: 's', estimate: { n: 3, value: 600, low: 540, high: 660 }, ratio: null, extrapolatedFromSteps: 12, part: null, job: 'speed/custom' } as const;
    const suite = { ...data.suite, entries: data.suite.entries.map((entry) => (entry.name === 'scratch' ? { ...entry, method: 'checkpoint' } : entry)) };
    const charts = paretoCharts(table(), { ...data, suite, record: { ...data.record, speed: [row, { ...row, entry: 'mae-random' }] } }, entryLooks());
    expect(charts).toHaveLength(2);
    for (const chart of charts) {
      expect(chart.table.rows.map(([entry]) => entry)).not.toContain('scratch');
      expect(chart.note).toContain('Left out, as what their training elsewhere cost is not known: scratch.');
    }
  });

  test('measured times of whole schedules come first, with their intervals over rounds', () => {
    const row = (entry: string, value: number) => ({
      model: 'custom', entry, quantity: 'seconds_per_schedule', unit: 's', estimate: { n: 3, value, low: value * 0.9, high: value * 1.1 }, ratio: null, extrapolatedFromSteps: 12, part: null, job: 'speed/custom',
    }) as const;
    const speed = [row('mae', 600), row('mae-random', 300), { ...row('mae-split-a', 1), model: 'vit_tiny' }];
    const [chart] = paretoCharts(table(), { ...data, record: { ...data.record, speed } }, entryLooks());
    expect(chart!.table.columns[1]).toBe('time of the whole schedule, min');
    expect(chart!.table.rows.map(([entry, cost]) => [entry, cost])).toEqual([['scratch', 'none'], ['mae', '10 [9, 11]'], ['mae-random', '5 [4.5, 5.5]']]);
  });
});

describe('LaTeX', () => {
  test('escapes whatever a name holds', () => {
    expect(latexText('a_b & 50% {x} $1 #2 ~^ \\cmd <|> "q"\n− –')).toBe("a\\_b \\& 50\\% \\{x\\} \\$1 \\#2 \\textasciitilde{}\\textasciicircum{} \\textbackslash{}cmd \\textless{}\\textbar{}\\textgreater{} ''q'' $-$ --");
  });

  test('a table for each protocol with marks, caption and as many columns as it says', async () => {
    const text = await latex.render(data);
    const tables = [...text.matchAll(/\\begin\{tabular\}\{(l r*|lr+)\}([\s\S]*?)\\end\{tabular\}/g)];
    expect(tables).toHaveLength(3);
    for (const [, columns, body] of tables) {
      const rows = body!.split('\n').filter((line) => line.endsWith('\\\\'));
      expect(rows).toHaveLength(7);
      for (const line of rows) expect(line.split(' & ')).toHaveLength(columns!.length);
    }
    const { average } = table().rows[0]!;
    const summary = average.summary as Extract<typeof average.summary, { kind: 'interval' }>;
    const letters = columnGroups(data.statistics(), 'fine-tune', null)!.letters.get('scratch')!;
    expect(/^ +scratch & .*$/m.exec(text)![0].split(' & ').at(-1)).toBe(`${percent(summary.mean)} {\\scriptsize$\\pm$ ${percent(summary.half)}}$^{\\mathrm{${letters}}}$ \\\\`);
    expect(text).toContain(`\\caption{Test accuracy (top-1) in \\% by fine-tune (protocol ${table().protocol.hash}), mean $\\pm$ half-width of the 95 \\% t-interval over 3 seeds. Test images of one seed: mammals 192--200, birds-and-sea 160--168.`);
    expect(text).toContain('\\label{tab:fixture-fine-tune}');
    expect(text).not.toContain('ddagger');
  });

  test('a number over fewer seeds than the caption says is marked', async () => {
    const text = await latex.render(reportData(await fixture({ seeds: 5, tasks: 2, failed: { 'transfer/mae/mammals/fine-tune/s1': 'broke' } })));
    const row = /^ +mae & .*$/m.exec(text)![0].split(' & ');
    expect(row[1]).toMatch(/\^\{(\\mathrm\{\w+\})?\\ddagger\}/);
    expect(row[2]).not.toContain('ddagger');
    expect(text).toContain('$^\\ddagger$ over fewer seeds: mae on mammals, 4 of 5.');
  });
});

describe('a cell\'s details', () => {
  test('every number of a table leads to its seeds, values, logs and config', () => {
    const links = [...page.matchAll(/<span class="main"><a href="#([^"]+)">/g)].map(([, anchor]) => anchor!);
    expect(links).toHaveLength(3 * 6 * 2);
    for (const anchor of links) expect(page).toContain(`<tbody id="${anchor}">`);
    for (const { key, kind } of data.record.jobs) if (kind === 'transfer') expect(page).toContain(`<code>logs/${key}.log</code>`);
    const [view] = cellsViews(data);
    const own = view!.cells.find(({ entry, task }) => entry === 'mae-random' && task === 'emoji/birds-and-sea')!;
    expect(own.anchor).toBe('cell-fine-tune-2-6');
    const { cells } = table().rows[5]!.groups[1]!;
    expect(own.seeds.map(({ seed, value, logFile }) => [seed, value, logFile])).toEqual(cells.map((cell) => [String(cell.seed), `${percent(cell.state === 'done' ? cell.result.metrics[0]!.value : NaN)} %`, `logs/${cell.key}.log`]));
    expect(own.seeds.map(({ logLink }) => logLink)).toEqual(cells.map(() => ''));
    const [linked] = cellsViews({ ...data, store: '../../my store #1' });
    expect(linked!.cells[0]!.seeds[0]!.logLink).toBe(`../../my%20store%20%231/${linked!.cells[0]!.seeds[0]!.logFile}`);
  });

  test('of a detector has boxes and masks, whichever number leads to it', async () => {
    const made = reportData(await fixture({ seeds: 1, tasks: 1, dense: 'without-pictures' }));
    const { name, cells } = cellsViews(made).find((view) => view.cells.some(({ anchor }) => anchor.startsWith('cell-mask-rcnn-')))!;
    const own = cells.find(({ entry }) => entry === 'mae')!.seeds[0]!;
    const { metrics } = made.record.results.find(({ id }) => id === 'transfer/mae/detection/mask-rcnn/s0') as Result<TransferBody>;
    const [box, mask] = ['box_ap', 'mask_ap'].map((wanted) => percent(metrics.find(({ metric }) => metric === wanted)!.value));
    expect([name, own.value]).toEqual(['mask-rcnn', `box AP ${box} %, mask AP ${mask} %`]);
  });

  test('configs stand once for all jobs that were asked for the same but task and seed', async () => {
    const record = await fixture({ seeds: 2, tasks: 1, failed: { 'pretrain/mae/s0': 'Loss became NaN' } });
    const results = record.results.map((result) => ({ ...result, config: { task: { task: 'x' }, seed: result.seed, options: { lr: result.id.includes('/scratch/') ? 1 : 2 } } }));
    const [view] = cellsViews(reportData({ ...record, results }));
    expect(view!.configs.map(({ name, text }) => [name, text])).toEqual([['1', 'options:\n  lr: 1\n'], ['2', 'options:\n  lr: 2\n']]);
    const [scratch, mae] = view!.cells;
    expect(scratch!.seeds.map(({ config, configAnchor }) => [config, configAnchor])).toEqual([['1', 'config-fine-tune-1'], ['1', 'config-fine-tune-1']]);
    expect(mae!.seeds.map(({ value, config, logFile }) => [value, config, /^logs\/.*\.log$/.test(logFile)])).toEqual([['needs pretrain/mae/s0, which failed', '', true], [expect.stringMatching(/%$/), '2', true]]);
  });
});
