import { beforeAll, describe, expect, it } from 'vitest';
import type { Compiled, Engine } from '../../src/engine/contract.js';
import { drawMixing, mixImages } from '../../src/data/augment/index.js';
import { CheckpointError, DivergedError } from '../../src/errors.js';
import { type JsonObject, sha256 } from '../../src/files.js';
import type { EncoderWeights } from '../../src/methods/method.js';
import { mixTargets } from '../../src/protocols/fine-tune/targets.js';
import { layerOf, lrScale } from '../../src/protocols/layer-decay.js';
import { networkShapes, startValues } from '../../src/protocols/fine-tune/network.js';
import { learningRate } from '../../src/protocols/learning-rate.js';
import { fineTuneProtocol } from '../../src/protocols/fine-tune/run.js';
import { fineTune } from '../../src/protocols/fine-tune/spec.js';
import { type FineTuneOptions, fineTuneOptions } from '../../src/protocols/fine-tune/options.js';
import { openLoader } from '../../src/data/loader/index.js';
import { train, trainSeries } from '../../src/protocols/fine-tune/train.js';
import { stream } from '../../src/random.js';
import { openEngine } from '../engine/open.js';
import { filled } from './filled.js';
import { toy, toyEncoder, toyModel } from './toy.js';

const optionsOf = (given: JsonObject): FineTuneOptions => fineTuneOptions(filled('fine-tune', given));

let engine: Engine;
beforeAll(async () => { engine = await openEngine({ threads: 1 }); });

describe('layers', () => {
  it('are MAE\'s groups for ViT-B', () => {
    expect(['cls_token', 'pos_embed', 'patch_embed.proj.weight', 'blocks.0.norm1.bias', 'blocks.9.attn.qkv.weight', 'blocks.11.mlp.fc2.bias', 'norm.weight', 'fc_norm.bias', 'head.weight'].map((name) => layerOf(name, 12)))
      .toEqual([0, 0, 0, 1, 10, 12, 13, 13, 13]);
    expect(lrScale('head.weight', 12, 0.65)).toBe(1);
    expect(lrScale('blocks.11.norm1.weight', 12, 0.65)).toBe(0.65);
    expect(lrScale('pos_embed', 12, 0.65)).toBeCloseTo(0.65 ** 13, 15);
  });
});

describe('learning rate', () => {
  const schedule = { lr: 1, minLr: 0.2, steps: 12, warmup: 1 / 3 };
  it('rises from 0 for the warm-up and falls along half a cosine to the minimum', () => {
    expect([0, 1, 2, 3].map((step) => learningRate(step, schedule))).toEqual([0, 0.25, 0.5, 0.75]);
    expect(learningRate(4, schedule)).toBe(1);
    expect(learningRate(8, schedule)).toBeCloseTo(0.6, 12);
    expect(learningRate(11, schedule)).toBeCloseTo(0.2 + 0.4 * (1 + Math.cos((7 / 8) * Math.PI)), 12);
  });
  it('starts at once without warm-up, and never rises to a minimum above it', () => {
    expect(learningRate(0, { ...schedule, warmup: 0 })).toBe(1);
    expect([0, 6, 11].map((step) => learningRate(step, { lr: 0.1, minLr: 0.2, steps: 12, warmup: 0 }))).toEqual([0.1, 0.1, 0.1]);
  });
});

describe('a step', () => {
  it('gets the schedule\'s rate, the weight decay and smoothed targets', async () => {
    const given: { readonly scalars: unknown; readonly targets: readonly number[] }[] = [];
    const recorder = {
      run: (_name: string, inputs: Readonly<Record<string, Float32Array>>, scalars: unknown) => {
        given.push({ scalars, targets: [...inputs['targets']!] });
        return { loss: { data: Float32Array.of(1) } };
      },
    } as unknown as Compiled;
    const { task, set } = toy({ train: [4, 4], validation: [1, 1], test: [1, 1] });
    const options = optionsOf({ steps: 8, batch_size: 4, warmup: 0.25, min_lr: 0.001, weight_decay: 0.07, label_smoothing: 0.2, drop_path: 0 });
    const shape = { model: toyModel, classes: 2, pool: 'mean' as const, batchSize: 4, layerDecay: 1, dropPath: false };
    const loader = openLoader(set, [trainSeries(shape, options, task.train, 0, 'p')], 0);
    await train({ compiled: recorder, options, loader, lr: 0.02, onStep: () => undefined, phases: { enter: () => undefined } });
    const schedule = { lr: 0.02, minLr: 0.001, steps: 8, warmup: 0.25 };
    expect(given.map(({ scalars }) => scalars)).toEqual(Array.from({ length: 8 }, (_, step) => ({ lr: learningRate(step, schedule), weight_decay: 0.07 })));
    for (const { targets } of given) expect(targets.map((value) => Number(value.toFixed(6))).sort()).toEqual([0.1, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9, 0.9]);
  });
});

describe('batches', () => {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): Uint8Array => new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
  /** What the steps of a training are fed. */
  const fed = async (given: JsonObject, threads = 0) => {
    const steps: Record<'images' | 'targets' | 'drop_path', Uint8Array>[] = [];
    const recorder = {
      run: (_name: string, { images, targets, drop_path }: Readonly<Record<string, Float32Array | Uint8Array>>) => {
        steps.push({ images: bytes(images!), targets: bytes(targets!), drop_path: bytes(drop_path!) });
        return { loss: { data: Float32Array.of(1) } };
      },
    } as unknown as Compiled;
    const { task, set } = toy({ train: [4, 4], validation: [1, 1], test: [1, 1] });
    const options = optionsOf({ steps: 4, batch_size: 6, ...given });
    const shape = { model: toyModel, classes: 2, pool: 'mean' as const, batchSize: 6, layerDecay: 1, dropPath: true };
    const loader = openLoader(set, [trainSeries(shape, options, task.train, 3, 'p')], threads);
    await train({ compiled: recorder, options, loader, lr: 0.02, onStep: () => undefined, phases: { enter: () => undefined } });
    loader.close();
    return steps;
  };
  const image = toyModel.imageSize ** 2 * 3;

  it('are what they were before there was RandAugment, erasing and mixing, unless asked for', async () => {
    const steps = await fed({});
    expect(sha256(Buffer.concat(steps.flatMap(({ images, targets, drop_path }) => [images, targets, drop_path])))).toBe('4ba66bd7addf9bb04fb70a00c87ae17eae08d4d51554251c677f8711fdd56499');
    const { rand_augment, random_erasing, mix } = optionsOf({});
    expect([rand_augment, random_erasing, mix]).toEqual([undefined, undefined, undefined]);
  });

  it('are the same from threads: images, targets and drop path', async () => {
    const given = { random_erasing: { probability: 0.5 }, rand_augment: {}, mix: {}, drop_path: 0.4 };
    const alone = await fed(given);
    expect(await fed(given, 1)).toEqual(alone);
    expect(await fed(given, 4)).toEqual(alone);
  });

  it('are mixed with themselves, images and targets by one draw a step, behind all that is done to an image', async () => {
    const given = { random_erasing: { probability: 0.5 }, rand_augment: {} };
    const plain = await fed(given);
    const mixed = await fed({ ...given, mix: {} });
    const kinds = new Set<string>();
    plain.forEach(({ images, targets, drop_path }, step) => {
      const mixing = drawMixing({ mixup: 0.8, cutmix: 1, switch_probability: 0.5, probability: 1 }, toyModel.imageSize, stream(3, 'p/mix', step));
      kinds.add(mixing.kind);
      mixImages(images, 6, toyModel.imageSize, mixing);
      const rows = new Float32Array(targets.buffer);
      mixTargets(rows, 2, mixing.share);
      expect(mixed[step]).toEqual({ images, targets: bytes(rows), drop_path });
    });
    expect(kinds).toEqual(new Set(['mixup', 'cutmix']));
  });

  it('are changed by RandAugment and by erasing where those are named', async () => {
    const plain = await fed({});
    const changed = (steps: typeof plain): number => steps.reduce((sum, { images }, step) => sum + Array.from({ length: 6 }, (_, i) => i).filter((i) => Buffer.compare(images.subarray(i * image, (i + 1) * image), plain[step]!.images.subarray(i * image, (i + 1) * image)) !== 0).length, 0);
    expect(changed(await fed({ random_erasing: { probability: 1 } }))).toBe(24);
    expect(changed(await fed({ random_erasing: { probability: 0 } }))).toBe(0);
    // Three of four views have at least one of two operations carried out; a few of those leave what they get.
    const augmented = changed(await fed({ rand_augment: {} }));
    expect(augmented).toBeGreaterThan(8);
    expect(augmented).toBeLessThan(24);
    expect(changed(await fed({ rand_augment: { layers: 0 } }))).toBe(0);
  });

  it('take MAE\'s settings where a name stands alone, and refuse others', () => {
    const { rand_augment, random_erasing, mix } = optionsOf({ rand_augment: {}, random_erasing: {}, mix: {} });
    expect({ rand_augment, random_erasing, mix }).toEqual({
      rand_augment: { magnitude: 9, layers: 2, std: 0.5 },
      random_erasing: { probability: 0.25, area: [0.02, 1 / 3], aspect: [0.3, 1 / 0.3] },
      mix: { mixup: 0.8, cutmix: 1, switch_probability: 0.5, probability: 1 },
    });
    expect(() => optionsOf({ mix: { mixupp: 1 } })).toThrow('did you mean "mixup"');
    for (const wrong of [{ rand_augment: { magnitude: 11 } }, { random_erasing: { area: [0, 0.3] } }, { mix: { mixup: -1 } }, { augment: { color_jitter: { hue: 0.6 } } }, { augment: { solarize: 2 } }] as const) {
      expect(() => optionsOf(wrong)).toThrow(Object.keys(wrong)[0]!);
    }
  });
});

describe('start', () => {
  it('takes the encoder, leaves its norm out for `mean`, and draws the head by seed and task alone', () => {
    const shape = { model: toyModel, classes: 3, pool: 'mean' as const };
    const encoder = toyEncoder(0);
    const values = startValues(shape, encoder, 1, 'birds');
    expect([...values.keys()]).toEqual(networkShapes(shape).map(({ name }) => name));
    expect(values.has('norm.weight')).toBe(false);
    expect(values.get('blocks.1.attn.qkv.weight')).toBe(encoder.get('blocks.1.attn.qkv.weight')!.data);
    const head = values.get('head.weight')!;
    expect(startValues(shape, toyEncoder(5), 1, 'birds').get('head.weight')).toEqual(head);
    expect(startValues(shape, encoder, 2, 'birds').get('head.weight')).not.toEqual(head);
    expect(startValues(shape, encoder, 1, 'cars').get('head.weight')).not.toEqual(head);
    expect(Math.sqrt(head.reduce((sum, value) => sum + value * value, 0) / head.length)).toBeCloseTo(2e-5, 5);
    expect(startValues({ ...shape, pool: 'cls' }, encoder, 1, 'birds').get('norm.weight')).toBe(encoder.get('norm.weight')!.data);
  });

  it('names a tensor that the encoder lacks or has in another shape', () => {
    const shape = { model: toyModel, classes: 3, pool: 'mean' as const };
    const without = new Map(toyEncoder());
    without.delete('blocks.0.norm1.bias');
    expect(() => startValues(shape, without, 0, 't')).toThrow(CheckpointError);
    expect(() => startValues(shape, without, 0, 't')).toThrow('blocks.0.norm1.bias');
    expect(() => startValues({ ...shape, model: { ...toyModel, width: 32 } }, toyEncoder(), 0, 't')).toThrow('cls_token has shape [1, 1, 16], expected [1, 1, 32]');
  });
});

describe('runs', () => {
  const { task, set } = toy({ train: [4, 4], validation: [2, 2], test: [3, 3] });
  const run = (options: JsonObject, encoder: EncoderWeights = toyEncoder()) =>
    fineTuneProtocol.run({ engine, encoder, set, model: toyModel, options: filled('fine-tune', options), task, seed: 0, progress: () => undefined, log: () => undefined, phases: { enter: () => undefined } });
  /** Activations that overflow: not a number from the first step on. */
  const broken = new Map([...toyEncoder()].map(([name, tensor]) => [name, name === 'blocks.0.mlp.fc1.weight' ? { ...tensor, data: tensor.data.map(() => 3e38) } : tensor]));

  it('fail with task, step and lr when the loss is not finite', async () => {
    const failure = run({ lr: 0.003, steps: 5, batch_size: 8 }, broken);
    await expect(failure).rejects.toThrow(DivergedError);
    await expect(failure).rejects.toMatchObject({ message: expect.stringMatching(/step 0 with .*"lr":0.003/) as string, where: 'task toy' });
    await expect(run({ lr: [0.001, 0.003], steps: 5, batch_size: 8 }, broken)).rejects.toThrow('every one of the 2');
  });

  it('count images as they pass: trials, the last training, and every evaluation', async () => {
    const one = await run({ steps: 5, batch_size: 8 });
    expect(one.imagesSeen).toBe(5 * 8 + 12 + 6);
    const two = await run({ lr: [0.001, 0.01], layer_decay: [0.75, 1], steps: 5, batch_size: 8 });
    expect(two.trials).toHaveLength(4);
    expect(two.imagesSeen).toBe(4 * (5 * 8 + 4) + 5 * 8 + 12 + 6);
    const sizes = { train: 8, validation: 4, test: 6 };
    expect(fineTune.images(filled('fine-tune', { lr: [0.001, 0.01], layer_decay: [0.75, 1], steps: 5, batch_size: 8 }), sizes)).toEqual({ trained: 5 * 40, evaluated: 4 * 4 + 18 });
    expect(fineTune.images(filled('fine-tune', { lr: 0.001, layer_decay: 1, steps: 5, batch_size: 8 }), sizes)).toEqual({ trained: 40, evaluated: 18 });
  });

  it('differ with the seed, the drop path and the layer decay', async () => {
    const last = async (options: JsonObject) => (await run({ steps: 6, batch_size: 8, ...options })).curve.at(-1)!.loss;
    const base = await last({});
    expect(await last({ drop_path: 0 })).not.toBe(base);
    expect(await last({ layer_decay: 0.5 })).not.toBe(base);
    expect(await last({ label_smoothing: 0 })).not.toBe(base);
    expect(await last({ pool: 'cls' })).not.toBe(base);
    expect(await last({})).toBe(base);
  });

  it('start afresh after trials: the last training is the one that a run without trials does', async () => {
    // The compiled model is shared, so a training could start from what the one before has left.
    const searched = await run({ lr: [0.001, 0.02], steps: 10, batch_size: 8 });
    const alone = await run({ lr: searched.chosen['lr']!, steps: 10, batch_size: 8 });
    expect(alone.curve).toEqual(searched.curve);
    expect(alone.predictions).toEqual(searched.predictions);
  });
});
