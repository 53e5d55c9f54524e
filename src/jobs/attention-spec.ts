import type { CompileSpec } from '../engine/contract.js';
import { clsAttention } from '../models/cls-attention.js';
import type { VitConfig } from '../models/config.js';
import { frozenParams } from '../protocols/frozen-encoder.js';

/** A frozen encoder with one function, `attention` (images, gives `weights` [batch, heads, patches]: `clsAttention`). */
export const attentionSpec = (model: VitConfig, batch: number): CompileSpec => ({
  params: frozenParams(model),
  functions: {
    attention: {
      kind: 'evaluate',
      inputs: { images: { shape: [batch, model.imageSize, model.imageSize, 3], type: 'uint8' } },
      scalars: [],
      body: ({ params, inputs }) => ({ weights: clsAttention(model, params, inputs['images']!) }),
    },
  },
});
