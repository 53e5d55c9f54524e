import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { caseNamed } from '../../bench/cases.js';
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
