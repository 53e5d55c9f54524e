import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import type { CompileSpec } from '../../src/engine/contract.js';
import { EngineError } from '../../src/errors.js';
import { openEngine } from './open.js';

const add = (number: number): CompileSpec => ({
  params: [],
  functions: { add: { kind: 'evaluate', inputs: { x: { shape: [1], type: 'float32' } }, scalars: [], body: ({ inputs }) => ({ y: tf.add(inputs['x']!, tf.scalar(number)) }) } },
});

it('a graph leaves nothing in the folder for temporary files, and says where it cannot be written', async () => {
  const engine = await openEngine({ threads: 1 });
  const folder = mkdtempSync(join(tmpdir(), 'maskbench-test-'));
  const inside = join(folder, 'inside');
  mkdirSync(inside);
  vi.stubEnv('TMPDIR', inside);
  const model = engine.compile(add(1));
  expect(model.run('add', { x: Float32Array.of(1) })['y']!.data).toEqual(Float32Array.of(2));
  expect(readdirSync(inside)).toEqual([]);
  model.dispose();
  rmSync(folder, { recursive: true });
  expect(() => engine.compile(add(2))).toThrow(EngineError);
  expect(() => engine.compile(add(2))).toThrow(/cannot be written for TensorFlow to load: ENOENT/);
});
