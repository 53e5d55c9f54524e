import type { LiteralWatch } from '../literals.js';
import type { Binding, NativeBackend } from '../native.js';
import { describeValues, type Fingerprint } from '../repeats.js';

/** Runs `f` with the backend's binding replaced by one that writes the list. Inputs must be uploaded before. */
export function fingerprint<T>(backend: NativeBackend, literals: LiteralWatch, f: () => T): { readonly result: T; readonly list: Fingerprint } {
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
    if (ArrayBuffer.isView(values)) literals.check(values); // the addon takes lists of numbers too
    const id = original.createTensor(shape, dtype, values);
    list.push(`literal ${name(id)} [${shape.join(', ')}] = ${describeValues(values)}`);
    return id;
  });
  literals.begin();
  backend.binding = recording;
  try {
    return { result: f(), list };
  } finally {
    backend.binding = original;
  }
}
