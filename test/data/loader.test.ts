import { describe, expect, it } from 'vitest';
import { defaultAugment, trainView, wholeView } from '../../src/data/augment/index.js';
import { hashId } from '../../src/data/loader/hash-id.js';
import { evalBatch, type TrainBatch, trainBatch, trainPositions } from '../../src/data/loader/index.js';
import { sha256 } from '../../src/files.js';
import { stream } from '../../src/random.js';
import { flatSet, noiseSet } from './pictures.js';

const set = noiseSet(11, 16, 3);
const base: TrainBatch = { set, indices: [10, 3, 4, 7, 8, 1, 0], augment: defaultAugment, seed: 1, purpose: 'pretrain', step: 0, size: 16, batch: 3 };
const text = (pixels: Uint8Array): string => Buffer.from(pixels).toString('base64');

describe('trainPositions', () => {
  it('goes through the images as one stream of epochs, each image once an epoch', () => {
    const order = Array.from({ length: 14 }, (_, step) => [...trainPositions({ ...base, step })]).flat();
    for (let epoch = 0; epoch < 6; epoch++) {
      expect(order.slice(epoch * 7, epoch * 7 + 7).sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    }
    const epochs = Array.from({ length: 6 }, (_, epoch) => order.slice(epoch * 7, epoch * 7 + 7).join());
    expect(new Set(epochs).size).toBe(6);
  });

  it('does not depend on the batch size but for where it is cut', () => {
    const threes = Array.from({ length: 10 }, (_, step) => [...trainPositions({ ...base, step })]).flat();
    const fives = Array.from({ length: 6 }, (_, step) => [...trainPositions({ ...base, step, batch: 5 })]).flat();
    expect(fives).toEqual(threes);
  });

  it('serves batches that are larger than the set', () => {
    const positions = [...trainPositions({ ...base, batch: 20, step: 1 })];
    const order = [...trainPositions({ ...base, batch: 40 })];
    expect(positions).toEqual(order.slice(20, 40));
  });

  it('changes with seed and purpose, not with step order', () => {
    const first = text(Uint8Array.from(trainPositions({ ...base, batch: 21 })));
    expect(text(Uint8Array.from(trainPositions({ ...base, batch: 21, seed: 2 })))).not.toBe(first);
    expect(text(Uint8Array.from(trainPositions({ ...base, batch: 21, purpose: 'transfer' })))).not.toBe(first);
    for (const step of [90, 2, 41, 0]) trainPositions({ ...base, step });
    expect(text(Uint8Array.from(trainPositions({ ...base, batch: 21 })))).toBe(first);
  });

  it('spreads the images of each group evenly over the batches, each once an epoch, each epoch anew', () => {
    // 1,170 images of 12 groups of 44 to 225: epochs and groups end within batches.
    const groups = Int32Array.from({ length: 1170 }, (_, i) => Math.min(11, Math.floor(((i * 7919) % 1170) ** 2 / 1e5) + ((i % 3) * 2)));
    const count = groups.length;
    const sizes = new Map<number, number>();
    for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    const order = { ...base, indices: { length: count }, batch: 60 };
    expect(sizes.size).toBeGreaterThan(8);
    const farthest = (given: { readonly evenOver?: Int32Array }): number => {
      let far = 0;
      for (let step = 0; step < 40; step++) {
        const positions = [...trainPositions({ ...order, ...given, step })];
        for (const [group, size] of sizes) far = Math.max(far, Math.abs(positions.filter((position) => groups[position] === group).length - (60 * size) / count));
      }
      return far;
    };
    expect(farthest({ evenOver: groups })).toBeLessThan(2.5);
    expect(farthest({})).toBeGreaterThan(6);
    const epoch = (number: number, seed: number) => [...trainPositions({ ...order, batch: count, seed, evenOver: groups, step: number })];
    const epochs = [epoch(0, 1), epoch(1, 1), epoch(0, 2)];
    for (const one of epochs) expect([...one].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(new Set(epochs.map((one) => one.join())).size).toBe(3);
    // Within a group they come as they would without.
    const ofGroup = (positions: readonly number[]) => positions.filter((position) => groups[position] === 1);
    expect(ofGroup(epochs[0]!)).toEqual(ofGroup([...trainPositions({ ...order, batch: count, seed: 1, step: 0 })]));
    expect(epoch(0, 1)).toEqual(epochs[0]);
  });

  it('refuses an empty list', () => {
    expect(() => trainPositions({ ...base, indices: [] })).toThrow(/no images/);
  });
});

describe('trainBatch', () => {
  it('is the same whatever was asked before', () => {
    const steps = [0, 1, 2, 3, 4, 5];
    const forward = steps.map((step) => text(trainBatch({ ...base, step })));
    const backward = [...steps].reverse().map((step) => {
      trainBatch({ ...base, seed: 9, step, size: 8 });
      return text(trainBatch({ ...base, step }));
    });
    expect(backward.reverse()).toEqual(forward);
    expect(new Set(forward).size).toBe(6);
  });

  it('holds at place i the view of the image at place i, from the draws of (seed, purpose, step, i)', () => {
    const batch = trainBatch({ ...base, step: 5, size: 8 });
    const positions = trainPositions({ ...base, step: 5 });
    positions.forEach((position, i) => {
      const target = new Uint8Array(192);
      trainView(set, base.indices[position]!, defaultAugment, stream(1, 'pretrain/augment', 5, i), { target, offset: 0, size: 8 });
      expect(batch.slice(i * 192, i * 192 + 192)).toEqual(target);
    });
  });

  it('draws the same crops for the same seed on different images (paired entries)', () => {
    const white = { ...defaultAugment, background: 'white' } as const;
    const one = flatSet([[0, 0, 0, 255], [0, 0, 0, 255]], 16);
    const two = flatSet([[90, 90, 90, 255], [90, 90, 90, 255], [90, 90, 90, 255]], 16);
    const shape = (pixels: Uint8Array): string => pixels.map((v) => (v === 255 ? 1 : 0)).join('');
    const a = trainBatch({ ...base, set: one, indices: [0, 1], augment: white, batch: 4 });
    const b = trainBatch({ ...base, set: two, indices: [2, 0, 1], augment: white, batch: 4 });
    expect(shape(a)).toBe(shape(b));
    expect(shape(a)).toContain('1');
  });

  it('takes images from its indices only', () => {
    const flat = flatSet([[1, 1, 1], [2, 2, 2], [3, 3, 3], [4, 4, 4]], 8);
    const seen = new Set(trainBatch({ ...base, set: flat, indices: [1, 3], batch: 16 }));
    expect([...seen].sort()).toEqual([2, 4]);
  });
});

describe('evalBatch', () => {
  it('gives the pictures themselves where sizes agree', () => {
    expect(evalBatch({ set, indices: [4, 2], size: 16 })).toEqual(Uint8Array.from([...set.pixels.slice(4 * 768, 5 * 768), ...set.pixels.slice(2 * 768, 3 * 768)]));
  });

  it('gives a record the same background in every batch, and different records different ones', () => {
    const clear = { ...flatSet(Array.from({ length: 12 }, () => [0, 0, 0, 0]), 8) };
    const all = evalBatch({ set: clear, indices: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], size: 8 });
    const reversed = evalBatch({ set: clear, indices: [11, 5], size: 8 });
    expect(reversed).toEqual(Uint8Array.from([...all.slice(11 * 192), ...all.slice(5 * 192, 6 * 192)]));
    expect(new Set(Array.from({ length: 12 }, (_, i) => text(all.slice(i * 192, i * 192 + 192)))).size).toBe(12);
    const renamed = { ...clear, records: clear.records.map((record) => ({ ...record, id: `other ${record.id}` })) };
    expect(evalBatch({ set: renamed, indices: [5], size: 8 })).not.toEqual(all.slice(5 * 192, 6 * 192));
    const target = new Uint8Array(192);
    wholeView(clear, 5, 'textures', stream(hashId('noise#5'), 'evaluation/background'), { target, offset: 0, size: 8 });
    expect(all.slice(5 * 192, 6 * 192)).toEqual(target);
  });

  it('refuses a record that the set does not have', () => {
    expect(() => evalBatch({ set, indices: [11], size: 16 })).toThrow(/no record 11/);
  });
});

describe('both', () => {
  it('give the bytes that they gave when results were recorded', () => {
    const pictures = noiseSet(6, 16, 4);
    const trained = trainBatch({ ...base, set: pictures, indices: [0, 2, 3, 5], augment: { ...defaultAugment, shift: 0.1 }, batch: 24, step: 3, size: 12 });
    expect(sha256(trained)).toBe('c591368eb3c963a84f035735fbb2fd65b8ff2b971f09f8403fa6a9103c5fb66a');
    expect(sha256(evalBatch({ set: pictures, indices: [5, 1, 0], size: 12 }))).toBe('2eba767b40208216db16c3a39681045c48f6e4013080c7488fe4f1fdef83a513');
  });
});

describe('hashId', () => {
  it('gives safe integers, and no two equal among many similar ids', () => {
    const ids = Array.from({ length: 30000 }, (_, i) => [`train.bin#${i}`, `noto/1f${i.toString(16)}`]).flat();
    const hashes = ids.map(hashId);
    expect(hashes.every((h) => Number.isSafeInteger(h) && h >= 0)).toBe(true);
    expect(new Set(hashes).size).toBe(ids.length);
  });
});
