import { slice, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { VitConfig } from '../../src/models/config.js';
import { fittedConfig, fittedEncoder } from '../../src/models/fitted-encoder.js';
import { resizedPositions } from '../../src/models/resized-positions.js';
import { vitBlocks, vitParams, vitTokens } from '../../src/models/vit.js';
import { openEngine } from '../engine/open.js';
import { seededPixels, withSeeded } from './seeded.js';

const model: VitConfig = { name: 'custom', imageSize: 16, patchSize: 8, width: 8, depth: 3, heads: 2, mlpRatio: 2 };
const specs = vitParams(model, 0);
const own = withSeeded(specs, specs.filter(({ trainable }) => trainable).map(({ name }) => name));
const encoder = new Map(own.map(({ name, shape, value }) => [name, { shape, data: value }]));

beforeAll(async () => { await openEngine({ threads: 1 }); });

it.each([16, 32])('gives what the encoder with so many blocks gives, at %i pixels', (size) => {
  const config = fittedConfig(model, size);
  const side = size / 8;
  tidy(() => {
    const params = Object.fromEntries(Array.from(fittedEncoder(encoder, model, size), ([name, { shape, data }]) => [name, tensor(data.slice(), [...shape])]));
    const images = tensor(Float32Array.from(seededPixels(1, 2 * size * size * 3)), [2, size, size, 3]);
    const maps = vitBlocks(config, params, images, [2, 0]);
    expect(maps.map(({ shape }) => shape)).toEqual([[2, side, side, 8], [2, side, side, 8]]);
    for (const [i, depth] of [[0, 3], [1, 1]] as const) {
      const tokens = slice(vitTokens({ ...config, depth }, params, images), [0, 1, 0], [2, side * side, 8]);
      expect(maps[i]!.dataSync()).toEqual(tokens.dataSync());
    }
  });
});

it('fits an encoder to another size by its positions alone', () => {
  const fitted = fittedEncoder(encoder, model, 32);
  expect(fitted.get('pos_embed')).toEqual({ shape: [1, 17, 8], data: resizedPositions(encoder.get('pos_embed')!.data, 8, 2, 4) });
  expect([...fitted.keys()]).toEqual([...encoder.keys()]);
  for (const [name, tensors] of fitted) if (name !== 'pos_embed') expect(tensors).toBe(encoder.get(name));
  expect(fittedEncoder(encoder, model, 16)).toBe(encoder);
  expect(() => fittedConfig(model, 30)).toThrow('cannot be cut into patches of 8');
});
