import { describe, expect, it } from 'vitest';
import { copiesOf, pixelHash } from '../../src/data/copies.js';
import type { ImageRecord } from '../../src/data/image-set.js';

const record = (id: string, split: ImageRecord['split']): ImageRecord => ({ id, label: 'rose', group: null, domain: null, split, side: null });
const of = (...all: readonly (readonly [string, ImageRecord['split'], string?])[]) => copiesOf(all.map(([id, split]) => record(id, split)), all.map(([, , hash]) => hash));

describe('copies in a data set', () => {
  it('are test images with the pixels of one to train or validate on, the first of them', () => {
    expect(of(['a', 'train', '1'], ['b', 'val', '2'], ['c', 'train', '2'], ['d', 'test', '2'], ['e', 'test', '3'], ['f', 'test', '1'])).toEqual([{ test: 'd', train: 'b' }, { test: 'f', train: 'a' }]);
  });

  it('come before or after what they are copies of', () => {
    expect(of(['t', 'test', '1'], ['a', 'train', '1'])).toEqual([{ test: 't', train: 'a' }]);
  });

  it('are looked for in the validation split where that is what is tested on', () => {
    expect(of(['a', 'train', '1'], ['v', 'val', '1'])).toEqual([{ test: 'v', train: 'a' }]);
  });

  it('are none among training images, among test images, among images without a split or that could not be decoded', () => {
    expect(of(['a', 'train', '1'], ['b', 'train', '1'], ['c', 'test', '2'], ['d', 'test', '2'], ['e', 'val', '3'])).toEqual([]);
    expect(of(['a', null, '1'], ['b', null, '1'])).toEqual([]);
    expect(of(['a', 'train'], ['b', 'test'])).toEqual([]);
  });

  it('are compared by all their bytes', () => {
    expect(pixelHash(Uint8Array.of(1, 2, 3))).toBe(pixelHash(Uint8Array.of(0, 1, 2, 3).subarray(1)));
    expect(pixelHash(Uint8Array.of(1, 2, 3))).not.toBe(pixelHash(Uint8Array.of(1, 2, 4)));
  });
});
