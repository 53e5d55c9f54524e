import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { Compiled, HostArray, ParamSpec } from '../../src/engine/contract.js';
import type { JsonObject } from '../../src/files.js';
import { methods } from '../../src/methods/index.js';
import type { EncoderMethod, TrainMethod, TrainRecipe } from '../../src/methods/method.js';
import { vitShapes } from '../../src/models/vit.js';
import { stream } from '../../src/random.js';
import { checkpointFile } from '../../src/training/checkpoints.js';
import { train } from '../../src/training/loop.js';
import { openEngine } from '../engine/open.js';
import { distance, expectSameState, stateOf, TOLERANCE, type Mode } from '../engine/modes.js';
import { temporaryFolder } from '../temporary-folder.js';
import { falling, givenTo, optionsOf, small, smallModel, validator } from './small-options.js';

/** Every method goes through all of this. */
const root = fileURLToPath(new URL('../../src/', import.meta.url));
const model = smallModel;
const batch = 16;
const totalSteps = 60;

/** Pictures with something to learn: a coloured gradient with a disc on it. `shape`: [..., size, size, 3]. */
function pictures(step: number, shape: readonly number[] = [batch, model.imageSize, model.imageSize, 3]): Uint8Array {
  const size = shape.at(-2)!;
  const count = shape.reduce((product, n) => product * n, 1) / (size * size * 3);
  const pixels = new Uint8Array(count * size ** 2 * 3);
  for (let b = 0; b < count; b++) {
    const draws = stream(1, 'picture', step, b);
    const [cx, cy, r, tilt] = [draws.between(4, 12), draws.between(4, 12), draws.between(2, 5), draws.between(0, 6)] as const;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const inside = Math.hypot(x - cx, y - cy) < r;
        const slope = 110 + 6 * (x * Math.cos(tilt) + y * Math.sin(tilt));
        for (let channel = 0; channel < 3; channel++) {
          pixels[((b * size + y) * size + x) * 3 + channel] = Math.max(0, Math.min(255, inside ? 40 + 80 * channel : slope + 10 * channel));
        }
      }
    }
  }
  return pixels;
}

/** Everything that a step takes but what the step before hands on: pictures for each input of pixels, and the draws. */
const inputsOf = (recipe: TrainRecipe, step: number): Record<string, HostArray> => ({
  ...Object.fromEntries(Object.entries(recipe.train.inputs).flatMap(([name, { type, shape }]) => (type === 'uint8' ? [[name, pictures(step, shape)]] : []))),
  ...recipe.draws(step),
});

const names = Object.keys(methods);
it('every method is in this test', () => expect(Object.keys(small).sort()).toEqual([...names].sort()));

describe.each(names)('%s', (name) => {
  const spec = methods[name]!;

  it('is registered under its own name and describes itself', () => {
    expect(spec.name).toBe(name);
    expect(spec.description).toMatch(/\.$/);
  });

  it('has options with defaults that refuse what they do not know', async () => {
    const validate = validator(spec.schema);
    const options = await optionsOf(name);
    expect(validate({ ...options, no_such_option: 1 })).toBe(false);
    expectDefaults(spec.schema, name, (spec.schema['required'] ?? []) as readonly string[]);
    const again: JsonObject = structuredClone(options);
    validate(again);
    expect(again).toEqual(options);
  });

  it('names modules that exist', () => {
    for (const module of spec.modules) expect(existsSync(join(root, module.replace(/\.js$/, '.ts'))), module).toBe(true);
  });

  it('loads no tensors with its spec', () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    collect(join(root, spec.modules.find((module) => module.endsWith('spec.js'))!.replace(/\.js$/, '.ts')), seen, packages);
    expect([...packages].filter((used) => used.startsWith('@tensorflow'))).toEqual([]);
    expect(seen.size).toBeGreaterThan(0);
  });

  it('counts what a step costs', async () => {
    const flops = spec.flopsPerImage(model, await optionsOf(name), batch);
    if (spec.kind === 'none') expect(flops).toBe(0);
    else expect(flops).toBeGreaterThan(0);
    expect(Number.isFinite(flops)).toBe(true);
    const parts = spec.flopsParts?.(model, await optionsOf(name)) ?? [];
    for (const { perImage } of parts) expect(perImage).toBeGreaterThan(0);
    expect(parts.reduce((sum, { perImage }) => sum + perImage, 0)).toBeLessThanOrEqual(flops);
    for (const { perImage } of spec.units?.(await optionsOf(name)) ?? []) expect(perImage).toBeGreaterThan(0);
  });

  it('makes an encoder with timm\'s names and shapes, in order', async () => {
    const method = await spec.load();
    const options = await optionsOf(name);
    const made = method.kind === 'none'
      ? Array.from(await method.encoder({ model, options, seed: 3 }), ([tensor, { shape }]) => ({ name: tensor, shape }))
      : encoderSpecs(await build(name, 3)).map(({ name: tensor, shape }) => ({ name: tensor, shape }));
    expect(made).toEqual(vitShapes(model));
  });

  it('makes the same encoder from the same seed', async () => {
    const method = await spec.load();
    const options = await optionsOf(name);
    const make = async (seed: number) => (method.kind === 'none'
      ? Array.from(await method.encoder({ model, options, seed }), ([, { data }]) => data)
      : encoderSpecs(await build(name, seed)).map(({ value }) => value));
    expect(await make(3)).toEqual(await make(3));
    const [one, other] = [await make(3), await make(4)];
    if (spec.seedless === true) expect(one).toEqual(other);
    else expect(one).not.toEqual(other);
  });
});

describe.each(names.filter((name) => methods[name]!.kind === 'train'))('%s trains', (name) => {
  const fallingOf = falling[name] ?? (({ loss }) => loss!);
  const recipeOf = (seed = 0): Promise<TrainRecipe> => build(name, seed);

  it('starts from the encoder that scratch has at the same seed', async () => {
    const scratch = await ((await methods['scratch']!.load()) as EncoderMethod).encoder({ model, options: {}, seed: 5 });
    for (const { name: tensor, value } of encoderSpecs(await recipeOf(5))) expect(value).toEqual(scratch.get(tensor)!.data);
  });

  it('draws by seed and step alone', async () => {
    const [one, two, other] = [await recipeOf(0), await recipeOf(0), await recipeOf(1)];
    expect(one.draws(7)).toEqual(two.draws(7));
    // What a step takes beside pictures and what the step before has left is drawn, and no more; one that takes nothing else has no draws to differ.
    const given = new Set(['images', ...(one.views ?? []).map((view) => view.name), ...(one.carried ?? new Map()).keys()]);
    const drawn = Object.keys(one.train.inputs).filter((input) => !given.has(input));
    expect(Object.keys(one.draws(7)).sort()).toEqual(drawn.sort());
    if (drawn.length > 0) for (const others of [one.draws(8), other.draws(7)]) expect(one.draws(7)).not.toEqual(others);
    expect(one.schedule(7)).toEqual(two.schedule(7));
  });

  it('has rates that rise from 0 and fall to about 0', async () => {
    const { schedule } = await recipeOf();
    const rates = Array.from({ length: totalSteps }, (_, step) => schedule(step).lr);
    expect(rates[0]).toBe(0);
    expect(rates.every((rate) => rate >= 0 && Number.isFinite(rate))).toBe(true);
    expect(rates.at(-1)!).toBeLessThan(0.01 * Math.max(...rates));
  });

  it('falls, stays finite, leaves no tensor behind, and ends equal after being killed', async () => {
    const engine = await openEngine({ threads: 1 });
    const folder = temporaryFolder();
    // A step takes a second, and every ten are saved.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => 1000 * now);
    const lines: string[] = [];
    const run = async (compiled: Compiled, stopAt: number | null, checkpoints: boolean) => {
      const recipe = await recipeOf();
      return train({
        name, compiled, params: recipe.params, totalSteps, batchSize: batch,
        inputs: (step) => {
          if (step === stopAt) throw new Error('killed');
          now++;
          return inputsOf(recipe, step);
        },
        schedule: recipe.schedule,
        diagnostics: (recipe.diagnostics ?? []).map(({ name: output }) => output),
        ...(recipe.carried === undefined ? {} : { carried: recipe.carried }),
        checkpoints: checkpoints ? { folder, setting: {}, everySeconds: 10, refused: (reason) => { throw new Error(reason); } } : null,
        log: (line) => lines.push(line),
        phases: { enter: () => undefined },
      });
    };
    const compile = async (): Promise<Compiled> => {
      const recipe = await recipeOf();
      return engine.compile({ params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train } });
    };
    const before = engine.liveTensors();
    const whole = await compile();
    const { curve } = await run(whole, null, false);
    expect(curve).toHaveLength(totalSteps);
    const mean = (points: typeof curve): number => points.reduce((sum, { loss, diagnostics }) => sum + fallingOf({ ...diagnostics, loss }), 0) / points.length;
    expect(curve.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(mean(curve.slice(-5))).toBeLessThan(0.9 * mean(curve.slice(0, 5)));

    const part = await compile();
    await expect(run(part, 33, true)).rejects.toThrow('killed');
    part.dispose();
    expect(existsSync(checkpointFile(folder))).toBe(true);
    const rest = await compile();
    const resumed = await run(rest, null, true);
    expect(lines).toEqual([`goes on at step 30 of ${totalSteps}`]);
    expect(resumed.curve).toEqual(curve);
    expect(rest.readParams()).toEqual(whole.readParams());
    const fixed = (await recipeOf()).params.filter(({ trainable, ema }) => !trainable && ema === undefined);
    for (const { name: tensor, value } of fixed) expect(whole.readParams().get(tensor)).toEqual(value);
    whole.dispose();
    rest.dispose();
    expect(engine.liveTensors()).toBe(before);
  });

  it('computes the same traced as op by op: losses of 50 steps, parameters and moments', async () => {
    const trained = async (mode: Mode) => {
      const recipe = await recipeOf();
      const compiled = (await openEngine({ threads: 1, mode })).compile({ params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train } });
      let carried = recipe.carried ?? new Map<string, Float32Array>();
      const falls: number[] = [];
      const losses = Array.from({ length: 50 }, (_, step) => {
        const outputs = compiled.run('train', { ...inputsOf(recipe, step), ...Object.fromEntries(carried) }, recipe.schedule(step));
        carried = new Map(Array.from(carried.keys(), (state) => [state, outputs[state]!.data as Float32Array]));
        falls.push(fallingOf(Object.fromEntries(Object.entries(outputs).map(([output, { data }]) => [output, data[0]!]))));
        return outputs['loss']!.data[0]!;
      });
      const state = stateOf(compiled);
      compiled.dispose();
      return { losses, falls, state };
    };
    const [eager, traced] = [await trained('eager'), await trained('traced')];
    expect(distance(traced.losses, eager.losses)).toBeLessThan(TOLERANCE);
    expect(eager.falls.at(-1)!).toBeLessThan(0.95 * eager.falls[0]!); // it trains
    expectSameState(traced.state, eager.state);
  });

  it('shows pictures of the size that it was given', async () => {
    const recipe = await recipeOf();
    const { preview } = recipe;
    if (preview === undefined) return;
    const engine = await openEngine({ threads: 1 });
    const compiled = engine.compile({ params: recipe.params, functions: { preview: preview.function } });
    const images = pictures(0).slice(0, preview.count * model.imageSize ** 2 * 3);
    const columns = preview.columns(images, compiled.run('preview', { images, ...preview.draws() }));
    compiled.dispose();
    expect(columns.length).toBeGreaterThan(1);
    for (const { title, pixels } of columns) {
      expect(title).not.toBe('');
      expect(pixels).toHaveLength(images.length);
    }
  });
});

const build = async (name: string, seed: number): Promise<TrainRecipe> => {
  const options = await optionsOf(name);
  return ((await methods[name]!.load()) as TrainMethod).build({ model, options, batchSize: batch, seed, totalSteps, stepsPerEpoch: 6, ...(await givenTo(name, options, seed)) });
};

const encoderSpecs = (recipe: TrainRecipe): readonly ParamSpec[] =>
  recipe.encoderParams.map((name) => {
    const found = recipe.params.find((param) => param.name === name);
    if (found === undefined) throw new Error(`${name} is no parameter`);
    return found;
  });

/** Every option that a suite may leave out says what it then is: its default, or that it is off. */
function expectDefaults(schema: JsonObject, path: string, required: readonly string[]): void {
  expect(schema['additionalProperties'], path).toBe(false);
  for (const [key, value] of Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, JsonObject>>)) {
    expect(key, `${path}.${key}`).toMatch(/^[a-z][a-z0-9_]*$/);
    const off = typeof value['description'] === 'string' && value['description'].endsWith('Off unless given.');
    if (!required.includes(key) && !off) expect(value, `${path}.${key}`).toHaveProperty('default');
    expect(value, `${path}.${key}`).toHaveProperty('description');
    if (value['type'] === 'object') expectDefaults(value, `${path}.${key}`, (value['required'] ?? []) as readonly string[]);
  }
}

/** Follows the imports that are left when types are gone. */
function collect(file: string, seen: Set<string>, packages: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  for (const [, clause, from] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) ([^;]*?) from '([^']+)';/gm)) {
    if (clause!.startsWith('type ')) continue;
    if (from!.startsWith('.')) collect(join(dirname(file), from!.replace(/\.js$/, '.ts')), seen, packages);
    else packages.add(from!);
  }
}
