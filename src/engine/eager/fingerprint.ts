import { createHash } from 'node:crypto';
import { StepError } from '../../errors.js';
import type { Binding, NativeBackend } from '../native.js';

/**
 * What a function did in one call: every native op with its attributes and where its inputs came from, and every literal
 * with its values. Two calls of a pure function of static shape give the same list, whatever the batch was. A difference
 * is a host value (a random draw, a counter, a clock) or a branch on one, which tracing would freeze.
 */
export type Fingerprint = readonly string[];

const LONG_LITERAL = 16;

const describeValues = (values: ArrayLike<number>): string => {
  if (values.length <= LONG_LITERAL) return Array.from(values).join(' ');
  const bytes = ArrayBuffer.isView(values) ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength) : JSON.stringify(values);
  return `sha256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
};

/** Runs `f` with the backend's binding replaced by one that writes the list. Inputs must be uploaded before. */
export function fingerprint<T>(backend: NativeBackend, f: () => T): { readonly result: T; readonly list: Fingerprint } {
  const original = backend.binding;
  const list: string[] = [];
  const order = new Map<number, number>();
  const name = (id: number): number => {
    let known = order.get(id);
    if (known === undefined) order.set(id, (known = order.size));
    return known;
  };
  const recording = Object.create(original) as Binding;
  const define = <K extends 'executeOp' | 'createTensor'>(key: K, value: Binding[K]): void => {
    Object.defineProperty(recording, key, { value });
  };
  define('executeOp', (op, attributes, inputs, outputs) => {
    const settings = attributes.map((attribute) => `${attribute.name}=${JSON.stringify(attribute.value)}`).join(' ');
    const made = original.executeOp(op, attributes, inputs, outputs);
    list.push(`${op}(${inputs.map(name).join(', ')}) ${settings} -> ${made.map((output) => `${name(output.id)} [${output.shape.join(', ')}]`).join('; ')}`);
    return made;
  });
  define('createTensor', (shape, dtype, values) => {
    const id = original.createTensor(shape, dtype, values);
    list.push(`literal ${name(id)} [${shape.join(', ')}] = ${describeValues(values)}`);
    return id;
  });
  backend.binding = recording;
  try {
    return { result: f(), list };
  } finally {
    backend.binding = original;
  }
}

/** Throws StepError when two calls of a function did not do the same. */
export function compareFingerprints(functionName: string, first: Fingerprint, second: Fingerprint): void {
  const length = Math.max(first.length, second.length);
  for (let i = 0; i < length; i++) {
    if (first[i] === second[i]) continue;
    throw new StepError(`the body did not do the same in its second call: operation ${i + 1} was\n    ${first[i] ?? 'not there'}\n  and then\n    ${second[i] ?? 'not there'}`, {
      where: `function "${functionName}"`,
      fix: 'A value of the host got into it: a random draw, a counter, the time, or a branch on one. Declare such values as inputs or scalars.',
    });
  }
}
