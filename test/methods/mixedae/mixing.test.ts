import { describe, expect, it } from 'vitest';
import { mixedaeProblems } from '../../../src/methods/mixedae/check.js';
import { drawMix, mixOfNoise } from '../../../src/methods/group-masks.js';
import { imagesPerGroup } from '../../../src/methods/mixedae/groups.js';
import type { MixedaeOptions } from '../../../src/methods/mixedae/options.js';
import { mixPlan } from '../../../src/methods/mixedae/plan.js';
import { mixedaePreview } from '../../../src/methods/mixedae/preview.js';
import { mixedae } from '../../../src/methods/mixedae/spec.js';
import { maeForwardMacs, mixedForwardMacs } from '../../../src/models/flops.js';
import type { VitConfig } from '../../../src/models/config.js';
import { seededPixels } from '../../models/seeded.js';
import { model, options } from './reference.js';

describe('mixing', () => {
  it('by hand', () => {
    // Order of the noise: 2 (0.1), 0 (0.3), 3 (0.5), 1 (0.9): the first image keeps 2 and 0, the second 3 and 1.
    expect(mixOfNoise(Float64Array.of(0.3, 0.9, 0.1, 0.5), 4, 2)).toEqual({
      keep: Int32Array.of(2, 0, 3, 1), masked: Int32Array.of(3, 1, 2, 0), restore: Int32Array.of(1, 2, 0, 2, 2, 1, 2, 0),
    });
  });

  it('gives every position of a group to one image, every image as many, each as often', () => {
    const [groups, patches, images] = [16, 16, 4];
    const own = patches / images;
    const counts = new Array<number>(images * patches).fill(0);
    const kinds = new Set<string>();
    const steps = 100;
    for (let step = 0; step < steps; step++) {
      const { keep, masked, restore } = drawMix(groups, patches, images, 11, step);
      for (let group = 0; group < groups; group++) {
        const positions = Array.from(keep.subarray(group * patches, (group + 1) * patches));
        expect([...positions].sort((a, b) => a - b)).toEqual(Array.from({ length: patches }, (_, l) => l));
        positions.forEach((position, i) => { counts[Math.floor(i / own) * patches + position]!++; });
        kinds.add(positions.join());
      }
      for (let b = 0; b < groups * images; b++) {
        const kept = Array.from(keep.subarray(b * own, (b + 1) * own));
        const hidden = Array.from(masked.subarray(b * (patches - own), (b + 1) * (patches - own)));
        expect([...kept, ...hidden].sort((x, y) => x - y)).toEqual(Array.from({ length: patches }, (_, l) => l));
        expect(Array.from(restore.subarray(b * patches, (b + 1) * patches))).toEqual(Array.from({ length: patches }, (_, l) => (kept.includes(l) ? kept.indexOf(l) : own)));
      }
    }
    expect(kinds.size).toBe(steps * groups);
    const expected = (steps * groups * own) / patches;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99.99 % point of chi-square with 45 degrees of freedom: rows and columns of the table add up.
    expect(chiSquare).toBeLessThan(88);
  });

  it('differs between purposes, seeds and steps', () => {
    const one = drawMix(4, 16, 4, 0, 0);
    expect(drawMix(4, 16, 4, 0, 0)).toEqual(one);
    for (const other of [drawMix(4, 16, 4, 1, 0), drawMix(4, 16, 4, 0, 1), drawMix(4, 16, 4, 0, 0, 'preview-mix')]) expect(other.keep).not.toEqual(one.keep);
  });
});

describe('what options come to', () => {
  it.each([[0.5, 2], [0.3333, 3], [0.25, 4], [0.1, 10], [0.3, null], [0.45, null]])('a ratio of %s is groups of %s', (ratio, images) => {
    expect(imagesPerGroup(ratio)).toBe(images);
  });

  it('as many keys as an image keeps, in all blocks but the first', () => {
    const vit: VitConfig = { ...model, imageSize: 224, patchSize: 16, depth: 4 };
    const plain = { ...options, contrastive: { ...options.contrastive, width: 'model' } } as const;
    expect(mixPlan(vit, plain)).toEqual({ images: 4, own: 49, topk: { keys: 49, blocks: [1, 2, 3] }, projector: { width: vit.width, depth: 2 } });
    expect(mixPlan(vit, { ...plain, topk: 20, topk_blocks: [3, 0] }).topk).toEqual({ keys: 20, blocks: [0, 3] });
    expect(mixPlan(vit, { ...plain, topk_blocks: 'all' }).topk?.blocks).toEqual([0, 1, 2, 3]);
    expect(mixPlan(vit, { ...plain, topk: 'off', contrastive: { ...plain.contrastive, weight: 0 } })).toMatchObject({ topk: null, projector: null });
  });

  it.each<readonly [string, Partial<MixedaeOptions>, VitConfig, number, readonly RegExp[]]>([
    ['nothing', {}, model, 8, []],
    ['a ratio of no whole group', { mixing_ratio: 0.3 }, model, 8, [/mixing_ratio 0.3 is not one over a whole number/]],
    ['patches that cannot be shared', { mixing_ratio: 0.3333 }, model, 9, [/mixes 3 images, which cannot share 16 patches equally/]],
    ['a batch of no whole groups', {}, model, 10, [/batch_size 10 is not a multiple of the 4 images/]],
    ['one patch an image', { mixing_ratio: 0.0625 }, model, 16, [/leaves each image one of 16 patches/]],
    ['one patch an image, without contrast', { mixing_ratio: 0.0625, contrastive: { ...options.contrastive, weight: 0 } }, model, 16, []],
    ['more keys than there are', { topk: 17 }, model, 8, [/topk 17 is more than the 16 keys/]],
    ['as many keys as there are', { topk: 17, topk_class_token: 'alike' }, model, 8, []],
    ['blocks that the model has not', { topk_blocks: [0, 3, 7] }, model, 8, [/topk_blocks names block 3, 7; the model's 3 blocks/]],
    ['no block left', {}, { ...model, depth: 1 }, 8, [/leaves no block/]],
    ['no block left, and none wanted', { topk: 'off' }, { ...model, depth: 1 }, 8, []],
    ['the decoder\'s shape', { decoder: { width: 30, depth: 1, heads: 4 } }, model, 8, [/not a multiple of decoder.heads/, /not a multiple of 4/]],
    ['a warm-up as long as the schedule', { warmup_epochs: 20 }, model, 8, [/warmup_epochs 20 is not shorter/]],
  ])('says what is wrong: %s', (_, changed, vit, batch, wanted) => {
    const found = mixedaeProblems(vit, { ...options, ...changed }, 20, batch);
    expect(found).toHaveLength(wanted.length);
    wanted.forEach((pattern, i) => expect(found[i]).toMatch(pattern));
    expect(mixedaeProblems(vit, { ...options, ...changed }, 20, null).filter((problem) => problem.includes('batch_size'))).toEqual([]);
  });
});

describe('what it costs', () => {
  const base: VitConfig = { name: 'vit_base', imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12, mlpRatio: 4 };
  const decoder = { width: 512, depth: 8, heads: 16 };

  it('at ViT-B/16 1.4 % over MAE: a fourth of the blocks on 197 tokens for all of them on 50, and the projector', () => {
    const mae = maeForwardMacs(base, decoder, 0.75);
    const blocks = 12 * (1_394_343_936 + 59_610_624) / 4 - 12 * (50 * 7_077_888 + 2 * 2500 * 768);
    expect(mixedForwardMacs(base, decoder, 4, null)).toBe(mae + blocks);
    const projector = 49 * (2 * 768 * 768 + 196 * 768);
    expect(mixedForwardMacs(base, decoder, 4, { width: 768, depth: 2 })).toBe(mae + blocks + projector);
    // One layer to 256, and two more of 256.
    expect(mixedForwardMacs(base, decoder, 4, { width: 256, depth: 3 })).toBe(mae + blocks + 49 * (768 * 256 + 2 * 256 * 256 + 196 * 256));
    const ratio = mixedForwardMacs(base, decoder, 4, { width: 768, depth: 2 }) / mae;
    expect(ratio).toBeCloseTo(1.0137, 4);
    // An independent count has 9.89 G for MAE's 9.78 G, with another projector.
    expect(ratio).toBeCloseTo(9.89 / 9.78, 2);
  });

  it('an image is a part of a sequence, exactly also where YAML cannot say the ratio', () => {
    expect(mixedae.units!({ ...options, mixing_ratio: 0.25 })).toEqual([{ name: 'mixed sequences', perImage: 0.25 }]);
    expect(mixedae.units!({ ...options, mixing_ratio: 0.333 })).toEqual([{ name: 'mixed sequences', perImage: 1 / 3 }]);
  });

  it('a training step is three forward passes, two operations each', () => {
    expect(mixedae.flopsPerImage(base, { ...options, decoder, contrastive: { ...options.contrastive, width: 'model' } }, 256)).toBe(6 * mixedForwardMacs(base, decoder, 4, { width: 768, depth: 2 }));
    expect(mixedae.flopsPerImage(base, { ...options, decoder, contrastive: { ...options.contrastive, weight: 0 } }, 256)).toBe(6 * mixedForwardMacs(base, decoder, 4, null));
  });
});

describe('pictures', () => {
  const vit: VitConfig = { name: 'custom', imageSize: 16, patchSize: 4, width: 32, depth: 1, heads: 2, mlpRatio: 2 };
  const [patches, values, own] = [16, 48, 4];
  const images = seededPixels(2, 8 * 16 * 16 * 3);
  const at = (b: number, patch: number, i: number): number => ((b * 16 + Math.floor(patch / 4) * 4 + Math.floor(i / 12)) * 16 + (patch % 4) * 4 + Math.floor((i % 12) / 3)) * 3 + (i % 3);

  it('show what a group was mixed to beside each of its images, and a perfect prediction as the image itself', () => {
    const preview = mixedaePreview(vit, { ...options, norm_pix_loss: false }, 3);
    expect(preview.count).toBe(8);
    const { keep, masked } = preview.draws() as { keep: Int32Array; masked: Int32Array };
    const predicted = new Float32Array(8 * (patches - own) * values);
    masked.forEach((patch, row) => {
      const b = Math.floor(row / (patches - own));
      for (let i = 0; i < values; i++) predicted[row * values + i] = (images[at(b, patch, i)]! / 255 - [0.485, 0.456, 0.406][i % 3]!) / [0.229, 0.224, 0.225][i % 3]!;
    });
    const [mixed, rebuilt, original] = preview.columns(images, { predicted: { shape: [8, patches - own, values], data: predicted } });
    expect(rebuilt!.pixels).toEqual(images);
    expect(original!.pixels).toEqual(images);
    keep.forEach((patch, row) => {
      const giver = Math.floor(row / own);
      for (let row = Math.floor(giver / 4) * 4; row < Math.floor(giver / 4) * 4 + 4; row++) {
        for (let i = 0; i < values; i++) if (mixed!.pixels[at(row, patch, i)] !== images[at(giver, patch, i)]) expect.fail(`row ${row}, patch ${patch}: not image ${giver}'s`);
      }
    });
  });
});
