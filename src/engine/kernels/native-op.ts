import * as tf from '@tensorflow/tfjs-core';
import type { DataType, KernelConfig, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Binding, NativeAttribute, NativeBackend } from '../native.js';

/** What a kernel of ours gets: its inputs and attributes by tfjs's names, and the means to run one native op. */
export interface NativeCall {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: NamedAttrMap;
  run(op: string, attributes: readonly NativeAttribute[], inputs: readonly TensorInfo[]): TensorInfo;
  /** Runs `f` with an int32 literal that is disposed afterwards. */
  withLiteral(values: readonly number[], shape: readonly number[], f: (literal: Tensor) => TensorInfo): TensorInfo;
  type(name: string, dtype: DataType): NativeAttribute;
  flag(name: string, value: boolean): NativeAttribute;
  integer(name: string, value: number): NativeAttribute;
  text(name: string, value: string): NativeAttribute;
}

const dtypeNumber = (binding: Binding, dtype: DataType): number => {
  switch (dtype) {
    case 'float32': return binding.TF_FLOAT;
    case 'int32': return binding.TF_INT32;
    case 'bool': return binding.TF_BOOL;
    default: throw new Error(`no kernel of the engine takes ${dtype}`);
  }
};

/** A kernel for the `tensorflow` backend. */
export function nativeKernel(kernelName: string, run: (call: NativeCall) => TensorInfo): KernelConfig {
  return {
    kernelName,
    backendName: 'tensorflow',
    kernelFunc({ inputs, attrs, backend }) {
      const native = backend as NativeBackend;
      const { binding } = native;
      return run({
        inputs: inputs as Readonly<Record<string, TensorInfo>>,
        attrs: attrs ?? {},
        run: (op, attributes, tensors) => native.executeSingleOutput(op, attributes, tensors),
        withLiteral(values, shape, f) {
          const literal = tf.tensor(Int32Array.from(values), [...shape], 'int32');
          const result = f(literal);
          literal.dispose();
          return result;
        },
        type: (name, dtype) => ({ name, type: binding.TF_ATTR_TYPE, value: dtypeNumber(binding, dtype) }),
        flag: (name, value) => ({ name, type: binding.TF_ATTR_BOOL, value }),
        integer: (name, value) => ({ name, type: binding.TF_ATTR_INT, value }),
        text: (name, value) => ({ name, type: binding.TF_ATTR_STRING, value }),
      });
    },
  };
}

/** Replaces a kernel or a gradient of tfjs without its warning. */
export function replaceKernel(config: KernelConfig): void {
  if (tf.getKernel(config.kernelName, config.backendName) !== undefined) tf.unregisterKernel(config.kernelName, config.backendName);
  tf.registerKernel(config);
}
