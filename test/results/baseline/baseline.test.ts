import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { averagePrecision, type ImageMatches } from '../../../src/metrics/index.js';
import { packBits, unpackBits } from '../../../src/results/baseline/bits.js';
import { decide } from '../../../src/results/gate/index.js';
import { type Baseline, baselineOf, baselineText, validateBaseline } from '../../../src/results/baseline/index.js';
import { baselineSchema } from '../../../src/results/baseline/schema.js';
import type { DetectionTransfer, Result, TransferBody } from '../../../src/results/types.js';
import { fixture } from '../../report/fixture.js';
import { withSpeed } from '../gate/speed-run.js';

it('schemas/baseline.schema.json is up to date (scripts/result-schemas.mjs)', () => {
  expect(JSON.parse(readFileSync(new URL('../../../schemas/baseline.schema.json', import.meta.url), 'utf8'))).toEqual(JSON.parse(JSON.stringify(baselineSchema)));
});

it('bits come back, the first image in the lowest', () => {
  const flags = [true, false, true, true, false, false, false, false, true];
  expect(packBits(flags)).toBe(Buffer.from([0b1101, 1]).toString('base64'));
  expect(unpackBits(packBits(flags), 9)).toEqual(flags);
  expect(() => unpackBits('AA==', 9)).toThrow(RangeError);
});

describe('a baseline of a run', async () => {
  const record = withSpeed(await fixture({ seeds: 2, tasks: 2, dense: 'without-pictures' }));
  const baseline = baselineOf(record, 'base');
  const file = JSON.parse(baselineText(baseline)) as { readonly images: Readonly<Record<string, { readonly n: number }>>; readonly cells: readonly { readonly entry: string; readonly task: string; readonly protocol: string; readonly seed: number; readonly perImage: { readonly kind: string; readonly packed?: string } }[] };
  const [cell] = file.cells;
  const withCell = (at: number, change: object): object => ({ ...file, cells: file.cells.map((one, i) => (i === at ? { ...one, ...change } : one)) });
  const firstOf = (kind: string): number => file.cells.findIndex(({ perImage }) => perImage.kind === kind);
  const packs = (text: string): string => deflateRawSync(text).toString('base64');

  it('comes back from its file as it was', () => {
    expect(validateBaseline(JSON.parse(baselineText(baseline)), 'base.json')).toEqual(JSON.parse(JSON.stringify(baseline)));
  });

  it('packs how detections were matched, and refuses what is not that', () => {
    const at = firstOf('detection');
    expect(Object.keys(file.cells[at]!.perImage)).toEqual(['kind', 'packed']);
    for (const packed of ['AAAA', packs('no JSON'), packs('{"box":[[{"category":0}]],"mask":null}'), packs('{"box":[]}')]) {
      expect(() => validateBaseline(withCell(at, { perImage: { kind: 'detection', packed } }), 'base.json')).toThrow(`/cells/${at}/perImage/packed`);
    }
  });

  it('has every cell, with what its tables show, and is small', () => {
    // 6 entries at 2 seeds: 2 tasks by 3 protocols, and a task each of segmentation and detection.
    expect(baseline.cells).toHaveLength(6 * 2 * (2 * 3 + 2));
    const own = record.results.find(({ id }) => id === 'transfer/mae/mammals/linear/s1') as Result<DetectionTransfer>;
    const kept = baseline.cells.find(({ key }) => key === own.key)!;
    expect(kept).toMatchObject({ entry: 'mae', task: 'emoji/mammals', protocol: 'linear', seed: 1, primary: 'top1', values: { accuracy: own.metrics[0]!.value }, metricVersion: 1 });
    expect(baseline.images[kept.images]).toMatchObject({ n: own.nTest, classes: 24 });
    expect(new Set(baseline.cells.flatMap(({ values }) => Object.keys(values)))).toEqual(new Set(['accuracy', 'miou', 'box_ap', 'mask_ap']));
    // One bit an image, and what names the cell.
    expect(JSON.stringify(kept).length).toBeLessThan(400);
  });

  it('tells test images of dense tasks apart by what they show, whatever is found in them', () => {
    const hashesOf = (kind: string, change: (result: Result<TransferBody>) => object): readonly string[] => {
      const results = record.results.map((result) => (result.kind === 'transfer' && result.taskKind === kind ? { ...result, ...change(result as Result<TransferBody>) } : result)) as typeof record.results;
      const keys = new Set(results.flatMap((result) => (result.kind === 'transfer' && result.taskKind === kind ? [result.key] : [])));
      return baselineOf({ ...record, results }, 'base').cells.filter(({ key }) => keys.has(key)).map(({ images }) => images);
    };
    // Pixels of the first class of each image that were right are missed: the truth is the same. Then there are more of them.
    const pixels = (right: number, missed: number) => (result: Result<TransferBody>) => (result.taskKind !== 'segmentation' ? {} : {
      perImage: { ...result.perImage, counts: result.perImage.counts.map(([category, good, wrong, left, ...rest]) => [category, good! + right, wrong, left! + missed, ...rest]) },
    });
    expect(hashesOf('segmentation', pixels(-1, 1))).toEqual(hashesOf('segmentation', () => ({})));
    expect(hashesOf('segmentation', pixels(0, 1)).some((hash) => hashesOf('segmentation', () => ({})).includes(hash))).toBe(false);
    // A detection, of a class that the image has or not, tells nothing of the objects.
    const objects = (truths: number, found: readonly number[]) => (result: Result<TransferBody>) => (result.taskKind !== 'detection' ? {} : {
      perImage: { ...result.perImage, box: result.perImage.ids.map(() => [{ category: 0, truths }, { category: 1, truths: 0 }].map((one) => ({ ...one, scores: found, matched: found.map(() => 0), ignored: found.map(() => 0) }))) },
    });
    expect(hashesOf('detection', objects(2, [0.5]))).toEqual(hashesOf('detection', objects(2, [])));
    expect(hashesOf('detection', objects(3, [])).some((hash) => hashesOf('detection', objects(2, [])).includes(hash))).toBe(false);
  });

  it('keeps the fingerprint of each cell\'s data, by which the gate sees other pictures under the same names', () => {
    const { key } = record.results.find(({ kind }) => kind === 'prepare')!;
    const withData = (fingerprint: string) => ({ ...record, results: record.results.map((result) => (result.key === key ? { ...result, config: { ...result.config, fingerprint } } : { ...result, inputs: { ...result.inputs, data: key } })) });
    const [before, now] = [withData('these files, hashed'), withData('other files, hashed')];
    const base = baselineOf(before, 'base');
    expect(base.cells[0]).toMatchObject({ fingerprint: 'these files,' });
    expect(validateBaseline(JSON.parse(baselineText(base)), 'base').cells[0]).toMatchObject({ fingerprint: 'these files,' });
    expect(decide(before, base).verdict).toEqual({ verdict: 'pass' });
    expect(new Set(decide(now, base).rows.flatMap(({ kind, verdict }) => (kind === 'speed' ? [] : verdict.verdict === 'cannot-tell' ? [verdict.reason.why] : [verdict.verdict])))).toEqual(new Set(['other-data', 'cells-missing']));
    // A baseline of before has none, and is compared all the same.
    expect(decide(now, JSON.parse(JSON.stringify(base, (name, value: unknown) => (name === 'fingerprint' ? undefined : value))) as Baseline).verdict).toEqual({ verdict: 'pass' });
  });

  it('keeps the order of detections, so that AP follows from it', () => {
    const own = record.results.flatMap((result) => (result.kind === 'transfer' && result.taskKind === 'detection' ? [result] : []));
    for (const { key, perImage } of own) {
      const kept = baseline.cells.find((cell) => cell.key === key)!.perImage as { readonly box: readonly ImageMatches[] };
      expect(averagePrecision(kept.box).AP).toBe(averagePrecision(perImage.box).AP);
      expect(kept.box.flat().flatMap(({ scores }) => scores).every(Number.isInteger)).toBe(true);
    }
  });

  it('has seconds of a step by round', () => {
    expect(baseline.speeds[0]).toMatchObject({ model: 'vit_tiny', entry: 'mae', batchSize: 4, outside: [0.5, 0.55, 0.45], inside: [1, 1.1, 0.9] });
    expect(baseline.environments).toHaveLength(1);
  });

  it.each([
    ['another form', { ...file, schema: 2 }, 'this version reads schema 1, found 2'],
    ['a run', record, "/: has no cells: it looks like a run's results.json"],
    ['a cell twice', { ...file, cells: [...file.cells, cell] }, `/cells/${file.cells.length}: ${cell!.entry}, ${cell!.task}, ${cell!.protocol}, seed ${cell!.seed} is /cells/0 already`],
    ['an accuracy that is none', { ...file, cells: [{ ...cell, values: { accuracy: -1 } }] }, '/cells/0/values/accuracy: must be >= 0'],
    ['an unknown key', { ...file, more: 1 }, 'more'],
    ['cells without images', { ...file, images: {} }, 'there are no images'],
    ['bits of other images', { ...file, images: Object.fromEntries(Object.entries(file.images).map(([hash, one]) => [hash, { ...one, n: one.n + 8 }])) }, 'not of'],
    ['no object', 7, '/: has no cells'],
  ])('is refused with %s', (_, value, message) => {
    expect(() => validateBaseline(value, 'base.json')).toThrow(expect.objectContaining({ kind: 'store', where: 'base.json', message: expect.stringContaining(message) as string, fix: expect.stringContaining('--replace') as string }));
  });

  describe('that contradicts itself, as a merge or a hand may leave it, is refused with', () => {
    // The fixture's detectors find nothing; this one finds its only object in every second image, which comes late.
    const found = baseline.images[baseline.cells[firstOf('detection')]!.images]!;
    const box = Array.from({ length: found.n }, (_, i): ImageMatches => [{ category: 0, truths: 1, scores: [found.n - i], matched: [i % 2 === 0 ? 0 : 1023], ignored: [0] }]);
    const AP = averagePrecision(box).AP;
    const withBoxes = (value: number, more: object = {}): object => withCell(firstOf('detection'), { values: { box_ap: value, mask_ap: value }, perImage: { kind: 'detection', packed: packs(JSON.stringify({ box, mask: box, ...more })) } });
    const valuesAt = (at: number): Readonly<Record<string, number>> => baseline.cells[at]!.values;
    const refusal = (value: unknown, message: string): void => expect(() => validateBaseline(value, 'base.json')).toThrow(message);

    it('values of detection that its images do not give, by boxes or by masks', () => {
      expect(AP).toBeGreaterThan(0.1);
      expect(() => validateBaseline(withBoxes(AP), 'base.json')).not.toThrow();
      refusal(withBoxes(AP + 1e-6), `/cells/${firstOf('detection')}/values/box_ap: ${AP + 1e-6}, where its images give ${AP}`);
      refusal(withBoxes(AP, { mask: box.map(([one]) => [{ ...one!, matched: [0] }]) }), `/cells/${firstOf('detection')}/values/mask_ap: ${AP}, where its images give 0`);
    });

    it.each(Object.entries({ classification: 'accuracy', segmentation: 'miou' }))('values of %s that its images do not give', (kind, measure) => {
      const at = firstOf(kind);
      const values = valuesAt(at);
      const other = values[measure]! < 0.5 ? values[measure]! + 0.01 : values[measure]! - 0.01;
      refusal(withCell(at, { values: { ...values, [measure]: other } }), `/cells/${at}/values/${measure}: ${other}, where its images give ${values[measure]}`);
    });

    it.each(['classification', 'segmentation', 'detection'])('measures of another kind of task than its %s', (kind) => {
      const at = firstOf(kind);
      refusal(withCell(at, { values: { ...valuesAt(at), [kind === 'segmentation' ? 'accuracy' : 'miou']: 0.5 } }), `is no measure of ${kind}`);
      refusal(withCell(at, { values: {} }), `/cells/${at}/values: lacks "`);
    });

    it('images of another kind', () => {
      const at = firstOf('classification');
      refusal(withCell(at, { perImage: file.cells[firstOf('segmentation')]!.perImage }), `/cells/${at}/perImage: not of`);
    });

    it('lists of unequal length', () => {
      const at = firstOf('detection');
      const more = box.map((image) => image.map((one) => ({ ...one, matched: [...one.matched, 0] })));
      refusal(withBoxes(AP, { box: more }), `/cells/${at}/perImage/packed: lists of unequal length`);
      refusal(withBoxes(AP, { mask: box.slice(1) }), `/cells/${at}/perImage: not of`);
      const pixels = firstOf('segmentation');
      const { counts } = baseline.cells[pixels]!.perImage as { readonly counts: readonly (readonly number[])[] };
      refusal(withCell(pixels, { perImage: { kind: 'segmentation', counts: counts.map((flat) => flat.slice(1)) } }), `/cells/${pixels}/perImage/counts: not four numbers a class`);
    });

    it('labels that are none of its classes, or missing', () => {
      const images = (change: object): object => ({ ...file, images: Object.fromEntries(Object.entries(file.images).map(([hash, one]) => [hash, { ...one, ...change }])) });
      refusal(images({ labels: null }), '/images: they have no label');
      refusal(images({ classes: 1 }), '/images: they have no label under 1');
    });
  });
});
