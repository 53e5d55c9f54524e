import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../src/nearest.js';

describe('the nearest valid name', () => {
  it.each([
    ['a swap', 'mea', ['scratch', 'mae'], 'mae'],
    ['a missing letter', 'layer_deca', ['lr', 'layer_decay'], 'layer_decay'],
    ['another case, another dash', 'Fine_Tune', ['linear', 'fine-tune'], 'fine-tune'],
    ['the better of two', 'split-c', ['split-ab', 'split-a'], 'split-a'],
    ['the first of equals', 'split-c', ['split-a', 'split-b'], 'split-a'],
    ['a beginning', 'mae', ['scratch', 'mae-equal-steps'], 'mae-equal-steps'],
    ['a beginning, before two edits', 'lin', ['knn', 'fine-tune', 'linear'], 'linear'],
    ['a prefix before it', 'blocks.0.attn.qkv.weight', ['head.weight', 'module.encoder.blocks.0.attn.qkv.weight'], 'module.encoder.blocks.0.attn.qkv.weight'],
    ['a doubled letter', 'bb', ['b'], 'b'],
  ])('is found for %s', (_case, wrong, valid, expected) => {
    expect(nearest(wrong, valid)).toBe(expected);
    expect(didYouMean(wrong, new Set(valid))).toBe(` (did you mean "${expected}"?)`);
  });

  it.each([
    ['another word', 'augment', ['lr', 'steps', 'pool']],
    ['a single letter', 'x', ['b', 'mae']],
    ['two letters that something ends with', 'ae', ['reference', 'transformae']],
    ['no names', 'mae', []],
  ])('is not made up for %s', (_case, wrong, valid) => {
    expect(nearest(wrong, valid)).toBeUndefined();
    expect(didYouMean(wrong, valid)).toBe('');
  });
});
