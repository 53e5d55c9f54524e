import { readFileSync } from 'node:fs';
import type { FromSchema } from 'json-schema-to-ts';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { StoreError } from '../../src/errors.js';
import type { EngineUse } from '../../src/engine/opened.js';
import type { EngineFacts } from '../../src/results/engine-schema.js';
import { recordSchema } from '../../src/results/record-schema.js';
import { resultSchema, type clusterSchema, type featuresSchema, type prepareSchema, type pretrainSchema, type searchSchema, type classificationSchema, type detectionSchema, type overlapSchema, type segmentationSchema } from '../../src/results/result-schema.js';
import { validateResult, validateRunRecord } from '../../src/results/schema.js';
import type { ClusterBody, FeaturesBody, PrepareBody, PretrainBody, Result, RunRecord, SearchBody, TransferBody, ClassificationTransfer, DetectionTransfer, OverlapBody, SegmentationTransfer } from '../../src/results/types.js';
import { fixture } from '../report/fixture.js';

let record: RunRecord;
beforeAll(async () => {
  record = await fixture({ seeds: 1, tasks: 2 });
});
const first = (kind: string): Record<string, unknown> => structuredClone(record.results.find((result) => result.kind === kind)) as unknown as Record<string, unknown>;
const transfer = (changes: object): unknown => ({ ...first('transfer'), ...changes });
const messageOf = (value: unknown): string => {
  try {
    validateResult(value);
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    return (error as StoreError).describe();
  }
  return 'valid';
};

describe('published schemas', () => {
  test.each([['result', resultSchema], ['results', recordSchema]])('schemas/%s.schema.json is up to date (scripts/result-schemas.mjs)', (name, schema) => {
    expect(JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  test('schemas and types name the same properties', () => {
    expectTypeOf<keyof FromSchema<typeof prepareSchema>>().toEqualTypeOf<keyof Result<PrepareBody>>();
    expectTypeOf<keyof FromSchema<typeof pretrainSchema>>().toEqualTypeOf<keyof Result<PretrainBody>>();
    expectTypeOf<keyof FromSchema<typeof clusterSchema>>().toEqualTypeOf<keyof Result<ClusterBody>>();
    expectTypeOf<keyof FromSchema<typeof searchSchema>>().toEqualTypeOf<keyof Result<SearchBody>>();
    expectTypeOf<FromSchema<typeof clusterSchema>['algorithm']>().toEqualTypeOf<ClusterBody['algorithm']>();
    expectTypeOf<FromSchema<typeof recordSchema>['costs']>().toExtend<RunRecord['costs']>();
    expectTypeOf<keyof FromSchema<typeof overlapSchema>>().toEqualTypeOf<keyof Result<OverlapBody>>();
    expectTypeOf<keyof FromSchema<typeof featuresSchema>>().toEqualTypeOf<keyof Result<FeaturesBody>>();
    expectTypeOf<keyof FromSchema<typeof classificationSchema>>().toEqualTypeOf<keyof Result<ClassificationTransfer>>();
    expectTypeOf<keyof FromSchema<typeof segmentationSchema>>().toEqualTypeOf<keyof Result<SegmentationTransfer>>();
    expectTypeOf<keyof FromSchema<typeof detectionSchema>>().toEqualTypeOf<keyof Result<DetectionTransfer>>();
    expectTypeOf<EngineUse>().toExtend<EngineFacts>();
    expectTypeOf<keyof EngineUse>().toEqualTypeOf<keyof EngineFacts>();
    expectTypeOf<keyof NonNullable<EngineUse['gpu']>>().toEqualTypeOf<keyof NonNullable<EngineFacts['gpu']>>();
    expectTypeOf<FromSchema<typeof classificationSchema>['metrics'][number]['unit']>().toEqualTypeOf<TransferBody['metrics'][number]['unit']>();
  });
});

describe('a job\'s result', () => {
  test('every kind of a made-up run is valid', () => {
    const kinds = record.results.map((result) => validateResult(structuredClone(result)).kind);
    expect(new Set(kinds)).toEqual(new Set(['prepare', 'pretrain', 'transfer']));
    const own = ['source', 'size', 'classes', 'unreadable', 'credits'];
    const head = Object.fromEntries(Object.entries(first('prepare')).filter(([name]) => !own.includes(name)));
    expect(validateResult({ ...head, kind: 'features', task: 'emoji/birds', width: 128, images: 12, flops: 3e6 }).kind).toBe('features');
  });

  test.each([
    ['not an object', null, '/: must be an object'],
    ['a list', [], '/: must be an object'],
    ['another schema version', { schema: 1, kind: 'transfer' }, 'this version reads schema 2, found 1'],
    ['an unknown kind', { schema: 2, kind: 'transfers' }, '/kind: must be one of prepare, pretrain, cluster, search, attention, overlap, features, transfer, speed, found "transfers"'],
  ])('%s', (_, value, message) => {
    expect(messageOf(value)).toContain(message);
  });

  test('names a missing and an unknown key, with the nearest', () => {
    const rest = Object.fromEntries(Object.entries(first('transfer')).filter(([name]) => name !== 'nTest'));
    const message = messageOf({ ...rest, ntest: 10 });
    expect(message).toContain("must have required property 'nTest'");
    expect(message).toContain('unknown key "ntest" (did you mean "nTest"?)');
    expect(message).toContain(String(first('transfer')['id']));
  });

  test('a fraction above 1 is refused, another unit is not', () => {
    const metric = (value: number, unit: string): unknown => transfer({ metrics: [{ metric: 'top1', value, unit }], primary: 'top1' });
    expect(messageOf(metric(43.2, 'fraction'))).toContain('/metrics/0/value: must be <= 1');
    expect(messageOf(metric(43.2, 'images/s'))).toBe('valid');
  });

  test('numbers that contradict each other are refused', () => {
    const perImage = first('transfer')['perImage'] as ClassificationTransfer['perImage'];
    expect(messageOf(transfer({ perImage: { ...perImage, labels: perImage.labels.slice(1) } }))).toContain('labels and');
    expect(messageOf(transfer({ perImage: { ...perImage, predictions: perImage.predictions.map(() => 999) } }))).toContain('a prediction is not below');
    expect(messageOf(transfer({ primary: 'map' }))).toContain('"map" is not among the metrics');
    expect(messageOf(transfer({ failedToLearn: true }))).toContain('/failedToLearn: true at train accuracy');
  });
});

describe('what a job says that it computed on', () => {
  const cpu = { name: 'tensorflow', mode: 'traced', precision: 'f32', device: 'cpu', deviceName: 'A CPU', runtime: '2.21.0', tfjs: '4.22.0', node: '20.20.0', threads: { intraOp: 2, interOp: 1 }, oneDnn: true };
  const gpu = { driver: '550.54.15', memoryBytes: 85_520_809_984, computeCapability: '9.0', tf32: true, xla: false };
  const cuda = { ...cpu, device: 'cuda', deviceName: 'NVIDIA H100 80GB HBM3', gpu, peakDeviceMemory: { bytes: 1_610_612_736, of: 'process' } };
  const said = (engine: unknown): string => messageOf(transfer({ environment: { ...(first('transfer')['environment'] as object), engine } }));

  test.each<[string, unknown]>([
    ['nothing', null], ['a CPU', cpu], ['a GPU', cuda],
    ['a GPU of which the driver tells nothing', { ...cuda, gpu: { driver: null, memoryBytes: null, computeCapability: null, tf32: null, xla: true }, peakDeviceMemory: null }],
  ])('%s', (_, engine) => {
    expect(said(engine)).toBe('valid');
  });

  test.each<[string, unknown, string]>([
    ['a GPU without its facts', { ...cuda, gpu: undefined }, "/environment/engine: must have required property 'gpu'"],
    ['a GPU without its memory', { ...cuda, peakDeviceMemory: undefined }, "/environment/engine: must have required property 'peakDeviceMemory'"],
    ['a CPU with the facts of a GPU', { ...cpu, gpu }, '/environment/engine/gpu: boolean schema is false'],
    ['another device', { ...cpu, device: 'gpu' }, '/environment/engine/device: must be equal to one of the allowed values'],
    ['no precision', { ...cpu, precision: undefined }, "must have required property 'precision'"],
    ['an unknown fact', { ...cpu, onednn: true }, 'unknown key "onednn" (did you mean "oneDnn"?)'],
  ])('not %s', (_, engine, message) => {
    expect(said(JSON.parse(JSON.stringify(engine)))).toContain(message);
  });
});

test.each(['../../secret.txt', '.', '/etc/passwd', 'a/b.png', ''])('a picture is a file beside the result, not %j', (file) => {
  const pretrained = (name: string): unknown => ({ ...first('pretrain'), preview: { file: name, columns: ['input'], rows: 1 } });
  expect(messageOf(pretrained(file))).toMatch(/\/preview\/file: must match pattern/);
  expect(messageOf(pretrained('preview.png'))).toBe('valid');
});

describe('a run record', () => {
  test('comes back whole from its JSON', () => {
    expect(validateRunRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  });

  test('says where in which file something is wrong', () => {
    const broken = JSON.parse(JSON.stringify(record)) as { results: { kind: string; nTest?: unknown }[] };
    const index = broken.results.findIndex(({ kind }) => kind === 'transfer');
    broken.results[index]!.nTest = 'many';
    expect(() => validateRunRecord(broken, 'old/results.json')).toThrow(new RegExp(`/results/${index}/nTest: must be integer`));
    expect(() => validateRunRecord({ ...record, extra: 1 })).toThrow(/unknown key "extra"/);
  });

  test('of an earlier version is refused with what to do', () => {
    expect(() => validateRunRecord({ ...record, schema: 1 }, 'old/results.json')).toThrow(expect.objectContaining({
      kind: 'store', where: 'old/results.json', message: expect.stringContaining('this version reads schema 2, found 1'), fix: expect.stringContaining('run the suite again'),
    }) as Error);
  });

  test.each<[string, unknown, string]>([
    ['a baseline', { schema: 1, cells: [], images: {} }, '/: has no results: it looks like a baseline'],
    ['the result of a job', { schema: 2, kind: 'transfer', perImage: {} }, '/: has no results: it looks like the result of one job'],
    ['some other JSON', { name: 'maskbench' }, '/: has no results'],
    ['a list', [], '/: must be an object'],
  ])('is not %s, which is not called another version', (_, value, message) => {
    expect(() => validateRunRecord(value)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) as string, fix: expect.stringMatching(/^Give a results\.json/) as string }) as Error);
  });

  type Plain = Omit<RunRecord, 'suite'> & { readonly suite: { readonly entries: readonly object[] } };
  test.each<[string, (record: Plain) => object, string]>([
    ['a job that rests on none that is there', ({ jobs }) => ({ jobs: jobs.map((job, at) => (at === 1 ? { ...job, inputs: { data: 'prepare/none' } } : job)) }), 'rests on prepare/none, which is not there'],
    ['jobs in a circle', ({ jobs }) => ({ jobs: jobs.map((job) => (job.id === jobs[0]!.id ? { ...job, inputs: { data: jobs.at(-1)!.id } } : job)) }), 'goes round in a circle'],
    ['an entry that starts from itself', ({ suite: own }) => ({ suite: { ...own, entries: own.entries.map((entry) => ({ ...entry, start: 'mae' })) } }), 'rests on goes round in a circle'],
    ['speed without its models', ({ suite: own }) => ({ suite: { ...own, speed: {} } }), "/suite/speed: must have required property 'models'"],
    ['a time that is none', () => ({ createdAt: 'x\n\\input{secret}' }), '/createdAt: must match pattern'],
    ['a hash that is none', ({ suite: own }) => ({ suite: { ...own, protocols: [{ name: 'knn', options: {}, hash: '`x`' }] } }), '/suite/protocols/0/hash: must match pattern'],
  ])('with %s is refused, not met by who reads it', (_, change, message) => {
    const plain = JSON.parse(JSON.stringify(record)) as Plain;
    expect(() => validateRunRecord({ ...plain, ...change(plain) })).toThrow(message);
  });

  test('a suite name that would leave the report folder is refused', () => {
    expect(() => validateRunRecord({ ...record, suite: { ...(record.suite as object), name: '../../etc' } })).toThrow(/\/suite\/name/);
  });
});
