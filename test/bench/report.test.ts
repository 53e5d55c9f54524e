import { expect, test } from 'vitest';
import { table } from '../../bench/format.js';
import { kindOf } from '../../bench/operation-kinds.js';
import { renderBench } from '../../bench/report.js';
import type { BenchResult } from '../../bench/results.js';

const one = { name: 'quick/mae', step: 'mae', batch: 10, parameters: 1.5e6 } as const;

const result: BenchResult = {
  schema: 2, name: 'test',
  machine: { date: '2026-01-02T03:04:05.000Z', commit: 'abc1234', cpu: 'A CPU', cores: 2, memoryBytes: 8 * 2 ** 30, instructions: null, kernel: '6.1', load: [0.1, 0.2, 0.3], versions: { tensorflow: '2.21.0' } },
  settings: { rounds: 3, seconds: 2, device: 'cpu' },
  partsLeftOut: [],
  speed: [{
    case: one, threads: 2,
    sittings: [{ eager: [10, 12, 11], traced: [31, 36, 33], pytorch: [30, 37, 32], 'pytorch bf16': [20, 20, 20], 'pytorch compile bf16': [25, 25, 25], 'traced bf16': [50, 50, 50] }],
    differences: { eager: 0, traced: 1e-6, pytorch: 2e-5, 'pytorch bf16': 0.01, 'pytorch compile bf16': 0.01, 'traced bf16': 0.01 },
    leftOut: [{ name: 'pytorch compile', reason: 'no compiler\nwas found' }],
  }],
  methods: [{ size: 'quick', batch: 256, threads: 1, rates: { mae: [100, 110, 121], mixedae: [90, 99, 108.9] }, flops: { mae: 20e6, mixedae: 21e6 } }],
  loader: [
    { case: one, threads: 1, cores: 2, turns: [{ augmentation: 'default', loaders: 0, waited: [0.02, 0.03], stepped: [0.1, 0.1] }, { augmentation: 'default', loaders: 1, waited: [0.0009, 0.0011], stepped: [0.1, 0.1] }] },
    { case: { ...one, name: 'slow/mae' }, threads: 1, cores: 2, turns: [{ augmentation: 'default', loaders: 0, waited: [0.15], stepped: [0.1] }, { augmentation: 'default', loaders: 1, waited: [0.05], stepped: [0.1] }] },
    { case: { ...one, name: 'full/mae' }, threads: 2, cores: 2, turns: [{ augmentation: 'default', loaders: 0, waited: [0.02], stepped: [0.1] }, { augmentation: 'default', loaders: 1, waited: [0.005], stepped: [0.1] }] },
  ],
  layouts: [{ case: one, contestant: 'traced', cores: 2, together: [100, 100, 100], apart: [150, 150, 150] }],
  layoutsLeftOut: [],
  switches: null,
  peakMemory: { case: one, threads: 2, bytes: { eager: 4 * 2 ** 30, traced: 3 * 2 ** 30, pytorch: 2 * 2 ** 30, 'traced bf16': 2 ** 31, 'pytorch bf16': 1.5 * 2 ** 30 }, leftOut: [] },
  flatMemory: { case: one, points: [{ steps: 1000, bytes: 2 ** 28 }] },
  profiles: [{
    case: one, threads: 1, tracedMilliseconds: 3,
    operations: [
      { op: 'BatchMatMulV2', shapes: '[1, 10, 20] [1, 20, 30] -> [1, 10, 30]', count: 2, milliseconds: 3, flops: 24e6 },
      { op: 'AddV2', shapes: '[10] [10] -> [10]', count: 1, milliseconds: 1, flops: 0 },
    ],
  }],
};
/** Cells of the table's row that begins so. */
const row = (markdown: string, start: string): readonly string[] => {
  const line = markdown.split('\n').find((text) => text.startsWith('|') && text.replace(/\s+/g, ' ').includes(start));
  return line?.split('|').map((cell) => cell.trim()).filter((cell) => cell !== '') ?? [];
};

test('contestants that did not take turns have a ratio without an interval, and decide no aim', () => {
  const speed = result.speed[0]!;
  const text = renderBench({ ...result, speed: [{ ...speed, sittings: Object.entries(speed.sittings[0]!).map(([name, rates]) => ({ [name]: rates })) }] });
  expect(row(text, 'traced / eager')).toEqual(['quick/mae', '3.03', 'traced / eager', '2', 'not in turns']);
  expect(text).not.toMatch(/\| (reached|missed|open) \|\n.*traced \/ pytorch/);
  expect(text).toContain('Each contestant had all its rounds in a row');
});

test('a ratio is of the turns that both were in', () => {
  const speed = result.speed[0]!;
  const text = renderBench({ ...result, speed: [{ ...speed, sittings: [{ eager: [10, 12, 11], traced: [31, 36, 33] }, { traced: [20, 24, 22], pytorch: [10, 12, 11] }] }] });
  expect(row(text, 'traced / eager')).toEqual(['quick/mae', expect.stringMatching(/^3\.03 /), 'traced / eager', '2', 'reached']);
  expect(row(text, 'traced / pytorch |')).toEqual(['quick/mae', '2.00 (2.00 to 2.00)', 'traced / pytorch', '2', 'reached']);
  // (31 36 33 20 24 22) ^ (1/6)
  expect(row(text, '| traced |').slice(1, 2)).toEqual([expect.stringMatching(/^27\.0 /)]);
  expect(text).toContain('in turns were eager, traced; then traced, pytorch.');
});

test('a run as Markdown: speeds, ratios with their aims, layouts, memory, profile', () => {
  const text = renderBench(result);
  // 10 * (1.1 * 1.2) ^ (1/3) images/s, so 911 ms for ten
  expect(row(text, '| eager |').slice(0, 3)).toEqual(['eager', expect.stringMatching(/^11\.0 \(8\.\d\d to 13\.8\)$/), '912']);
  expect(row(text, 'traced / eager')).toEqual(['quick/mae', expect.stringMatching(/^3\.03 \(2\.89 to 3\.18\)$/), 'traced / eager', '2', 'reached']);
  expect(row(text, 'traced / pytorch |')).toEqual(['quick/mae', expect.stringMatching(/^1\.01 /), 'traced / pytorch', '2', 'missed']);
  // of PyTorch's two in bf16 the faster one counts
  expect(row(text, 'traced bf16 / pytorch compile bf16')).toEqual(['quick/mae', '2.00 (2.00 to 2.00)', 'traced bf16 / pytorch compile bf16', '1.2', 'reached']);
  expect(text).not.toContain('traced / pytorch compile');
  expect(text).toContain('- pytorch compile left out: no compiler was found');
  expect(row(text, '| quick | 256')).toEqual(['quick', '256', '1', expect.stringMatching(/^110 /), expect.stringMatching(/^99\.0 /), '0.900 (0.900 to 0.900)', '20.0', '21.0', '1.0500']);
  expect(row(text, 'quick/mae | default | 0 |')).toEqual(['quick/mae', 'default', '0', '100', '25.0', '20.00 %', 'every batch is made between two steps']);
  // within the aim: nothing to explain
  expect(row(text, 'quick/mae | default | 1 |')).toEqual(['quick/mae', 'default', '1', '100', '1.00', '0.99 %']);
  expect(row(text, 'slow/mae | default | 1').slice(5)).toEqual(['33.33 %', 'a batch takes 150 ms, longer than the 1 thread may']);
  expect(row(text, 'full/mae | default | 1').slice(5)).toEqual(['4.76 %', 'no core is free: 2 threads of tensors on 2 cores']);
  expect(row(text, '2 x 1: 150')).toContain('1.50 (1.50 to 1.50)');
  expect(row(text, '3072 MiB')).toEqual(['traced', '3072 MiB', '1.50', 'at most 1.2', 'missed']);
  // bf16 is held to bf16
  expect(row(text, 'traced bf16 | 2048 MiB')).toEqual(['traced bf16', '2048 MiB', '1.33', 'at most 1.2', 'missed']);
  // the aim is the traced step's
  expect(row(text, '4096 MiB')).toEqual(['eager', '4096 MiB', '2.00']);
  expect(row(text, '1000')).toEqual(['1000', '256 MiB']);
  // 24 MFLOP in 3 ms
  expect(row(text, 'matrix product')).toEqual(['matrix product', '2', '3.00', '75.0 %', '8']);
});

test('a busy machine is named', () => {
  expect(renderBench(result)).not.toContain('no measurement');
  expect(renderBench({ ...result, machine: { ...result.machine, load: [1.2, 1, 1] } })).toContain('no measurement');
  // What ran during the turns says more than the load before them.
  const alone = { turns: 2, mean: { busy: 0.03, stolen: 0 }, most: { busy: 0.05, stolen: 0.01 }, disturbed: 0, disturbedTurns: [] };
  const text = renderBench({ ...result, machine: { ...result.machine, load: [1.2, 1, 1], others: alone } });
  expect(text).toContain('During the 2 timed turns other processes kept 0.03 cores busy on average and 0.05 at most; the host took 0.00 and 0.01.');
  expect(text).not.toContain('no measurement');
  expect(renderBench({ ...result, machine: { ...result.machine, others: { ...alone, disturbed: 1, disturbedTurns: ['quick/mae, pytorch'] } } })).toContain('**In 1 of them it was more than 0.1, so these are no measurement: quick/mae, pytorch.**');
  const disturbed = renderBench({ ...result, machine: { ...result.machine, others: { ...alone, disturbed: 1, disturbedTurns: ['quick/mae, pytorch'] } } });
  expect(row(disturbed, 'traced / pytorch |').at(-1)).toBe('disturbed');
  expect(row(disturbed, 'traced / eager').at(-1)).toBe('reached');
});

test('parts that did not run leave no heading', () => {
  const empty = renderBench({ ...result, speed: [], methods: [], loader: [], layouts: [], peakMemory: null, flatMemory: null, profiles: [] });
  expect(empty).not.toContain('##');
});

test('tables are padded, numbers to the right', () => {
  expect(table(['', 'n'], [['long name', '7'], ['x', '1234']])).toBe('|           |    n |\n| --------- | ---: |\n| long name |    7 |\n| x         | 1234 |');
});

test.each([['BatchMatMulV2', 'matrix product'], ['AddV2', 'elementwise'], ['Sum', 'reduction'], ['Transpose', 'moves and copies'], ['ResourceApplyAdam', 'update'], ['NewOp', 'other'], ['LogSoftmax', 'softmax'], ['GatherV2', 'moves and copies']])('%s is %s', (op, kind) => {
  expect(kindOf(op)).toBe(kind);
});
