import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { caseNamed } from '../../bench/cases.js';
import { recipeOf } from '../../bench/contestant/workload.js';
import { parts } from '../../bench/parts/index.js';
import { evaluationBatch } from '../../src/protocols/evaluation-batch.js';
import { fineTuneSchema } from '../../src/protocols/fine-tune/options.js';

/** What the suite says of its steps. */
interface Quick {
  readonly engine: { readonly threads: number };
  readonly model: { readonly image_size: number; readonly patch_size: number; readonly width: number; readonly depth: number; readonly heads: number };
  readonly methods: { readonly mae: { readonly decoder: object } };
  readonly pretrain: { readonly batch_size: number };
  readonly protocols: { readonly 'fine-tune': { readonly batch_size?: number } };
}
const suite = parse(readFileSync(new URL('../../suites/quick.yaml', import.meta.url), 'utf8')) as Quick;

it('the quick size is that of the quick suite: model, decoder, threads and the batch of each step', () => {
  const { image_size: imageSize, patch_size: patchSize, width, depth, heads } = suite.model;
  const mae = caseNamed('quick/mae');
  expect(mae).toMatchObject({ model: { imageSize, patchSize, width, depth, heads }, decoder: suite.methods.mae.decoder, threads: suite.engine.threads === 1 ? 'one' : 'all' });
  expect(mae.batch).toBe(suite.pretrain.batch_size);
  expect(caseNamed('quick/mixedae').batch).toBe(suite.pretrain.batch_size);
  expect(caseNamed('quick/fine-tune').batch).toBe(suite.protocols['fine-tune'].batch_size ?? fineTuneSchema.properties.batch_size.default);
  expect(caseNamed('quick/features').batch).toBe(evaluationBatch(mae.model));
});

it('the cases of many views take the method\'s own: two large and ten small ones of each image, in the batch of MAE\'s step', () => {
  for (const [size, small] of [['quick', 16], ['vit-ti-8', 96]] as const) {
    const one = caseNamed(`${size}/ibot`);
    const { views } = recipeOf('ibot', one);
    expect([one.batch, one.model]).toEqual([caseNamed(`${size}/mae`).batch, caseNamed(`${size}/mae`).model]);
    expect(views!.map((view) => view.size)).toEqual([one.model.imageSize, one.model.imageSize, ...Array.from({ length: 10 }, () => small)]);
  }
  expect(parts.filter(({ name }) => name.endsWith('/ibot')).map(({ name }) => name)).toEqual(['loader/quick/ibot', 'loader/vit-ti-8/ibot']);
});
