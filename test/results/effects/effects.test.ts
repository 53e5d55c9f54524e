import { describe, expect, test } from 'vitest';
import { hierarchicalInterval, holm, mcnemar, mean, tInterval } from '../../../src/metrics/stats/index.js';
import { compare, type Comparison } from '../../../src/results/comparison.js';
import { evaluationOf, pairedEffect, replicate, statisticsOf, type Effect, type Evaluation } from '../../../src/results/effects/index.js';
import type { ClassificationTransfer, Result, RunRecord, TransferBody } from '../../../src/results/types.js';
import { fixture } from '../../report/fixture.js';

const isTransfer = (result: Result): result is Result<TransferBody> => result.kind === 'transfer';
const effectsOf = (record: RunRecord): readonly Effect[] => statisticsOf(record).effects;
const table = (record: RunRecord, id: string): Comparison => compare(record).find((one) => one.id === id)!;
const judged = (record: RunRecord, entry: string, task: string, protocol: string): readonly (ClassificationTransfer & { readonly id: string })[] =>
  record.results.flatMap((result) => (isTransfer(result) && result.taskKind === 'classification' && result.id.startsWith(`transfer/${entry}/${task}/${protocol}/`) ? [result] : []));
const changed = (record: RunRecord, ids: readonly string[], change: (result: Result<TransferBody>) => object): RunRecord =>
  ({ ...record, results: record.results.map((result) => (isTransfer(result) && ids.includes(result.id) ? { ...result, ...change(result) } : result)) });

describe('draws of test images', () => {
  test('are the same for equal images, and others for the images of another task', () => {
    const values = Array.from({ length: 50 }, (_, i) => Number(i % 3 === 0));
    const judgedOn = (task: string) => ({ ids: values.map((_, i) => `${task}/${i}`), classes: null, value: 0, statistic: (weights: ArrayLike<number>) => values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / 50 }) as unknown as Evaluation;
    const drawn = (task: string): Float64Array => replicate([judgedOn(task)], [judgedOn(task)])[0]!.replicates;
    const [own, again, other] = [drawn('a'), drawn('a'), drawn('b')];
    expect(again).toEqual(own);
    const [a, b] = [own, other].map((series) => series.map((value) => value - mean([...series]))) as [Float64Array, Float64Array];
    const product = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    // Of 1,000 independent pairs: within 4 / sqrt(1000).
    expect(Math.abs(product(a, b) / Math.sqrt(product(a, a) * product(b, b)))).toBeLessThan(0.127);
  });
});

describe('effects against the reference', () => {
  test('stand for every other entry, task and average, in the order of the tables', async () => {
    const record = await fixture({ seeds: 3, tasks: 2 });
    const effects = effectsOf(record);
    const others = ['scratch', 'mae-equal-steps', 'mae-split-a', 'mae-split-b', 'mae-random'];
    expect(effects.map(({ table: id, entry, against, task }) => [id, entry, against, task])).toEqual(
      ['fine-tune', 'linear', 'knn'].flatMap((id) => others.flatMap((entry) => ['emoji/mammals', 'emoji/birds-and-sea', null].map((task) => [id, entry, 'mae', task]))));
  });

  test('seeds with test images of their own share no noise of images, exactly', async () => {
    const record = await fixture({ seeds: 3, tasks: 1 });
    const own = { ...record, results: record.results.map((result) => (isTransfer(result) && result.taskKind === 'classification'
      ? { ...result, perImage: { ...result.perImage, ids: result.perImage.ids.map((id) => `s${result.seed}/${id}`) } } : result)) } as RunRecord;
    const variances = (of: RunRecord): readonly number[] => effectsOf(of).filter(({ task }) => task !== null).map(({ estimate }) => estimate!.imageVariance);
    expect(new Set(variances(own))).toEqual(new Set([0]));
    expect(variances(record).some((variance) => variance > 0)).toBe(true);
    // The groups of a column are tested by the same estimate.
    const { effects, groups } = statisticsOf(own);
    const pairs = groups.flatMap(({ table: id, task, pairs: all }) => all.filter(({ against }) => against === 'mae').map((pair) => ({ pair, effect: effects.find((one) => one.table === id && one.task === task && one.entry === pair.entry)! })));
    expect(pairs.length).toBeGreaterThan(0);
    for (const { pair, effect } of pairs) expect(pair.overall).toEqual(effect.overall);
  });

  test('their numbers come from the right results', async () => {
    const record = await fixture({ seeds: 4, tasks: 3 });
    const effects = effectsOf(record).filter((effect) => effect.table === 'linear' && effect.entry === 'scratch');
    const own = ['mammals', 'birds-and-sea', 'food'].map((task) => ({ entry: judged(record, 'scratch', task, 'linear'), against: judged(record, 'mae', task, 'linear') }));
    const differences = own.map(({ entry, against }) => entry.map(({ metrics }, seed) => metrics[0]!.value - against[seed]!.metrics[0]!.value));
    effects.slice(0, 3).forEach((effect, task) => {
      const interval = tInterval(differences[task]!)!;
      expect(effect).toMatchObject({ seeds: 4, mean: expect.closeTo(interval.mean, 13) as number, sd: expect.closeTo(interval.sd, 13) as number, doubt: null, imagesNote: null });
      expect(effect.overSeeds).toEqual({ low: expect.closeTo(interval.low, 12) as number, high: expect.closeTo(interval.high, 12) as number });
      // The fixture's seeds have 0, 4, 8, 0 images more than the first.
      expect(effect.images).toBe(Math.max(...own[task]!.entry.map(({ nTest }) => nTest)));
      expect(effect.mcnemar).toEqual(own[task]!.entry.map(({ seed, perImage: { labels, predictions } }, at) => {
        const other = own[task]!.against[at]!.perImage.predictions;
        const [onlyEntry, onlyAgainst] = [
          labels.filter((label, i) => predictions[i] === label && other[i] !== label).length, labels.filter((label, i) => predictions[i] !== label && other[i] === label).length,
        ];
        return { seed, onlyEntry, onlyAgainst, p: mcnemar(onlyEntry, onlyAgainst) };
      }));
      expect(effect.overall).toEqual(hierarchicalInterval(effect.estimate!));
      expect(effect.estimate!.seedVariance).toBeCloseTo(interval.sd ** 2 / 4, 13);
    });
    const adjusted = holm(effects.slice(0, 3).map(({ p }) => p!));
    expect(effects.map((effect) => effect.adjusted)).toEqual([...adjusted, null]);
    const average = tInterval([0, 1, 2, 3].map((seed) => mean(differences.map((values) => values[seed]!))))!;
    expect(effects[3]).toMatchObject({ task: null, mean: expect.closeTo(average.mean, 13) as number, mcnemar: [], images: effects.slice(0, 3).reduce((sum, { images }) => sum + images, 0) });
    expect(effects[3]!.overSeeds!.low).toBeCloseTo(average.low, 12);
  });

  test('the bootstrap over images is paired: its spread is that of the disagreement', async () => {
    const record = await fixture({ seeds: 3, tasks: 1 });
    const linear = table(record, 'linear');
    const effect = pairedEffect(linear, 'emoji/mammals', 'scratch', 'mae')!;
    const [first, second] = ['scratch', 'mae'].map((entry) => judged(record, entry, 'mammals', 'linear')) as [ReturnType<typeof judged>, ReturnType<typeof judged>];
    // By image, the mean over the seeds that have it of the difference, weighted as the seeds' accuracies do; 24 classes of 8 or 9 images.
    const contributions = new Map<string, { sum: number; label: number }>();
    first.forEach(({ perImage: { ids, labels, predictions }, nTest }, seed) => ids.forEach((id, i) => {
      const other = second[seed]!.perImage.predictions[i];
      const known = contributions.get(id) ?? { sum: 0, label: labels[i]! };
      known.sum += (Number(predictions[i] === labels[i]) - Number(other === labels[i])) / nTest / 3;
      contributions.set(id, known);
    }));
    let variance = 0;
    for (let label = 0; label < 24; label++) {
      const own = [...contributions.values()].filter((one) => one.label === label).map(({ sum }) => sum);
      variance += (own.length / (own.length - 1)) * own.reduce((all, value) => all + (value - mean(own)) ** 2, 0);
    }
    const width = effect.overImages!.high - effect.overImages!.low;
    expect(width / (2 * 1.96 * Math.sqrt(variance))).toBeGreaterThan(0.9);
    expect(width / (2 * 1.96 * Math.sqrt(variance))).toBeLessThan(1.1);
    expect((effect.overImages!.low + effect.overImages!.high) / 2).toBeCloseTo(effect.mean, 2);
  });

  test('a pair is the same from the record and alone, and turned around it is the negative', async () => {
    const record = await fixture({ seeds: 3, tasks: 2 });
    const knn = table(record, 'knn');
    for (const effect of effectsOf(record).filter(({ table: id, entry }) => id === 'knn' && entry === 'scratch')) {
      expect(pairedEffect(knn, effect.task, 'scratch', 'mae')).toEqual(effect);
      const turned = pairedEffect(knn, effect.task, 'mae', 'scratch')!;
      expect(turned.mean).toBeCloseTo(-effect.mean, 14);
      expect([turned.overImages!.low, turned.overall!.low, turned.p, turned.imagesP]).toEqual(
        [expect.closeTo(-effect.overImages!.high, 12), expect.closeTo(-effect.overall!.high, 12), expect.closeTo(effect.p!, 9), effect.imagesP]);
    }
    expect(pairedEffect(knn, 'emoji/mammals', 'mae', 'nobody')).toBeNull();
    expect(pairedEffect(knn, 'emoji/food', 'mae', 'scratch')).toBeNull();
  });

  test('two entries with equal predictions differ by nothing, surely', async () => {
    const record = await fixture({ seeds: 3, tasks: 1 });
    const ids = [0, 1, 2].map((seed) => `transfer/scratch/mammals/linear/s${seed}`);
    const copied = changed(record, ids, ({ id }) => {
      const { metrics, perImage } = judged(record, 'mae', 'mammals', 'linear').find((one) => one.id === id.replace('scratch', 'mae'))!;
      return { metrics, perImage };
    });
    const none = { low: 0, high: 0 };
    expect(pairedEffect(table(copied, 'linear'), 'emoji/mammals', 'scratch', 'mae')).toMatchObject({ mean: 0, overSeeds: none, overImages: none, overall: none, p: 1, imagesP: 1, detectable: null });
  });
});

describe('where less is known', () => {
  test('two seeds: other images alone', async () => {
    const record = await fixture({ seeds: 2, tasks: 1 });
    const [effect] = effectsOf(record);
    expect(effect).toMatchObject({ seeds: 2, overSeeds: null, overall: null, estimate: null, p: null, adjusted: null, detectable: null });
    expect(effect!.overImages!.low).toBeLessThan(effect!.overImages!.high);
    expect(effect!.imagesP).toBeGreaterThan(0);
    expect(effect!.mcnemar).toHaveLength(2);
  });

  test('without a reference there are no effects', async () => {
    const record = await fixture({ seeds: 2, tasks: 1 });
    expect(effectsOf({ ...record, suite: { ...(record.suite as object), reference: null } })).toEqual([]);
  });

  test('other test images on the two sides: seeds alone, and it is said', async () => {
    const record = await fixture({ seeds: 3, tasks: 1 });
    const other = changed(record, ['transfer/scratch/mammals/linear/s1'], ({ perImage }) => ({ perImage: { ...perImage, ids: perImage.ids.map((id) => `other/${id}`) } }));
    const effect = pairedEffect(table(other, 'linear'), 'emoji/mammals', 'scratch', 'mae')!;
    expect(effect).toMatchObject({ overImages: null, overall: null, p: null, adjusted: null, mcnemar: [], imagesNote: 'no test images that both sides were judged on at seed 1' });
    expect(effect.overSeeds).toEqual(pairedEffect(table(record, 'linear'), 'emoji/mammals', 'scratch', 'mae')!.overSeeds);
    // In another order they are the same images.
    const turned = changed(record, ['transfer/scratch/mammals/linear/s1'], (result) => {
      const { ids, labels, predictions } = (result as ClassificationTransfer).perImage;
      return { perImage: { ids: ids.toReversed(), labels: labels.toReversed(), predictions: predictions.toReversed() } };
    });
    expect(pairedEffect(table(turned, 'linear'), 'emoji/mammals', 'scratch', 'mae')).toMatchObject({ imagesNote: null, mcnemar: pairedEffect(table(record, 'linear'), 'emoji/mammals', 'scratch', 'mae')!.mcnemar });
  });

  test('a missing cell: the seeds that both have, and no average', async () => {
    const record = await fixture({ seeds: 4, tasks: 2, failed: { 'transfer/scratch/mammals/linear/s2': 'x' } });
    const effects = effectsOf(record).filter(({ table: id, entry }) => id === 'linear' && entry === 'scratch');
    expect(effects.map(({ task, seeds }) => [task, seeds])).toEqual([['emoji/mammals', 3], ['emoji/birds-and-sea', 4]]);
  });

  test('nothing is concluded from the seeds that are left where some are lost, nor do they count in the correction', async () => {
    const all = await fixture({ seeds: 5, tasks: 2 });
    const record = await fixture({ seeds: 5, tasks: 2, failed: { 'transfer/scratch/mammals/linear/s2': 'x', 'transfer/scratch/mammals/linear/s4': 'x' } });
    const of = (one: RunRecord, against: string): readonly Effect[] => effectsOf(one).filter(({ table: id, entry }) => id === 'linear' && entry === against);
    const [lost, whole] = of(record, 'scratch');
    expect(lost).toMatchObject({ seeds: 3, overSeeds: null, overall: null, p: null, adjusted: null, doubt: 'scratch has 3 of 5 seeds on emoji/mammals' });
    expect(lost!.overImages).not.toBeNull();
    expect(whole).toMatchObject({ doubt: null, adjusted: whole!.p, p: of(all, 'scratch')[1]!.p });
    // So it is with the reference's own.
    const reference = await fixture({ seeds: 5, tasks: 2, failed: { 'transfer/mae/mammals/linear/s2': 'x' } });
    expect(of(reference, 'scratch')[0]).toMatchObject({ p: null, doubt: 'mae has 4 of 5 seeds on emoji/mammals' });
  });

  test('nothing is concluded over seeds from one encoder, a collapse, no learning, or another protocol', async () => {
    const against = async (record: RunRecord): Promise<readonly Effect[]> => effectsOf(record).filter(({ table: id, entry }) => id === 'linear' && entry === 'mae-random');
    const nothing = { overSeeds: null, overall: null, p: null, adjusted: null };
    for (const effect of await against(await fixture({ seeds: 3, tasks: 1, oneEncoder: 'mae-random' }))) {
      expect(effect).toMatchObject({ ...nothing, doubt: 'mae-random: one encoder, 3 transfers' });
      expect(effect.overImages).not.toBeNull();
    }
    const record = await fixture({ seeds: 3, tasks: 2 });
    const collapsed = { ...record, results: record.results.map((result) => (result.kind === 'pretrain' && result.id.startsWith('pretrain/mae/') ? { ...result, collapsed: { reason: 'all alike' } } : result)) };
    for (const effect of await against(collapsed)) expect(effect).toMatchObject({ ...nothing, doubt: 'mae collapsed in pre-training: all alike (3 of 3 seeds)' });
    const unlearned = await against(await fixture({ seeds: 3, tasks: 2, unlearned: ['transfer/mae-random/mammals/linear/s1'] }));
    expect(unlearned.map(({ doubt }) => doubt)).toEqual(['mae-random failed to learn', null, 'mae-random failed to learn']);
    // The correction is over the one task that is left.
    expect(unlearned[1]!.adjusted).toBe(unlearned[1]!.p);
    const mixed = await against(changed(record, ['transfer/mae-random/mammals/linear/s1'], () => ({ protocolHash: 'beef' })));
    expect(mixed.map(({ doubt, p }) => [doubt, p === null])).toEqual([['mae-random: protocol beef at seed 1', true], [null, false], ['mae-random: protocol beef at seed 1', true]]);
  });
});

describe('levels', () => {
  test('have no interval over images where all are judged alike: it would have no width', async () => {
    const record = await fixture({ seeds: 3, tasks: 1 });
    const ids = [0, 1, 2].map((seed) => `transfer/mae/mammals/linear/s${seed}`);
    const perfect = changed(record, ids, (result) => {
      const { perImage, metrics } = result as ClassificationTransfer;
      return { perImage: { ...perImage, predictions: perImage.labels }, metrics: metrics.map((metric) => ({ ...metric, value: 1 })) };
    });
    const level = statisticsOf(perfect).levels.find(({ table: id, entry, task }) => id === 'linear' && entry === 'mae' && task !== null);
    expect(level).toMatchObject({ mean: 1, sd: 0, overImages: null, overall: null });
  });

  test('every value with both errors apart', async () => {
    const record = await fixture({ seeds: 3, tasks: 2 });
    const { levels } = statisticsOf(record);
    expect(levels).toHaveLength(3 * 6 * 3);
    const level = levels.find(({ table: id, entry, task }) => id === 'knn' && entry === 'mae' && task === 'emoji/birds-and-sea')!;
    const values = judged(record, 'mae', 'birds-and-sea', 'knn').map(({ metrics }) => metrics[0]!.value);
    const interval = tInterval(values)!;
    expect(level).toMatchObject({ seeds: 3, mean: expect.closeTo(mean(values), 13) as number, sd: expect.closeTo(interval.sd, 13) as number });
    expect(level.overSeeds).toEqual({ low: expect.closeTo(interval.low, 12) as number, high: expect.closeTo(interval.high, 12) as number });
    expect(level.overImages!.low).toBeLessThan(level.mean);
    expect(level.overImages!.high).toBeGreaterThan(level.mean);
  });

  test('over tasks: interquartile mean, and the probability of improvement', async () => {
    const record = await fixture({ seeds: 2, tasks: 2 });
    const { overTasks } = statisticsOf(record);
    const values = (entry: string): readonly (readonly number[])[] => ['mammals', 'birds-and-sea'].map((task) => judged(record, entry, task, 'linear').map(({ metrics }) => metrics[0]!.value));
    const found = overTasks.find(({ table: id, entry }) => id === 'linear' && entry === 'scratch')!;
    // Of four values the middle two.
    const sorted = values('scratch').flat().sort((a, b) => a - b);
    expect(found.interquartileMean).toBeCloseTo((sorted[1]! + sorted[2]!) / 2, 14);
    const wins = values('scratch').map((runs, task) => mean(runs.flatMap((run) => values('mae')[task]!.map((other) => (run > other ? 1 : run === other ? 0.5 : 0)))));
    expect(found.improvement).toBeCloseTo(mean(wins), 14);
    expect(overTasks.filter(({ entry }) => entry === 'mae').map(({ improvement }) => improvement)).toEqual([null, null, null]);
  });
});

describe('evaluations', () => {
  test('images as they are give the value of the table', async () => {
    const record = await fixture({ seeds: 1, tasks: 1, dense: 'without-pictures' });
    const [top1] = judged(record, 'mae', 'mammals', 'linear');
    const { statistic, value, ids, right, classes } = evaluationOf(top1!, 'accuracy');
    expect(statistic(new Float64Array(ids.length).fill(1))).toBeCloseTo(value, 14);
    expect(right!.filter(Boolean).length / right!.length).toBeCloseTo(value, 14);
    expect(classes!.slice(0, 2)).toEqual(['class 0', 'class 1']);
    const perClass = evaluationOf({ ...top1!, primary: 'mean_per_class' }, 'accuracy');
    expect([perClass.right, perClass.value]).toEqual([null, top1!.metrics[1]!.value]);
    const half = { ...top1!, perImage: { ids: ['a', 'b', 'c'], labels: [0, 0, 1], predictions: [0, 1, 1] } };
    expect(evaluationOf({ ...half, primary: 'mean_per_class' }, 'accuracy').statistic(Float64Array.of(1, 1, 1))).toBeCloseTo(0.75, 14);
    expect(evaluationOf(half, 'accuracy').statistic(Float64Array.of(1, 1, 1))).toBeCloseTo(2 / 3, 14);
  });

  test('segmentation and detection: pixels, boxes and masks', async () => {
    const record = await fixture({ seeds: 1, tasks: 1, dense: 'without-pictures' });
    const of = (kind: string): TransferBody => record.results.filter(isTransfer).find((result) => result.taskKind === kind)!;
    const segmented = { ...of('segmentation'), perImage: { ids: ['a', 'b'], counts: [[0, 3, 1, 0, 1, 2, 0, 1], [0, 1, 0, 1]] } } as TransferBody;
    expect(evaluationOf(segmented, 'miou').statistic(Float64Array.of(1, 2))).toBeCloseTo((5 / 8 + 2 / 3) / 2, 14);
    const match = (matched: number) => [{ category: 0, truths: 1, scores: [0.5], matched: [matched], ignored: [0] }];
    const detected = { ...of('detection'), perImage: { ids: ['a'], box: [match(0b11111)], mask: [match(0b1)] } } as TransferBody;
    expect([evaluationOf(detected, 'box_ap'), evaluationOf(detected, 'mask_ap')].map(({ statistic }) => statistic(Float64Array.of(1)))).toEqual([expect.closeTo(0.5, 12), expect.closeTo(0.1, 12)]);
    const { effects, levels } = statisticsOf(await fixture({ seeds: 3, tasks: 1, dense: 'without-pictures' }));
    expect(effects.some(({ table: id, overImages }) => id === 'upernet' && overImages !== null)).toBe(true);
    // The fixture's detections are empty.
    expect(levels.filter(({ table: id }) => id === 'mask-rcnn-masks').every(({ overImages, overSeeds }) => overImages === null && overSeeds !== null)).toBe(true);
  });
});
