import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompileSpec, Engine } from '../../src/engine/contract.js';
import { recordKernels } from '../../src/engine/index.js';
import { openEngine } from './open.js';
import { protocolWays, specOfMethod, specsOfProtocol, trainMethods } from './every-spec.js';
import { gradientCases } from './gradient-cases.js';

/**
 * Collects the kernels that the tape records in every function that methods and protocols compile, and asks that each of them
 * has a numeric gradient test. A model, head or loss that starts to use another op fails here until it is tested. What runs
 * inside gradients that are written by hand is asked for in graph-ops.test.ts.
 */
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
});

/** A traced body runs its kernels when it is compiled. */
const onTape = (specs: readonly CompileSpec[]): readonly string[] =>
  recordKernels(() => { for (const spec of specs) engine.compile(spec).dispose(); })
    .filter((use) => use.onTape && tf.getGradient(use.name) !== undefined).map(({ name }) => name);

const untested = (kernels: readonly string[]): readonly string[] => kernels.filter((kernel) => gradientCases[kernel] === undefined);

describe('every kernel with a gradient that is used has a numeric-gradient test', () => {
  it.each(trainMethods)('in method %s', async (name) => {
    const kernels = onTape([await specOfMethod(name)]);
    expect(kernels.length).toBeGreaterThan(5);
    expect(untested(kernels)).toEqual([]);
  });

  it.each(protocolWays)('in protocol %s with %o', async (name, options) => {
    const specs = await specsOfProtocol(engine, name, options);
    const kernels = onTape(specs);
    expect(kernels.length > 3).toBe(specs.some(({ functions }) => Object.values(functions).some(({ kind }) => kind === 'train')));
    expect(untested(kernels)).toEqual([]);
  });
});
