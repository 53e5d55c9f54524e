import { expect, it } from 'vitest';
import { baselineOf } from '../../../src/results/baseline/index.js';
import { decide, type QualityRow } from '../../../src/results/gate/index.js';
import { stream } from '../../../src/random.js';
import type { Result, RunRecord } from '../../../src/results/types.js';
import { fixture } from '../../report/fixture.js';

it('a run that has finished without masks says that of theirs, and not that it has not finished', async () => {
  const record = await fixture({ seeds: 3, tasks: 1, dense: 'without-pictures' });
  const boxes = { ...record, results: record.results.map((result): Result => (result.kind === 'transfer' && result.taskKind === 'detection' ? { ...result, metrics: result.metrics.filter(({ metric }) => !metric.startsWith('mask')), perImage: { ...result.perImage, mask: null } } : result)) };
  const masks = decide(boxes, baselineOf(record, 'base')).rows.filter((row) => row.kind === 'quality' && row.measure === 'mask_ap');
  expect(new Set(masks.map(({ verdict }) => JSON.stringify(verdict)))).toEqual(new Set(['{"verdict":"cannot-tell","reason":{"why":"not-measured"}}']));
  expect(masks).toHaveLength(6);
});

/** The dense cells with other values: on the mean `drop` below, and a pixel less that is right, so that they count as changed. */
function lowered(record: RunRecord, drop: number): RunRecord {
  const results = record.results.map((result, at): Result => {
    if (result.kind !== 'transfer' || result.taskKind === 'classification') return result;
    const metrics = result.metrics.map((one, index) => ({ ...one, value: one.value - drop + 0.005 * stream(at, 'lowered', index).normal() }));
    return result.taskKind === 'segmentation'
      ? { ...result, metrics, perImage: { ...result.perImage, counts: result.perImage.counts.map((counts, image) => (image === 0 ? counts.map((value, place) => (place === 1 ? value - 1 : place === 3 ? value + 1 : value)) : counts)) } }
      : { ...result, metrics, perImage: { ...result.perImage, box: result.perImage.box.map((image, index) => (index === 0 ? [] : image)), mask: result.perImage.mask?.map((image, index) => (index === 0 ? [] : image)) ?? null } };
  });
  return { ...record, results };
}

it('segmentation, boxes and masks are rows of their own; a lower value of each is seen', async () => {
  const record = await fixture({ seeds: 3, tasks: 1, dense: 'without-pictures' });
  const baseline = baselineOf(record, 'base');
  const dense = (gate: ReturnType<typeof decide>): readonly QualityRow[] => gate.rows.flatMap((row) => (row.kind === 'quality' && row.measure !== null && row.measure !== 'accuracy' ? [row] : []));
  expect(dense(decide(record, baseline)).map(({ entry, table, measure, identical }) => [entry, table, measure, identical]).slice(0, 1)).toEqual([['scratch', 'upernet', 'miou', true]]);
  const worse = dense(decide(lowered(record, 0.3), baseline));
  expect(new Set(worse.map(({ table, measure }) => `${table ?? ''} ${measure ?? ''}`))).toEqual(new Set(['upernet miou', 'mask-rcnn box_ap', 'mask-rcnn-masks mask_ap']));
  expect(worse).toHaveLength(18);
  expect(worse.filter(({ verdict }) => verdict.verdict === 'regressed').map(({ measure }) => measure)).toEqual(expect.arrayContaining(['miou', 'box_ap', 'mask_ap']));
  for (const { change } of worse) expect(change!.mean).toBeCloseTo(-0.3, 1);
});
