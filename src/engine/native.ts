import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import type { DataId, NamedAttrMap, NamedTensorMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/**
 * The one place that touches untyped native code: the addon of `@tensorflow/tfjs-node-gpu`, the backend object that it
 * registers, and the few internals of tfjs-core's engine that the rules of a step hang on.
 */

/** One output of a native op: a handle, with TensorFlow's dtype number. */
export interface NativeTensor { readonly id: number; readonly shape: number[]; readonly dtype: number }
export interface NativeAttribute { readonly name: string; readonly type: number; readonly value: unknown }
export type NativeValues = Float32Array | Int32Array | Uint8Array;

/** The addon's functions (binding/tfjs_binding.cc). Handles are small integers that must be deleted. */
export interface Binding {
  /** A 64-byte aligned array is used without a copy for as long as the handle lives. */
  createTensor(shape: readonly number[], dtype: number, values: NativeValues): number;
  deleteTensor(id: number): void;
  /** A fresh copy of the values. */
  tensorDataSync(id: number): NativeValues;
  executeOp(op: string, attributes: readonly NativeAttribute[], inputs: readonly number[], outputs: number): NativeTensor[];
  /** Loads `saved_model.pb` of a folder into a session of its own. */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** Feeds and fetches are lists of `node:output`, separated by commas. Blocks until the session has run. */
  runSavedModel(id: number, inputs: readonly number[], inputNames: string, outputNames: string): NativeTensor[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_UINT8: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/**
 * A copy for a variable. Four bytes behind the start of a buffer no array is 64-byte aligned, so that `createTensor` copies it
 * once more: the variable keeps its tensor, and must not keep JavaScript's memory, which can change and which TensorFlow would
 * give back on a thread of its own.
 */
export function unaligned(values: Float32Array): Float32Array {
  const copy = new Float32Array(new ArrayBuffer(values.byteLength + 4), 4);
  copy.set(values);
  return copy;
}

/** The backend object that tfjs-node registers under the name `tensorflow`. */
export interface NativeBackend {
  binding: Binding;
  read(dataId: DataId): Promise<NativeValues>;
  readSync(dataId: DataId): NativeValues;
  /** Native handles of tensors; uploads literals that no op has used yet. */
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  executeSingleOutput(op: string, attributes: readonly NativeAttribute[], inputs: readonly TensorInfo[]): Tensor;
  /** Wraps a native handle; disposing the tensor deletes the handle. */
  createOutputTensor(output: NativeTensor): Tensor;
}

/** The internals of tfjs-core's engine that are used here; all of them exist in 4.22. */
export interface CoreEngine {
  readonly state: { numTensors: number; activeTape: { readonly saved: readonly Tensor[] }[] | null; gradientDepth: number };
  nextTensorId(): number;
  isTapeOn(): boolean;
  startScope(name?: string): void;
  runKernel(name: string, inputs: NamedTensorMap, attributes?: NamedAttrMap): Tensor | Tensor[];
  gradients(f: () => Tensor, xs: Tensor[], dy?: Tensor, allowNoGradients?: boolean): { value: Tensor; grads: (Tensor | undefined)[] };
}

export const core = tf.engine() as unknown as CoreEngine;

const require = createRequire(import.meta.url);
const PACKAGE = '@tensorflow/tfjs-node-gpu';

/** Node 23 removed two functions of `util` that the package still calls. */
function restoreUtilFunctions(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  legacy['isArray'] ??= Array.isArray;
}

/**
 * The package asks `@mapbox/node-pre-gyp` where its addon is, which only knows a place inside node_modules. The answer
 * is put into the module cache instead, so that nothing is ever written there.
 */
function answerAddonPath(addon: string): void {
  const fromPackage = createRequire(require.resolve(join(PACKAGE, 'package.json')));
  const path = fromPackage.resolve('@mapbox/node-pre-gyp');
  const exports = { find: (): string => addon };
  require.cache[path] = { id: path, filename: path, path, exports, loaded: true, children: [], paths: [], require, isPreloading: false, parent: null };
}

/** Loads the addon file and makes `tensorflow` the backend. Call once a process, after the environment is set. */
export function loadAddon(addon: string): NativeBackend {
  restoreUtilFunctions();
  answerAddonPath(addon);
  require(PACKAGE);
  const backend = tf.findBackend('tensorflow') as unknown as NativeBackend | null;
  if (backend === null || tf.getBackend() !== 'tensorflow') throw new Error('the addon loaded but registered no backend in this tfjs-core');
  return backend;
}
