import { describe, expect, it } from 'vitest';
import type { Compiled } from '../../src/engine/contract.js';
import type { PreparedSet } from '../../src/data/image-set.js';
import { heldOutErrors } from '../../src/jobs/held-out-errors.js';
import { heldOutCount, heldOutMasks } from '../../src/methods/held-out.js';
import { methods } from '../../src/methods/index.js';
import type { TrainMethod, TrainRecipe } from '../../src/methods/method.js';
import { openEngine } from '../engine/open.js';
import { optionsOf, smallModel } from './small-options.js';

const naive = { mixing_ratio: 0.25, segment_embed: false, topk: 'off', contrastive: { weight: 0, width: 'model', depth: 2, temperature: 0.25 } };
const recipeOf = async (name: string, own: object, batchSize: number): Promise<TrainRecipe> => {
  const method = (await methods[name]!.load()) as TrainMethod;
  return method.build({ model: smallModel, options: { ...await optionsOf(name), ...own }, batchSize, seed: 3, totalSteps: 10, stepsPerEpoch: 5 });
};
const methodsOfBoth = [['mae', { mask_ratio: 0.75 }], ['mixedae', naive]] as const;

describe('masks of held-out images', () => {
  it('show groups whose visible patches make up one picture, and differ from call to call', () => {
    expect(heldOutCount(smallModel, 4)).toBe(64);
    const { keep } = heldOutMasks(smallModel, 4, 0, 0);
    for (let group = 0; group < 16; group++) expect([...keep.slice(group * 16, (group + 1) * 16)].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(heldOutMasks(smallModel, 4, 0, 1).keep).not.toEqual(keep);
    expect(heldOutMasks(smallModel, 4, 1, 0).keep).not.toEqual(keep);
  });

  it('are random where no group makes up a picture', () => {
    expect(heldOutCount(smallModel, 6)).toBe(64);
    expect(heldOutMasks(smallModel, 6, 0, 0).keep).toHaveLength(64 * 6);
  });

  it('are the same ones for MAE and MixedAE that show as much', async () => {
    const [mae, mixed] = await Promise.all(methodsOfBoth.map(async ([name, own]) => (await recipeOf(name, own, 8)).heldOut!));
    const hidden = ({ masked }: { readonly masked: Int32Array }): readonly string[] => Array.from({ length: 64 }, (_, i) => masked.slice(i * 12, (i + 1) * 12).sort().join());
    for (const seed of [0, 1]) expect(hidden(mae!.draws(seed, 2))).toEqual(hidden(mixed!.draws(seed, 2)));
    expect(hidden(mae!.draws(0, 2))).not.toEqual(hidden(mae!.draws(1, 2)));
    expect([mae!.count, mae!.target]).toEqual([mixed!.count, mixed!.target]);
  });
});

it.each(methodsOfBoth)('errors of %s are those of its training loss, image by image', async (name, own) => {
  const recipe = await recipeOf(name, own, 64);
  const { function: heldOut, draws, count } = recipe.heldOut!;
  expect(count).toBe(64);
  const engine = await openEngine({ threads: 1 });
  const compiled = engine.compile({ params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train, held_out: heldOut } });
  try {
    const images = Uint8Array.from({ length: 64 * 16 * 16 * 3 }, (_, i) => (i * 7919) % 256);
    const inputs = { images, ...draws(0, 0) };
    const errors = Array.from(compiled.run('held_out', inputs)['errors']!.data);
    expect(errors).toHaveLength(64);
    // Two images can have the same one by rounding.
    expect(new Set(errors).size).toBeGreaterThan(60);
    const { loss } = compiled.run('train', inputs, { lr: 0, weight_decay: 0 });
    expect(errors.reduce((sum, error) => sum + error, 0) / 64).toBeCloseTo(loss!.data[0]!, 5);
  } finally {
    compiled.dispose();
  }
});

describe('errors on images that are not trained on', () => {
  // 10 of 150 images are trained on; a call judges 64, and its error is the image's first value plus the call's number.
  const set: PreparedSet = { name: 'p', size: 2, channels: 3, records: Array.from({ length: 150 }, (_, i) => ({ id: `p${i}`, label: '', group: null, domain: null, split: null, side: null })), pixels: Uint8Array.from({ length: 150 * 12 }, (_, i) => Math.floor(i / 12)), unreadable: [] } as unknown as PreparedSet;
  const trained = Array.from({ length: 10 }, (_, i) => 3 * i);
  const asked: number[] = [];
  const recipe = { heldOut: { function: null, count: 64, target: 'normalised patches', draws: (_: number, call: number) => { asked.push(call); return { masked: Int32Array.from({ length: 64 }, (_, i) => (i + call) % 4) }; } } } as unknown as TrainRecipe;
  const compiled = { run: (_: string, { images }: { readonly images: Uint8Array }) => ({ errors: { data: Float32Array.from({ length: 64 }, (_e, i) => images[i * 12]! + asked.length / 100) } }) } as unknown as Compiled;
  const measured = (seed: number) => {
    asked.length = 0;
    return heldOutErrors(recipe, compiled, { set, trained: { indices: trained }, seed, size: 2 }).heldOut!;
  };

  it('are means over four masks of each, in whole calls, of strangers in an order of the seed', () => {
    const { ids, errors, masks, target } = measured(0);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([ids.length, new Set(ids).size, target]).toEqual([128, 128, 'normalised patches']);
    expect(ids.filter((id) => trained.includes(Number(id.slice(1))))).toEqual([]);
    ids.forEach((id, i) => { expect(errors[i]).toBeCloseTo(Number(id.slice(1)) + (i < 64 ? 0.025 : 0.065), 4); });
    expect(measured(0)).toEqual({ ids, errors, masks, target });
    expect(measured(1).ids).not.toEqual(ids);
  });

  it('are of no image that could not be decoded', () => {
    const broken = Array.from({ length: 70 }, (_, i) => ({ id: `p${80 + i}`, reason: 'cut off' }));
    const { heldOut } = heldOutErrors(recipe, compiled, { set: { ...set, unreadable: broken }, trained: { indices: trained }, seed: 0, size: 2 });
    expect([heldOut!.ids.length, heldOut!.ids.filter((id) => Number(id.slice(1)) >= 80)]).toEqual([64, []]);
  });

  it('are none without such images, or without such a method', () => {
    expect(heldOutErrors(recipe, compiled, { set, trained: { indices: Array.from({ length: 100 }, (_, i) => i) }, seed: 0, size: 2 })).toEqual({});
    expect(heldOutErrors({} as TrainRecipe, compiled, { set, trained: { indices: trained }, seed: 0, size: 2 })).toEqual({});
  });
});
