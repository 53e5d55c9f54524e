import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../../../src/engine/contract.js';
import { keptPatches } from '../../../src/methods/mae/kept.js';
import { drawMasks, masksOfNoise } from '../../../src/methods/mae/masks.js';
import type { MaeOptions } from '../../../src/methods/mae/options.js';
import { maePreview } from '../../../src/methods/mae/preview.js';
import { seededPixels } from '../../models/seeded.js';

describe('masks', () => {
  it('by hand', () => {
    // Order of the noise: 2 (0.1), 0 (0.3), 3 (0.5), 1 (0.9).
    expect(masksOfNoise(Float64Array.of(0.3, 0.9, 0.1, 0.5), 4, 2)).toEqual({ keep: Int32Array.of(2, 0), masked: Int32Array.of(3, 1), restore: Int32Array.of(1, 2, 0, 2) });
  });

  it('keeps int(L * (1 - ratio)), as MAE', () => {
    expect(keptPatches(196, 0.75)).toBe(49);
    expect(keptPatches(16, 0.6)).toBe(6);
    expect(keptPatches(196, 0.8)).toBe(Math.floor(196 * (1 - 0.8)));
  });

  it('hides every patch equally often, each image on its own', () => {
    const [batch, patches, kept] = [64, 16, 4];
    const counts = new Array<number>(patches).fill(0);
    const kinds = new Set<string>();
    const steps = 50;
    for (let step = 0; step < steps; step++) {
      const { keep } = drawMasks(batch, patches, kept, 11, step);
      keep.forEach((position) => { counts[position]!++; });
      kinds.add(Array.from(keep.subarray(0, kept)).join());
      expect(new Set(keep.subarray(0, kept)).size).toBe(kept);
      expect(keep.subarray(0, kept)).not.toEqual(keep.subarray(kept, 2 * kept));
    }
    const expected = (steps * batch * kept) / patches;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99.99 % point of chi-square with 15 degrees of freedom.
    expect(chiSquare).toBeLessThan(44.3);
    expect(kinds.size).toBeGreaterThan(steps - 3);
  });

  it('differ between purposes, seeds and steps', () => {
    const one = drawMasks(4, 16, 4, 0, 0);
    expect(drawMasks(4, 16, 4, 0, 0)).toEqual(one);
    for (const other of [drawMasks(4, 16, 4, 1, 0), drawMasks(4, 16, 4, 0, 1), drawMasks(4, 16, 4, 0, 0, 'preview-mask')]) expect(other.keep).not.toEqual(one.keep);
  });
});

describe('pictures', () => {
  const model = { name: 'custom', imageSize: 16, patchSize: 4, width: 32, depth: 1, heads: 2, mlpRatio: 2 };
  const [patches, values, kept] = [16, 48, 4];
  const images = seededPixels(2, 8 * 16 * 16 * 3);
  const at = (b: number, patch: number, i: number): number => ((b * 16 + Math.floor(patch / 4) * 4 + Math.floor(i / 12)) * 16 + (patch % 4) * 4 + Math.floor((i % 12) / 3)) * 3 + (i % 3);

  it.each([true, false])('show a perfect prediction as the image itself (norm_pix_loss %s)', (norm) => {
    const preview = maePreview(model, { mask_ratio: 0.75, norm_pix_loss: norm } as MaeOptions, 3);
    const { masked } = preview.draws() as { masked: Int32Array };
    const network = (value: number, i: number): number => (value / 255 - [0.485, 0.456, 0.406][i % 3]!) / [0.229, 0.224, 0.225][i % 3]!;
    const predicted = new Float32Array(8 * (patches - kept) * values);
    masked.forEach((patch, row) => {
      const b = Math.floor(row / (patches - kept));
      const own = Array.from({ length: values }, (_, i) => network(images[at(b, patch, i)]!, i));
      const mean = own.reduce((sum, x) => sum + x, 0) / values;
      const std = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values - 1) + 1e-6);
      own.forEach((x, i) => { predicted[row * values + i] = norm ? (x - mean) / std : x; });
    });
    const outputs: Readonly<Record<string, HostTensor>> = { predicted: { shape: [8, patches - kept, values], data: predicted } };
    const [hidden, rebuilt, original] = preview.columns(images, outputs);
    expect(rebuilt!.pixels).toEqual(images);
    expect(original!.pixels).toEqual(images);
    const hiddenPatches = new Set(Array.from(masked.subarray(0, patches - kept)));
    for (let patch = 0; patch < patches; patch++) {
      for (let i = 0; i < values; i++) expect(hidden!.pixels[at(0, patch, i)]).toBe(hiddenPatches.has(patch) ? 128 : images[at(0, patch, i)]);
    }
  });
});
