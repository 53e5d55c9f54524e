import { concat, tensor, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { mix, unmix } from '../../../src/methods/mixedae/mix.js';
import { forward } from '../../../src/methods/mixedae/network.js';
import { mixedaeDiagnostics } from '../../../src/methods/mixedae/diagnostics.js';
import { homologousShare } from '../../../src/methods/mixedae/recognition.js';
import { maskedInputs, maskTensors } from '../../../src/methods/mae/network.js';
import type { BodyArguments, ParamSpec } from '../../../src/engine/contract.js';
import { patchify } from '../../../src/models/images.js';
import { layerNormLayer } from '../../../src/models/layer-norm.js';
import { decodeMasked } from '../../../src/models/mae-decoder.js';
import { attendSelected, topKeys } from '../../../src/models/selected-attention.js';
import { embedPatches, runBlocks } from '../../../src/models/vit.js';
import { distance } from '../../engine/modes.js';
import { c, compileOne, evaluation, groups, inputs, masks, model, options, own, paramsOf, patches } from './reference.js';

const values = c.patch ** 2 * 3;
const pixels = c.image * c.image * 3;

describe('un-mixing', () => {
  const withoutSegments = paramsOf(options).map((param): ParamSpec => (param.name === 'segment_embed' ? { ...param, value: new Float32Array(param.value.length) } : param));
  const withNoClass = (tokens: Tensor): Tensor => concat([zeros([tokens.shape[0], 1, c.width]), tokens], 1);
  const embedded = (args: BodyArguments): Tensor => embedPatches(model, args.params, patchify(args.inputs['images']!, c.patch), args.inputs['keep']);
  const decoded = (args: BodyArguments, tokens: Tensor): { predicted: Tensor } => ({ predicted: decodeMasked(model, options.decoder, args.params, tokens, maskTensors(args)) });

  /** [1, 1, L, L]: tokens of one image see each other alone. */
  const trueSources = (): Tensor => tensor(
    Array.from({ length: patches ** 2 }, (_, i) => (Math.floor(Math.floor(i / patches) / own) === Math.floor((i % patches) / own) ? 1 : 0)), [1, 1, patches, patches],
  );

  it('a group whose tokens see their own image alone is as many passes of MAE, each with its image\'s visible patches', async () => {
    const mixed = await compileOne(withoutSegments, {
      kind: 'evaluate', inputs: maskedInputs(model, own, c.batch), scalars: [],
      body: (args) => {
        const tokens = mix(embedded(args), c.images, args.params['segment_embed']);
        const encoded = runBlocks(model, args.params, tokens, { attend: () => (qkv, heads) => attendSelected(qkv, heads, trueSources).attended });
        return decoded(args, unmix(withNoClass(layerNormLayer(args.params, 'norm', encoded)), c.images));
      },
    });
    const { images, keep, masked, restore } = inputs(0);
    const together = mixed.run('one', inputs(0))['predicted']!.data;
    mixed.dispose();
    const single = await compileOne(withoutSegments, {
      kind: 'evaluate', inputs: maskedInputs(model, own, 1), scalars: [],
      body: (args) => decoded(args, withNoClass(layerNormLayer(args.params, 'norm', runBlocks(model, args.params, embedded(args))))),
    });
    for (let b = 0; b < c.batch; b++) {
      const row = <T extends Uint8Array | Int32Array>(all: T, width: number): T => all.slice(b * width, (b + 1) * width) as T;
      const alone = single.run('one', { images: row(images, pixels), keep: row(keep, own), masked: row(masked, patches - own), restore: row(restore, patches) })['predicted']!.data;
      expect(distance(together.slice(b * alone.length, (b + 1) * alone.length), alone), `image ${b}`).toBeLessThan(1e-6);
    }
    single.dispose();
  });
});

describe('order in a group decides nothing', () => {
  it('images, masks and segment vectors in another order give the same outputs in that order', async () => {
    const order = [2, 0, 3, 1];
    /** Rows in the new order, in each group of them. */
    const reordered = <T extends Uint8Array | Int32Array | Float32Array>(rows: T, width: number): T => {
      const all = rows.slice() as T;
      for (let row = 0; row < rows.length / width; row++) {
        const from = Math.floor(row / c.images) * c.images + order[row % c.images]!;
        all.set(rows.subarray(from * width, (from + 1) * width), row * width);
      }
      return all;
    };
    const compiled = await compileOne(paramsOf(options), {
      kind: 'evaluate', inputs: maskedInputs(model, own, c.batch), scalars: [],
      body: (args) => {
        const { encoded, predicted } = forward(model, options, args);
        return { encoded, predicted };
      },
    });
    const { images, keep, masked, restore } = inputs(0);
    const first = compiled.run('one', { images, keep, masked, restore });
    const moved = { images: reordered(images, pixels), keep: reordered(keep, own), masked: reordered(masked, patches - own), restore: reordered(restore, patches) };
    const otherSegments = compiled.run('one', moved);
    const segments = compiled.readParams().get('segment_embed')!;
    compiled.writeParams(new Map([['segment_embed', reordered(segments, c.width)]]));
    const second = compiled.run('one', moved);
    compiled.dispose();

    const predicted = reordered(first['predicted']!.data as Float32Array, (patches - own) * values);
    expect(distance(second['predicted']!.data, predicted)).toBeLessThan(1e-5);
    expect(distance(otherSegments['predicted']!.data, predicted)).toBeGreaterThan(1e-2);
    const tokens = (1 + patches) * c.width;
    for (let group = 0; group < groups; group++) {
      const of = (result: typeof first): Float32Array => (result['encoded']!.data as Float32Array).slice(group * tokens, (group + 1) * tokens);
      const [was, is] = [of(first), of(second)];
      expect(distance(is.slice(0, c.width), was.slice(0, c.width))).toBeLessThan(1e-5);
      expect(distance(is.slice(c.width), reordered(was.slice(c.width), own * c.width))).toBeLessThan(1e-5);
    }
    expect(predicted).not.toEqual(first['predicted']!.data);
    expect(masks(0).keep).toEqual(keep);
  });
});

describe('the selection', () => {
  const selectedOf = async (k: number, classToken: 'apart' | 'alike', rows: readonly (readonly number[])[]): Promise<readonly number[]> => {
    const compiled = await compileOne([], evaluation(() => ({ selected: topKeys(k, classToken)(tensor(rows.flat(), [1, 1, rows.length, rows.length])) })));
    const { selected } = compiled.run('one', {});
    compiled.dispose();
    return Array.from(selected!.data);
  };
  const scores = [
    [0, 1, 2, 3],
    [9, 4, 5, 3],
    [0, 2, 1, 2],
    [5, -1, -3, -2],
  ];

  it('by hand: k patches and the class token, whose own query selects all', async () => {
    expect(await selectedOf(2, 'apart', scores)).toEqual([
      1, 1, 1, 1,
      1, 1, 1, 0,
      1, 1, 0, 1,
      1, 1, 0, 1,
    ]);
  });

  it('by hand: k of all tokens, and all that equal the k-th', async () => {
    expect(await selectedOf(1, 'alike', scores)).toEqual([
      0, 0, 0, 1,
      1, 0, 0, 0,
      0, 1, 0, 1,
      1, 0, 0, 0,
    ]);
  });

  it('is measured over the patches that patches select', async () => {
    // Two images of two patches each; the class token's row and column do not count.
    const selected = [
      1, 1, 1, 1, 1,
      1, 1, 0, 1, 0,
      1, 1, 1, 0, 0,
      0, 1, 1, 0, 0,
      1, 0, 0, 1, 1,
    ];
    const compiled = await compileOne([], evaluation(() => ({ share: homologousShare(tensor(selected, [1, 1, 5, 5]), 2) })));
    const { share } = compiled.run('one', {});
    compiled.dispose();
    // Of 8: patch 1 selects itself and one of the other image, patch 2 both of its own, patch 3 none, patch 4 both.
    expect(share!.data[0]).toBeCloseTo(5 / 8, 6);
  });
});

describe('what chance gives is said beside the TopK accuracy', () => {
  // 16 patches of 4 images: of the keys of a patch 1 is itself, and of 3 others 3/15 are of its image; 0.25 of 4 where it is like the others.
  it.each([['auto', '0.40', 16], [8, '0.30', 16], ['auto', '0.26', 196]] as const)('for topk %s: %s of %s patches', (topk, share, count) => {
    const side = Math.sqrt(count);
    const own = mixedaeDiagnostics({ ...model, imageSize: side * model.patchSize }, { ...options, mixing_ratio: 0.25, topk });
    expect(own.find(({ unit }) => unit === 'share')?.note).toBe(`By chance ${share}, where a patch always selects itself, and 0.25, where it is one like the others.`);
  });
});
