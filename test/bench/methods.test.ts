import { expect, it } from 'vitest';
import { caseNamed, gpuCases, methodCases, tinyCase, type MethodCases } from '../../bench/cases.js';
import { workload } from '../../bench/contestant/workload.js';
import { methodFlops } from '../../bench/parts/methods.js';

it('MixedAE stands beside MAE at quick size and at ViT-Ti, alike in all but the method', () => {
  expect(methodCases.map(({ size }) => size)).toEqual(['quick', 'vit-ti-8']);
  for (const { size, mae, mixedae } of methodCases) {
    expect(mixedae).toEqual({ ...mae, name: `${size}/mixedae`, step: 'mixedae' });
    expect([caseNamed(mae.name), caseNamed(mixedae.name)]).toEqual([mae, mixedae]);
  }
});

it('their steps take the same source images, MixedAE in groups of four', () => {
  const [plain, mixed] = (['mae', 'mixedae'] as const).map((step) => workload({ ...tinyCase, step, model: { ...tinyCase.model, depth: 2 } }));
  expect(mixed!.batches[0]!['images']).toEqual(plain!.batches[0]!['images']);
  const { keep } = mixed!.batches[0]!;
  // Each of four images keeps four of its sixteen patches, and together they fill a sequence.
  expect(keep).toHaveLength(4 * 4);
  expect([...keep!].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  expect(mixed!.spec.functions['train']!.kind).toBe('train');
});

it('the ratio of their operations is that of the published count at ViT-B/16', () => {
  const mae = gpuCases.find(({ step }) => step === 'mae')!;
  const cases: MethodCases = { size: 'vit-b', mae, mixedae: { ...mae, step: 'mixedae' } };
  const flops = methodFlops(cases);
  expect(flops.mae).toBeCloseTo(6 * 9.78e9, -8);
  expect(flops.mixedae / flops.mae).toBeCloseTo(1.0137, 4);
});
