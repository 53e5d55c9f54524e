import { setImmediate } from 'node:timers/promises';
import { concat } from '@tensorflow/tfjs-core';
import type { Background } from '../data/augment/index.js';
import { openLoader } from '../data/loader/index.js';
import type { PreparedSet } from '../data/image-set.js';
import type { CompileSpec, Engine } from '../engine/contract.js';
import type { EncoderWeights } from '../methods/method.js';
import type { VitConfig } from '../models/config.js';
import { poolTokens, vitTokens } from '../models/vit.js';
import type { Phases } from '../runner/job.js';
import { compiledFor } from './compiled-cache.js';
import { evaluationBatch } from './evaluation-batch.js';
import { frozenParams, writeEncoder } from './frozen-encoder.js';

/** The frozen encoder with one function, `features` (images, gives `features` [batch, 2 * width]). */
export function extractSpec(model: VitConfig, batch = evaluationBatch(model)): CompileSpec {
  return {
    params: frozenParams(model),
    functions: {
      features: {
        kind: 'evaluate',
        inputs: { images: { shape: [batch, model.imageSize, model.imageSize, 3], type: 'uint8' } },
        scalars: [],
        body: ({ params, inputs }) => {
          const tokens = vitTokens(model, params, inputs['images']!);
          return { features: concat([poolTokens(model, params, tokens, 'cls'), poolTokens(model, params, tokens, 'mean')], 1) };
        },
      },
    },
  };
}

/**
 * Features of a frozen encoder after its final LayerNorm, images without augmentation: float32 [n, 2, width], the cls token
 * and the mean patch token side by side (the order of `pools`). CheckpointError where the encoder does not fit the model.
 *
 * @param progress images done so far
 * @param background what lies behind pictures with transparency
 */
export async function extract(engine: Engine, model: VitConfig, encoder: EncoderWeights, set: PreparedSet, indices: readonly number[], phases: Phases, progress: (done: number) => void, background: Background = 'textures'): Promise<Float32Array> {
  const batch = evaluationBatch(model);
  const loader = openLoader(set, [{ kind: 'evaluation', indices, size: model.imageSize, batch, background }]);
  try {
    const compiled = compiledFor(engine, { features: model }, () => extractSpec(model));
    writeEncoder(compiled, model, encoder);
    const row = 2 * model.width;
    const out = new Float32Array(indices.length * row);
    for (let start = 0; start < indices.length; start += batch) {
      const filled = Math.min(batch, indices.length - start);
      phases.enter('wait');
      const inputs = await loader.next(start / batch);
      phases.enter('evaluate');
      out.set((compiled.run('features', inputs)['features']!.data as Float32Array).subarray(0, filled * row), start * row);
      phases.enter('other');
      progress(start + filled);
      await setImmediate();
    }
    return out;
  } finally {
    loader.close();
  }
}
