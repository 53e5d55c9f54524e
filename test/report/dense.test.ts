import { describe, expect, test } from 'vitest';
import { looks } from '../../src/report/charts/palette.js';
import { choiceTables } from '../../src/report/choice-text.js';
import { reportData } from '../../src/report/format.js';
import { confusionView } from '../../src/report/html/confusion-view.js';
import { densePanels, type DensePanel } from '../../src/report/html/dense-view.js';
import { overviewView } from '../../src/report/html/overview-view.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { classColour } from '../../src/results/class-colour.js';
import type { DetectionTransfer, Result, RunRecord, SegmentationTransfer, TransferBody } from '../../src/results/types.js';
import { denseClasses } from './dense-fixture.js';
import { fixture, type FixtureOptions } from './fixture.js';
import { noStatistics } from './no-statistics.js';

const made = (options: FixtureOptions = {}): Promise<RunRecord> => fixture({ tasks: 1, seeds: 2, dense: 'without-pictures', ...options });

const panelsOf = (record: RunRecord): readonly DensePanel[] => {
  const data = reportData(record);
  return densePanels(data, looks(data.suite.entries));
};
const panel = (record: RunRecord, protocol: string): DensePanel => panelsOf(record).find((one) => one.protocol === protocol)!;

type Changes = Readonly<Record<string, Partial<SegmentationTransfer> | Partial<DetectionTransfer>>>;
/** With other values in the results of these jobs. */
const changed = (record: RunRecord, changes: Changes): RunRecord => ({ ...record, results: record.results.map((result) => ({ ...result, ...changes[result.id] }) as Result) });
/** The same, and only these two entries. */
const ofTwo = (record: RunRecord, changes: Changes): RunRecord => {
  const suite = record.suite as unknown as { readonly entries: readonly { readonly name: string }[] };
  return { ...changed(record, changes), suite: { ...suite, entries: suite.entries.filter(({ name }) => name === 'scratch' || name === 'mae') } };
};

describe('by class', () => {
  const three = (perClass: readonly (number | null)[]) => ({ classes: ['sky', 'sea', 'sand'], perClass });

  test('means over seeds; a class that no test image has is named and has no row, one of some seeds is a mean over these', async () => {
    const record = ofTwo(await made(), {
      'transfer/scratch/segmentation/upernet/s0': three([0.5, null, 0.25]), 'transfer/scratch/segmentation/upernet/s1': three([0.6, null, null]),
      'transfer/mae/segmentation/upernet/s0': three([0.7, null, 0.111]), 'transfer/mae/segmentation/upernet/s1': three([0.9, null, null]),
    });
    const { tables, absent } = panel(record, 'upernet');
    expect(tables.map(({ caption, of, columns, rows }) => ({ caption, of, columns, rows }))).toEqual([{
      caption: 'IoU by class in %, means over 2 seeds', of: 'class',
      columns: [{ name: 'scratch', flags: [], seeds: '' }, { name: 'mae', flags: [], seeds: '' }],
      rows: [{ name: 'sky', cells: ['55.0', '80.0'] }, { name: 'sand', cells: ['25.0', '11.1'] }],
    }]);
    expect(absent).toEqual(['Nothing in the test images counts as sea: no value, and no part in a mean.', 'Not in the test images of every seed, so means over fewer: sand.']);
  });

  test('of boxes and of masks, and of boxes alone where a task has no masks', async () => {
    const record = await made({ seeds: 1 });
    const { tables, absent } = panel(record, 'mask-rcnn');
    const result = record.results.find(({ id }) => id === 'transfer/mae/detection/mask-rcnn/s0') as Result<DetectionTransfer>;
    expect(tables.map(({ caption }) => caption)).toEqual(['AP of boxes by class in %, one seed', 'AP of masks by class in %, one seed']);
    const column = tables[0]!.columns.findIndex(({ name }) => name === 'mae');
    const present = result.classes.flatMap((name, label) => (name === 'whale' ? [] : [[name, label] as const]));
    expect(tables[0]!.rows.map(({ name, cells }) => [name, cells[column]])).toEqual(present.map(([name, label]) => [name, (100 * result.perClass.box[label]!).toFixed(1)]));
    expect(tables[1]!.rows.map(({ cells }) => cells[column])).toEqual(present.map(([, label]) => (100 * result.perClass.mask![label]!).toFixed(1)));
    expect(absent).toEqual(['Nothing in the test images counts as whale: no value, and no part in a mean.']);

    const boxes = panel({ ...record, results: record.results.map((one) => (one.kind === 'transfer' && one.taskKind === 'detection' ? { ...one, metrics: one.metrics.filter(({ metric }) => metric.startsWith('box')), perClass: { box: one.perClass.box, mask: null }, precision: { box: one.precision.box, mask: null } } : one)) }, 'mask-rcnn');
    expect(boxes.tables.map(({ caption }) => caption)).toEqual(['AP of boxes by class in %, one seed']);
    expect(boxes.charts.map(({ title }) => title)).toEqual(['Precision and recall of boxes']);

    const some = panel({ ...record, results: record.results.map((one) => (one.kind === 'transfer' && one.taskKind === 'detection' ? { ...one, unmasked: { objects: 1, of: 40 } } : one)) }, 'mask-rcnn');
    expect(some.absent.at(-1)).toBe('Masks are not judged: 1 of the 40 test objects has none.');
    const untold = panel({ ...record, results: record.results.map((one) => (one.kind === 'transfer' && one.taskKind === 'detection' ? { ...one, unmasked: { objects: 0, of: 40 } } : one)) }, 'mask-rcnn');
    expect(untold.absent.at(-1)).toBe('Masks are not judged: no object that was trained on has one.');
  });

  test('an entry without a seed says how many it has; one without any has no column', async () => {
    const record = await made({ failed: { 'transfer/mae/segmentation/upernet/s1': 'broke', 'pretrain/mae-random/s0': 'broke', 'pretrain/mae-random/s1': 'broke' } });
    expect(panel(record, 'upernet').tables[0]!.columns.map(({ name, seeds }) => [name, seeds])).toEqual([['scratch', ''], ['mae', '1 of 2 seeds'], ['mae-equal-steps', ''], ['mae-split-a', ''], ['mae-split-b', '']]);
  });
});

test('further metrics are all but those of the comparison, means over seeds', async () => {
  const record = await made();
  const values = (metric: string, protocol: string): string => {
    const own = record.results.filter(({ id }) => id.startsWith('transfer/mae/') && id.includes(`/${protocol}/`)) as unknown as readonly TransferBody[];
    return (100 * own.reduce((sum, { metrics }) => sum + metrics.find((one) => one.metric === metric)!.value / own.length, 0)).toFixed(1);
  };
  const rowsOf = (protocol: string) => panel(record, protocol).further!.rows.map(({ name, cells }) => [name, cells[1]]);
  expect(rowsOf('upernet')).toEqual([['pixel accuracy', values('pixel_accuracy', 'upernet')], ['mean accuracy', values('mean_accuracy', 'upernet')]]);
  expect(rowsOf('mask-rcnn').slice(0, 5)).toEqual(
    [['box AP50', 'box_ap50'], ['box AP75', 'box_ap75'], ['box AP, small', 'box_ap_small'], ['box AP, medium', 'box_ap_medium'], ['box AR1', 'box_ar1']].map(([name, metric]) => [name, values(metric!, 'mask-rcnn')]));
});

test('precision and recall are means over the seeds that have a curve, point by point', async () => {
  const flat = (at50: number, at75: number) => ({ at50: Array<number>(101).fill(at50), at75: Array.from({ length: 101 }, (_, recall) => (recall <= 50 ? at75 : 0)) });
  const none = { at50: [], at75: [] };
  const record = ofTwo(await made(), {
    'transfer/mae/detection/mask-rcnn/s0': { precision: { box: flat(0.8, 0.5), mask: none } }, 'transfer/mae/detection/mask-rcnn/s1': { precision: { box: flat(0.9, 0.3), mask: flat(0.25, 0.2) } },
    'transfer/scratch/detection/mask-rcnn/s0': { precision: { box: none, mask: none } }, 'transfer/scratch/detection/mask-rcnn/s1': { precision: { box: none, mask: none } },
  });
  const { charts } = panel(record, 'mask-rcnn');
  expect(charts.map(({ table }) => table.rows)).toEqual([
    [['mae', '0.5', '85.0', '85.0', '85.0', '85.0', '85.0'], ['mae', '0.75', '40.0', '40.0', '40.0', '0.0', '0.0']],
    [['mae', '0.5', '25.0', '25.0', '25.0', '25.0', '25.0'], ['mae', '0.75', '20.0', '20.0', '20.0', '0.0', '0.0']],
  ]);
  const [boxes] = charts;
  expect(boxes!.legend.map(({ name }) => name)).toEqual(['mae']);
  expect(boxes!.table.columns.slice(2)).toEqual([10, 30, 50, 70, 90].map((recall) => `precision at recall ${recall} %, in %`));
  // One line in each of the two axes.
  for (const drawn of [boxes!.wide, boxes!.narrow]) expect(drawn.match(/stroke="var\(--series-0\)"/g)).toHaveLength(2);
});

describe('the confusion', () => {
  const one = (classes: readonly string[], confusion: readonly number[]): Partial<SegmentationTransfer> => ({ classes, confusion, perClass: classes.map(() => 0.5) });

  test('is summed over seeds, in percent of each true class; classes of other seeds are matched by name', async () => {
    const record = ofTwo(await made(), {
      'transfer/mae/segmentation/upernet/s0': one(['sky', 'sea'], [60, 20, 0, 10]),
      'transfer/mae/segmentation/upernet/s1': one(['sea', 'sand'], [25, 5, 0, 0]),
    });
    const { confusions } = panel(record, 'upernet');
    expect(confusions.map(({ entry, open }) => [entry, open])).toEqual([['scratch', false], ['mae', true]]);
    expect(confusions[1]).toMatchObject({
      leftOut: '', columns: ['sky', 'sea', 'sand'],
      // No pixel is sand, so it has no row.
      rows: [
        { name: 'sky', count: '80', cells: [{ text: '75.0', heat: 0.75, right: true }, { text: '25.0', heat: 0.25, right: false }, { text: '0', heat: 0, right: false }] },
        { name: 'sea', count: '40', cells: [{ text: '0', heat: 0, right: false }, { text: '87.5', heat: 0.875, right: true }, { text: '12.5', heat: 0.125, right: false }] },
      ],
    });
  });

  test('of many classes shows the largest, and keeps percentages of all pixels', async () => {
    const classes = Array.from({ length: 42 }, (_, label) => `class ${label}`);
    // Class l has 100 + l pixels: l of them said to be class 0, the smallest, which is left out with class 1.
    const confusion = classes.flatMap((_, row) => classes.map((_name, column) => (column === row ? 100 : 0) + (column === 0 ? row : 0)));
    const record = ofTwo(await made({ seeds: 1 }), { 'transfer/mae/segmentation/upernet/s0': one(classes, confusion) });
    const result = record.results.find(({ id }) => id === 'transfer/mae/segmentation/upernet/s0') as Result<SegmentationTransfer>;
    const view = confusionView({ entry: reportData(record).suite.entries[1]!, flags: [], results: [result] }, true);
    expect(view.leftOut).toBe('Shown are the 40 classes with the most pixels; 2 more count in the percentages.');
    expect(view.columns).toEqual(classes.slice(2));
    expect(view.rows.at(-1)).toMatchObject({ name: 'class 41', count: '141' });
    expect(view.rows.at(-1)!.cells.at(-1)).toEqual({ text: '70.9', heat: 0.709, right: true });
  });
});

test('what objects are taken for has a row and a column of nothing', async () => {
  const seed = (confusion: readonly number[]): Partial<DetectionTransfer> => ({ classes: ['sky', 'sea'], confusion });
  const record = changed(await made(), { 'transfer/mae/detection/mask-rcnn/s0': seed([3, 0, 1, 0, 1, 1, 2, 0, 0]), 'transfer/mae/detection/mask-rcnn/s1': seed([0, 4, 0, 0, 0, 0, 0, 2, 0]) });
  const { confusions } = panel(record, 'mask-rcnn');
  expect(confusions.map(({ entry, open }) => [entry, open])).toEqual([['mae', true]]);
  expect(confusions[0]!.columns).toEqual(['sky', 'sea', '(nothing)']);
  expect(confusions[0]!.rows.map(({ name, count, cells }) => [name, count, ...cells.map(({ text }) => text)])).toEqual([
    ['sky', '8', '37.5', '50.0', '12.5'], ['sea', '2', '0', '50.0', '50.0'], ['(nothing)', '4', '50.0', '50.0', '0'],
  ]);
  const page = await html.render(reportData(record));
  expect(page).toContain('% of the true class’s objects.');
  // A class may be called so too.
  const called = panel(changed(await made({ seeds: 1 }), { 'transfer/mae/detection/mask-rcnn/s0': { ...seed([3, 0, 1, 0, 1, 1, 2, 0, 0]), classes: ['sky', '(nothing)'] } }), 'mask-rcnn').confusions[0]!;
  expect(called.columns).toEqual(['sky', '(nothing)', '(nothing)']);
  expect(called.rows.map(({ name, count, cells }) => [name, count, ...cells.map(({ right }) => right)])).toEqual([
    ['sky', '4', true, false, false], ['(nothing)', '2', false, true, false], ['(nothing)', '2', false, false, false],
  ]);
});

describe('pictures of predictions', () => {
  const pictures = {
    file: 'predictions.png', tile: 50, columns: ['image', 'truth', 'predicted'],
    rows: [
      { id: 'a<b', value: 1, truth: [{ category: 0, score: null, box: [5, 10, 20, 30] }], found: [{ category: 2, score: 0.876, box: [30, 2, 25, 25] }] },
      { id: 'middle', value: 0.5, truth: [], found: [] },
      { id: 'last', value: 0.125, truth: [], found: [] },
    ],
  };
  const drawn = async (): Promise<RunRecord> => changed(await made({ dense: 'with-pictures' }), { 'transfer/mae/detection/mask-rcnn/s0': { pictures } });

  test('have the best first, each tile of the PNG, and boxes in percent of it with class and score', async () => {
    const record = await drawn();
    const views = panel(record, 'mask-rcnn').pictures;
    expect(views.map(({ entry, open, seed }) => [entry, open, seed])).toEqual(['scratch', 'mae', 'mae-equal-steps', 'mae-split-a', 'mae-split-b', 'mae-random'].map((entry) => [entry, entry === 'mae', 0]));
    const view = views[1]!;
    expect(view).toMatchObject({ range: 'F1 100.0 % to 12.5 %', width: 158, height: 158 });
    expect(view.ends.map(({ title, label, images }) => [title, label, images.map(({ id, value }) => `${id}: ${value}`)])).toEqual([
      ['Best', 'Best test images of mae, scenes/detection by mask-rcnn', ['a<b: F1 100.0 %', 'middle: F1 50.0 %']], ['Worst', 'Worst test images of mae, scenes/detection by mask-rcnn', ['last: F1 12.5 %']],
    ]);
    const [best, middle] = view.ends[0]!.images;
    expect(best!.alt).toBe('Test image a<b: the image, its objects (cat) and those found (red <apple> 0.88). F1 100.0 %.');
    expect(middle!.alt).toBe('Test image middle: the image, its objects (nothing) and those found (nothing). F1 50.0 %.');
    expect([...best!.tiles, ...middle!.tiles].map((tile) => [tile.view, tile.first, tile.boxes.length])).toEqual([
      ['0 0 50 50', true, 0], ['54 0 50 50', false, 1], ['108 0 50 50', false, 1], ['0 54 50 50', false, 0], ['54 54 50 50', false, 0], ['108 54 50 50', false, 0],
    ]);
    expect(best!.tiles[1]!.boxes).toEqual([{ left: '10.00', top: '20.00', width: '40.00', height: '60.00', colour: 'rgb(255, 26, 26)', label: { text: 'cat', x: '10.00', y: '20.00', dx: 2, dy: -3, atEnd: false } }]);
    // It ends outside of the picture, where no label can be read.
    expect(best!.tiles[2]!.boxes).toEqual([{ left: '60.00', top: '4.00', width: '50.00', height: '50.00', colour: `rgb(${classColour(2).join(', ')})`, label: { text: 'red <apple> 0.88', x: '100.00', y: '4.00', dx: -2, dy: 11, atEnd: true } }]);
  });

  test('of segmentation say the mIoU and which classes are in them, and so does the legend', async () => {
    const { pictures: views, legend } = panel(await drawn(), 'upernet');
    // The fixture has background in every image, and in turn cat, dog and the apple.
    expect(views[1]!.ends[0]!.images[1]!.alt).toBe('Test image scenes/1: the image, its classes as colour and the predicted ones (in either: background and dog). mIoU 85.0 %.');
    // Background is not coloured.
    expect(legend).toEqual([1, 2, 3].map((label) => ({ name: denseClasses[label], colour: `rgb(${classColour(label).join(', ')})` })));
  });

  test('stand in the page once each, and every name is escaped', async () => {
    const record = await drawn();
    const page = await html.render(reportData(record));
    const keys = record.jobs.filter(({ kind, tags }) => kind === 'transfer' && tags['task']!.startsWith('scenes/') && tags['seed'] === '0').map(({ key }) => key);
    expect(Object.keys(record.previews!).sort()).toEqual(keys.sort());
    for (const key of keys) expect(page.split(record.previews![key]!).length).toBe(2);
    expect(page).toContain('>red &lt;apple&gt; 0.88</text>');
    expect(page).toContain('<code>a&lt;b</code>');
    expect(page).not.toMatch(/<apple>|a<b/);
    expect(page).toContain('<a href="#dense">Segmentation and detection</a>');
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toHaveLength(new Set(ids).size);
    for (const [, used] of page.matchAll(/<use href="#([^"]+)"/g)) expect(ids).toContain(used);
  });

  test('are left out where there are none, and the rest stands', async () => {
    const record = await made();
    expect(panelsOf(record).map(({ pictures: views, legend, tables }) => [views.length, legend.length, tables.length])).toEqual([[0, 0, 1], [0, 0, 2]]);
    const page = await html.render(reportData(record));
    expect(page).toContain('IoU by class in %');
    expect(page).not.toContain('Best and worst test images');
  });
});

test('a suite of classification alone has no such section', async () => {
  const record = await fixture({ tasks: 1, seeds: 1 });
  expect(panelsOf(record)).toEqual([]);
  expect(await html.render(reportData(record))).not.toContain('#dense');
});

describe('the three families side by side', () => {
  test('one overview, with what each column measures', async () => {
    const record = await made({ seeds: 3 });
    const data = reportData(record);
    const view = overviewView(data.comparisons, noStatistics)!;
    expect(view.columns.map(({ name, measure }) => [name, measure])).toEqual([
      ['fine-tune', 'accuracy'], ['linear', 'accuracy'], ['knn', 'accuracy'], ['upernet', 'mIoU'], ['mask-rcnn, boxes', 'box AP'], ['mask-rcnn, masks', 'mask AP'],
    ]);
    const values = (metric: string, protocol: string): readonly number[] => record.results
      .filter(({ id }) => id.startsWith('transfer/mae/') && id.includes(`/${protocol}/`)).map((one) => (one as unknown as TransferBody).metrics.find((own) => own.metric === metric)!.value);
    const mean = (all: readonly number[]): string => (100 * all.reduce((sum, value) => sum + value / all.length, 0)).toFixed(1);
    expect(view.rows[1]!.cells.slice(3).map(({ main }) => main)).toEqual([mean(values('miou', 'upernet')), mean(values('box_ap', 'mask-rcnn')), mean(values('mask_ap', 'mask-rcnn'))]);
    expect(overviewView(reportData(await fixture({ tasks: 1, seeds: 1 })).comparisons, noStatistics)!.columns.map(({ measure }) => measure)).toEqual(['', '', '']);
  });

  test('the table of masks leaves out a task that has boxes alone', async () => {
    const record = await made();
    const suite = record.suite as unknown as { readonly tasks: readonly { readonly name: string }[] };
    const ofBoxes = (id: string): string => id.replace('/detection/', '/boxes/');
    const again = <T extends { readonly id: string; readonly key: string }>(all: readonly T[], change: (one: T) => Partial<T>): readonly T[] =>
      all.flatMap((one) => (one.id.includes('/detection/mask-rcnn/') ? [one, { ...one, ...change(one), id: ofBoxes(one.id), key: `boxes-${one.key}` }] : [one]));
    const { comparisons } = reportData({
      ...record,
      suite: { ...suite, tasks: [...suite.tasks, { ...suite.tasks.at(-1)!, name: 'scenes/boxes', task: 'boxes' }] },
      jobs: again(record.jobs, ({ tags }) => ({ tags: { ...tags, task: 'scenes/boxes' } })),
      results: again(record.results, (one) => ({ metrics: (one as unknown as DetectionTransfer).metrics.filter(({ metric }) => metric.startsWith('box')) })),
    });
    const tasksOf = (id: string) => comparisons.find((one) => one.id === id)!.tasks.map(({ task }) => task.name);
    expect([tasksOf('mask-rcnn'), tasksOf('mask-rcnn-masks')]).toEqual([['scenes/detection', 'scenes/boxes'], ['scenes/detection']]);
    const [row] = comparisons.find(({ id }) => id === 'mask-rcnn-masks')!.rows;
    expect(row!.average).toMatchObject({ completeTasks: 1, summary: { mean: expect.any(Number) as number } });
    expect(row!.average.summary).not.toHaveProperty('mean', NaN);
  });

  test('the summary names who is not above scratch, by each table', async () => {
    const low = { perClass: [], metrics: [{ metric: 'miou', value: 0.01, unit: 'fraction' as const }] };
    const record = changed(await made(), { 'transfer/mae-random/segmentation/upernet/s0': low, 'transfer/mae-random/segmentation/upernet/s1': low });
    expect(await markdown.render(reportData(record))).toMatch(/by upernet [^\n]* mae-random is not above scratch, by the mean\./);
    expect(await markdown.render(reportData(await made()))).not.toMatch(/by upernet [^\n]*not above scratch/);
  });

  test('and who is above it by the mean alone, which few seeds and images do not tell from it', async () => {
    const three = await made({ seeds: 3 });
    expect(await markdown.render(reportData(three))).toMatch(/by upernet [^\n]* mae-split-b, mae-equal-steps, mae-split-a and mae-random are above scratch by the mean, and not told from it \(Holm over 15 pairs; a true difference of [\d.]+ points would be found in 4 of 5 such runs, median over them, by the strictest step of the correction\)\./);
    const low = { metrics: [{ metric: 'miou', value: 0.01, unit: 'fraction' as const }] };
    const others = changed(three, Object.fromEntries([0, 1, 2].flatMap((seed) => ['mae-random', 'mae-split-a', 'mae-equal-steps'].map((name) => [`transfer/${name}/segmentation/upernet/s${seed}`, low]))));
    expect(await markdown.render(reportData(others))).toMatch(/ mae-equal-steps, mae-split-a and mae-random are not above scratch, by the mean\. mae-split-b is above scratch by the mean, and not told from it/);
  });

  test('nothing is said of negative transfer by protocols whose tasks are of no side', async () => {
    const record = await made({ seeds: 3 });
    const mixed = { ...record, results: record.results.map((one) => (one.id.includes('/segmentation/') || one.id.includes('/detection/') ? { ...one, side: 'mixed' } as never : one)) };
    const protocolsOf = (data: ReturnType<typeof reportData>) => data.negative().flatMap(({ protocols }) => protocols.map(({ protocol }) => protocol));
    expect(protocolsOf(reportData(mixed))).toEqual(['fine-tune', 'linear', 'knn']);
    expect(await markdown.render(reportData(mixed))).not.toMatch(/Negative transfer[^]*by (upernet|mask-rcnn)/);
  });

  test('the summary has a table of each, and options once a protocol', async () => {
    const data = reportData(await made());
    const text = await markdown.render(data);
    expect([...text.matchAll(/^### (.*) `/gm)].map(([, title]) => title)).toEqual(['fine-tune', 'linear', 'knn', 'upernet', 'mask-rcnn, boxes', 'mask-rcnn, masks']);
    expect(text).toMatch(/Test mIoU in %/);
    expect(choiceTables(data).map(({ title }) => title)).toEqual(['fine-tune', 'linear', 'knn', 'upernet', 'mask-rcnn']);
  });
});
