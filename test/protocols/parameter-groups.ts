import { expect } from 'vitest';
import type { ParamSpec } from '../../src/engine/contract.js';

/** lr scale and decay of an encoder of two blocks as MAE groups them (util/lr_decay.py), each layer at half the rate of the next, written out. */
const encoder: Readonly<Record<string, readonly [lrScale: number, decay: boolean]>> = {
  'cls_token': [0.125, false], 'pos_embed': [0.125, false], 'patch_embed.proj.weight': [0.125, true], 'patch_embed.proj.bias': [0.125, false],
  ...Object.fromEntries(([['blocks.0', 0.25], ['blocks.1', 0.5]] as const).flatMap(([block, scale]) => [
    ...['norm1.weight', 'norm1.bias', 'norm2.weight', 'norm2.bias', 'attn.qkv.bias', 'attn.proj.bias', 'mlp.fc1.bias', 'mlp.fc2.bias'].map((name) => [`${block}.${name}`, [scale, false]] as const),
    ...['attn.qkv.weight', 'attn.proj.weight', 'mlp.fc1.weight', 'mlp.fc2.weight'].map((name) => [`${block}.${name}`, [scale, true]] as const),
  ])),
};

/** Of a model with an encoder of two blocks and `layer_decay` 0.5, all of it trained: the encoder in its groups, heads at the full rate, and no decay of their biases and norms. */
export function expectParameterGroups(params: readonly ParamSpec[]): void {
  const groups = new Map(params.map(({ name, lrScale, decay }) => [name, [lrScale, decay]]));
  expect(Object.fromEntries(Object.keys(encoder).map((name) => [name, groups.get(name)]))).toEqual(encoder);
  const heads = params.filter(({ name, trainable }) => trainable && !Object.hasOwn(encoder, name));
  expect(heads.length).toBeGreaterThan(10);
  expect(heads.filter(({ lrScale }) => lrScale !== 1).map(({ name }) => name)).toEqual([]);
  expect(heads.filter(({ name, shape, decay }) => decay !== (name.endsWith('.weight') && shape.length > 1)).map(({ name }) => name)).toEqual([]);
}
