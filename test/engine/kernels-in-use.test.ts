import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Compiled, CompileSpec, Engine, HostArray } from '../../src/engine/contract.js';
import { openEngine, recordKernels, type KernelUse } from '../../src/engine/index.js';
import type { JsonObject } from '../../src/files.js';
import { methods } from '../../src/methods/index.js';
import type { VitConfig } from '../../src/models/config.js';
import { protocols } from '../../src/protocols/index.js';
import { withDefaults } from '../../src/suite/validate.js';
import { toy, toyEncoder, toyModel } from '../protocols/toy.js';
import { gradientCases } from './gradient-cases.js';

/**
 * Collects the kernels that the tape records while real train functions run, and asks that each of them has a numeric
 * gradient test. A model, head or loss that starts to use another op fails here until it is tested.
 */

const model: VitConfig = { name: 'custom', imageSize: 16, patchSize: 8, width: 8, depth: 2, heads: 2, mlpRatio: 2 };
const BATCH = 4;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
});

/** Any values of the declared shapes: what is recorded does not depend on them, indices are 0. */
function feeds(spec: CompileSpec, name: string): Record<string, HostArray> {
  return Object.fromEntries(Object.entries(spec.functions[name]!.inputs).map(([input, { shape, type }]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [input, type === 'uint8' ? new Uint8Array(size).map((_, i) => (i * 37) % 256) : type === 'int32' ? new Int32Array(size) : new Float32Array(size).fill(0.5)];
  }));
}

function recordedKernels(spec: CompileSpec, given: Readonly<Record<string, HostArray>> = {}): readonly string[] {
  const [name] = Object.entries(spec.functions).find(([, f]) => f.kind === 'train')!;
  const scalars = Object.fromEntries(spec.functions[name]!.scalars.map((scalar) => [scalar, 0.5]));
  const used = recordKernels(() => { // a traced body runs its kernels when it is compiled
    const compiled = engine.compile(spec);
    compiled.run(name, { ...feeds(spec, name), ...given }, { ...scalars, lr: 0.01, weight_decay: 0.01 });
    compiled.dispose();
  });
  return onTape(used);
}

const onTape = (used: readonly KernelUse[]): readonly string[] => used.filter((use) => use.onTape && tf.getGradient(use.name) !== undefined).map((use) => use.name);

/** Options of protocols that take another way through their network; every protocol runs with its defaults else. */
const ways: Readonly<Record<string, readonly JsonObject[]>> = {
  'fine-tune': [{ steps: 2, batch_size: 4 }, { steps: 2, batch_size: 4, pool: 'cls' }, { steps: 2, batch_size: 4, drop_path: 0.1 }],
};

const untested = (kernels: readonly string[]): readonly string[] => kernels.filter((kernel) => gradientCases[kernel] === undefined);

describe('every kernel with a gradient that is used has a numeric-gradient test', () => {
  it.each(Object.values(methods).filter((spec) => spec.kind === 'train').map((spec) => [spec.name, spec] as const))('in method %s', async (_, spec) => {
    const method = await spec.load();
    if (method.kind !== 'train') throw new Error('loads another kind than it says');
    const options = { ...withDefaults(spec.schema, {}), ...(spec.name === 'mae' ? { mask_ratio: 0.5, warmup_epochs: 1, decoder: { width: 8, depth: 1, heads: 2 } } : {}) };
    const recipe = method.build({ model, options, batchSize: BATCH, seed: 0, totalSteps: 10, stepsPerEpoch: 5 });
    const kernels = recordedKernels({ params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train } }, recipe.draws(0));
    expect(kernels.length).toBeGreaterThan(5);
    expect(untested(kernels)).toEqual([]);
  });

  it.each(Object.values(protocols).flatMap((spec) => (ways[spec.name] ?? [{}]).map((options) => [spec.name, JSON.stringify(options), spec, options] as const)))('in protocol %s with %s', async (_, __, spec, options) => {
    const used: KernelUse[] = [];
    let trained = false;
    const recording: Engine = {
      ...engine,
      compile(compileSpec) {
        let compiled: Compiled | null = null;
        used.push(...recordKernels(() => { compiled = engine.compile(compileSpec); }));
        trained ||= Object.values(compileSpec.functions).some(({ kind }) => kind === 'train');
        return compiled!;
      },
    };
    const { task, set, features } = toy({ train: [4, 4], validation: [2, 2], test: [2, 2] });
    const common = { engine: recording, model: toyModel, options, task, seed: 0, progress: () => undefined, log: () => undefined, phases: { enter: () => undefined } };
    const protocol = await spec.load();
    await (protocol.needs === 'encoder' ? protocol.run({ ...common, encoder: toyEncoder(), set }) : protocol.run({ ...common, features }));
    const kernels = onTape(used);
    expect(kernels.length > 3).toBe(trained);
    expect(untested(kernels)).toEqual([]);
  });
});
