import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clsAttention } from '../../src/models/cls-attention.js';
import type { VitConfig } from '../../src/models/config.js';
import { vitParams } from '../../src/models/vit.js';
import { openEngine } from '../engine/open.js';
import { seededPixels, withSeeded } from './seeded.js';

/** Numbers from timm's own attention in float64: scripts/reference/cls_attention.py. */
const reference = JSON.parse(readFileSync(new URL('cls-attention.reference.json', import.meta.url), 'utf8')) as {
  readonly config: Readonly<Record<'image' | 'patch' | 'width' | 'depth' | 'heads' | 'batch', number>>;
  readonly parameters: readonly string[];
  /** [B, H, L] and [B, H]. */
  readonly patches: readonly number[];
  readonly own: readonly number[];
};
const c = reference.config;
const model: VitConfig = { name: 'custom', imageSize: c.image, patchSize: c.patch, width: c.width, depth: c.depth, heads: c.heads, mlpRatio: 4 };

it("holds the class token's attention of timm, head by head", async () => {
  const engine = await openEngine({ threads: 1 });
  const params = withSeeded(vitParams(model, 0), reference.parameters.map((name) => (name === 'pos_embed' ? '' : name)))
    .map((spec) => (spec.name.endsWith('attn.qkv.weight') ? { ...spec, value: spec.value.map((x) => 2 * x) } : spec));
  const compiled = engine.compile({
    params,
    functions: { attend: { kind: 'evaluate', inputs: { images: { shape: [c.batch, c.image, c.image, 3], type: 'uint8' } }, scalars: [], body: (args) => ({ maps: clsAttention(model, args.params, args.inputs['images']!) }) } },
  });
  const { shape, data } = compiled.run('attend', { images: seededPixels(3000, c.batch * c.image * c.image * 3) })['maps']!;
  compiled.dispose();
  expect(shape).toEqual([c.batch, c.heads, 16]);
  reference.patches.forEach((value, i) => expect(data[i]).toBeCloseTo(value, 5));
  // What is missing to 1 is what the class token gives itself.
  reference.own.forEach((value, row) => expect(1 - Array.from(data.subarray(row * 16, (row + 1) * 16)).reduce((sum, x) => sum + x, 0)).toBeCloseTo(value, 5));
});
