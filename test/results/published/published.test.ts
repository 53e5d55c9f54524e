import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { html } from '../../../src/report/html.js';
import { reportData, type ReportData } from '../../../src/report/format.js';
import { publishedFiles } from '../../../src/report/published-files.js';
import { besidePublished, validatePublished, type PublishedFile, type PublishedNumber } from '../../../src/results/published/index.js';
import type { ResolvedSuite } from '../../../src/suite/resolved.js';
import { fixture } from '../../report/fixture.js';

const names = readdirSync('baselines/published');
const raw = (name: string): PublishedFile => JSON.parse(readFileSync(`baselines/published/${name}`, 'utf8')) as PublishedFile;

describe('the published numbers that come with the project', () => {
  it.each(names)('%s: every number was found in the file\'s source, and tells what it is of', (name) => {
    const { source, numbers } = validatePublished(raw(name), name);
    for (const { tag, method, metric, protocol, value, task, unit } of numbers) {
      expect(tag).toMatch(/^F2?:S\d+$/);
      expect(tag.slice(tag.indexOf(':') + 1)).toBe(source.id);
      expect(Boolean(method && metric && protocol.details)).toBe(true);
      if (unit === '%') expect(task).not.toBeNull();
      expect(unit !== '%' || (value > 20 && value < 100)).toBe(true);
    }
  });

  it.each([
    ['a recalled number', { tag: 'R-M' }, '/numbers/0/tag'],
    ['a derived number', { tag: 'D' }, '/numbers/0/tag'],
    ['a number of another source', { tag: 'F:S99' }, 'F:S99 is not this source\'s'],
    ['a primary tag of a secondary source', { tag: 'F:S11' }, 'F:S11 is not this source\'s'],
    ['a number without protocol', { protocol: undefined }, "must have required property 'protocol'"],
    ['a difference to nothing', { quantity: 'difference', unit: 'points' }, 'to what is the difference?'],
    ['a ratio in per cent', { quantity: 'ratio', against: 'mae' }, 'a ratio in %'],
  ] as const)('%s is refused', (_, change, message) => {
    const file = raw('mixedae-leaderboard.json');
    const value = { ...file, numbers: [{ ...file.numbers[0]!, ...change }] };
    expect(() => validatePublished(value, 'x.json')).toThrow(expect.objectContaining({ kind: 'data', message: expect.stringContaining(message) as string }));
  });

  it('are those of the sources', () => {
    const all = names.flatMap((name) => raw(name).numbers.map((number) => ({ name, ...number })));
    const of = (wanted: Partial<PublishedNumber>, protocol: string, dataset: string): readonly (readonly [string, number])[] =>
      all.filter((number) => Object.entries(wanted).every(([key, value]) => number[key as keyof PublishedNumber] === value) && number.protocol.name === protocol && number.task?.dataset === dataset).map(({ name, value }) => [name.replace('.json', ''), value]);
    expect(of({ method: 'mae', model: 'ViT-B/16', epochs: 1600 }, 'fine-tune', 'ImageNet-1K')).toEqual([['mae-code', 83.664], ['mae-paper', 83.6], ['mmpretrain', 83.5]]);
    expect(of({ method: 'mae', model: 'ViT-L/16', metric: 'box_ap' }, 'mask-rcnn', 'COCO')).toEqual([['mae-paper', 53.3]]);
    expect(of({ method: 'ibot', model: 'ViT-B/16', metric: 'miou' }, 'upernet', 'ADE20K')).toEqual([['ibot-paper', 50]]);
    expect(of({ method: 'mixedae', quantity: 'value' }, 'fine-tune', 'ImageNet-1K')).toEqual([['mixedae-leaderboard', 83.9]]);
    // MixedAE's AP and MAE's 50.6 by the cascade were not found in any source, its mIoU without how long it was trained.
    expect(all.filter(({ method, quantity, metric }) => method === 'mixedae' && quantity === 'value' && metric !== 'top1')).toEqual([]);
    expect(all.some(({ value }) => value === 50.6)).toBe(false);
  });
});

describe('beside what is measured', () => {
  let data: ReportData;
  let files: readonly PublishedFile[];
  beforeAll(async () => {
    data = reportData(await fixture({ seeds: 3, tasks: 2 }));
    files = await publishedFiles();
  });

  it('stand numbers of the methods and protocols that are there, of one entry a method, in the files\' order', () => {
    const rows = besidePublished(data.suite, data.comparisons, files);
    expect([...new Set(rows.map(({ entry }) => entry))]).toEqual(['scratch', 'mae']);
    expect(rows.filter(({ entry, table }) => entry === 'mae' && table === 'fine-tune').map(({ published }) => published.value)).toEqual([83.664, 83.6, 85.9, 83.1, 83.3, 83.3, 83.5]);
    expect(rows.every(({ published, table }) => published.protocol.name === table && published.unit === '%')).toBe(true);
    expect(rows.some(({ table }) => table === 'knn')).toBe(false);
  });

  it('with everything that differs, and with the protocol always', () => {
    const row = besidePublished(data.suite, data.comparisons, files).find(({ source, table }) => source.id === 'S1' && table === 'fine-tune')!;
    const average = data.comparisons[0]!.rows.find(({ entry }) => entry.name === 'mae')!.average;
    expect(row).toMatchObject({ task: null, measured: average.summary, against: null });
    expect(row.differences).toEqual([
      { of: 'test data', here: 'the average over emoji/mammals, emoji/birds-and-sea', there: 'ImageNet-1K' },
      { of: 'pre-training data', here: 'emoji', there: 'ImageNet-1K' },
      { of: 'model', here: 'width 128, depth 4, patches of 8, 32 pixels', there: 'ViT-B/16' },
      { of: 'epochs', here: '40', there: '1600' },
      { of: 'protocol', here: `fine-tune ${data.comparisons[0]!.protocol.hash}`, there: expect.stringContaining('layer decay 0.65') },
    ]);
  });

  it('but not beside a cell or an average that mixes protocols', () => {
    const mixed = data.comparisons.map((comparison) => ({
      ...comparison,
      rows: comparison.rows.map((row) => (row.entry.name === 'mae' && comparison.protocol.name === 'fine-tune' ? { ...row, average: { ...row.average, mixed: ['another protocol'] } } : row)),
    }));
    const [before, now] = [data.comparisons, mixed].map((all) => besidePublished(data.suite, all, files));
    const doubtful = (row: { readonly entry: string; readonly against: string | null; readonly table: string; readonly task: string | null }): boolean =>
      row.table === 'fine-tune' && row.task === null && (row.entry === 'mae' || row.against === 'mae');
    expect(before!.filter(doubtful).length).toBeGreaterThan(3);
    expect(now).toEqual(before!.filter((row) => !doubtful(row)));
  });

  it('epochs are those of the start too', () => {
    const suite: ResolvedSuite = { ...data.suite, entries: data.suite.entries.map((entry) => (entry.name === 'mae' ? { ...entry, start: 'mae-random' } : entry)) };
    const row = besidePublished(suite, data.comparisons, files).find(({ source, entry }) => source.id === 'S1' && entry === 'mae')!;
    expect(row.differences.find(({ of }) => of === 'epochs')).toEqual({ of: 'epochs', here: '40 after 40 of mae-random', there: '1600' });
  });

  it('a number of a data set that the suite judges stands beside that task, and never without a difference', () => {
    const suite: ResolvedSuite = {
      ...data.suite,
      model: { ...data.suite.model, name: 'vit_base', patch_size: 16, image_size: 224 },
      data: data.suite.data.map((one) => ({ ...one, source: 'cifar10' })),
      entries: data.suite.entries.map((entry) => ({ ...entry, method: entry.method === 'mae' ? 'ibot' : entry.method })),
    };
    const rows = besidePublished(suite, data.comparisons, files).filter(({ published }) => published.task?.dataset === 'CIFAR-10' && published.method === 'ibot');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ task: 'emoji/mammals', published: { value: 99.2 } });
    expect(rows[0]!.differences.map(({ of }) => of)).toEqual(['test data', 'pre-training data', 'epochs', 'protocol']);
    // Which may be a part of the set.
    expect(rows[0]!.differences[0]).toEqual({ of: 'test data', here: 'CIFAR-10, 192 to 200 test images', there: 'CIFAR-10' });
  });

  it('a published difference stands beside the paired one', () => {
    const suite: ResolvedSuite = { ...data.suite, entries: data.suite.entries.map((entry) => (entry.name === 'mae-equal-steps' ? { ...entry, method: 'moce' } : entry)) };
    const row = besidePublished(suite, data.comparisons, files).find(({ published }) => published.method === 'moce')!;
    const [mae, moce] = ['mae', 'mae-equal-steps'].map((name) => data.comparisons[0]!.rows.find(({ entry }) => entry.name === name)!.average.sample);
    const mean = [0, 1, 2].reduce((sum, seed) => sum + (moce!.get(seed)! - mae!.get(seed)!) / 3, 0);
    expect(row).toMatchObject({ entry: 'mae-equal-steps', against: 'mae', table: 'fine-tune', task: null, published: { value: 2.45, unit: 'points' } });
    expect((row.measured as { readonly mean: number }).mean).toBeCloseTo(mean, 12);
  });

  it('a re-statement of a method is a difference, and nothing else of a row', () => {
    const suite: ResolvedSuite = { ...data.suite, entries: data.suite.entries.map((entry) => (entry.name === 'mae-equal-steps' ? { ...entry, method: 'moce' } : entry)) };
    const restatement = { name: 'MoCE-style', of: 'MoCE (Liu et al.)', sources: 'its abstract and memory', found: ['a'], recalled: ['b'], ours: ['c'] };
    const [plain, told] = [undefined, { moce: restatement }].map((restatements) => besidePublished(suite, data.comparisons, files, restatements));
    const moce = told!.findIndex(({ published }) => published.method === 'moce');
    expect(told![moce]!.differences).toEqual([{ of: 'method', here: 'MoCE-style, a re-statement from its abstract and memory (see Pre-training)', there: "the paper's" }, ...plain![moce]!.differences]);
    expect(told!.toSpliced(moce, 1)).toEqual(plain!.toSpliced(moce, 1));
  });

  it('an AP that is not told to be of boxes or masks stands beside the one of boxes, marked', async () => {
    const dense = reportData(await fixture({ seeds: 2, tasks: 1, dense: 'without-pictures' }));
    const suite: ResolvedSuite = { ...dense.suite, entries: dense.suite.entries.map((entry) => (entry.name === 'mae-equal-steps' ? { ...entry, method: 'mixedae' } : entry)) };
    const rows = besidePublished(suite, dense.comparisons, files).filter(({ published }) => published.method === 'mixedae' && published.metric === 'ap');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ table: 'mask-rcnn', against: 'mae', published: { value: 0.9, unit: 'points' } });
    expect(rows[0]!.differences).toContainEqual({ of: 'metric', here: 'box_ap', there: 'ap' });
  });

  it('the page shows them apart, and not where nothing is published of the methods', async () => {
    const page = await html.render(data);
    expect(page).toContain('id="published"');
    expect(page).toContain('83.664 %');
    expect(page).toContain('epochs: 40 here, 1600 there');
    expect(besidePublished({ ...data.suite, entries: data.suite.entries.map((entry) => ({ ...entry, method: 'checkpoint' })) }, data.comparisons, files)).toEqual([]);
  });
});
