import { describe, expect, it } from 'vitest';
import type { ImageRecord } from '../../src/data/image-set.js';
import { seenImages } from '../../src/jobs/speed/seen-images.js';

const records = Array.from({ length: 24 }, (_, i): ImageRecord => ({ id: `p${i}`, label: '', group: null, domain: null, split: null, side: null }));
const series = { kind: 'train', indices: records.map((_, i) => i), seed: 0, purpose: 'pretrain', batch: 8, steps: 100, augment: {}, size: 8 } as unknown as Parameters<typeof seenImages>[1];
const seen = (changes: object): string => seenImages({ records }, { ...series, ...changes }, 2);

describe('the images that a contestant times', () => {
  it('are told by what its batches hold, not by what they should', () => {
    expect(seen({})).toMatch(/^[0-9a-f]{16}$/);
    expect(seen({ augment: { flip: 0.5 }, size: 16 })).toBe(seen({}));
    for (const changes of [{ evenOver: Int32Array.from(records, (_, i) => i % 3) }, { seed: 1 }, { purpose: 'fine-tune' }, { batch: 4 }, { indices: records.map((_, i) => 23 - i) }]) expect(seen(changes), Object.keys(changes).join()).not.toBe(seen({}));
  });
});
