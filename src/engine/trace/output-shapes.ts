import { sizeOf } from '../feeds.js';
import type { Binding, NativeAttribute, NativeValues } from '../native.js';

/** What is known of a value while a step is traced: never its numbers, but for literals. */
export interface Abstract { readonly shape: readonly number[]; readonly dtype: number; readonly literal: NativeValues | null }
export interface OutputType { readonly shape: number[]; readonly dtype: number }

const LONG_LITERAL = 32;
const known = new Map<string, readonly OutputType[]>();

const describe = ({ shape, dtype, literal }: Abstract): string =>
  `${dtype}[${shape.join(',')}]${literal !== null && literal.length <= LONG_LITERAL ? `=${literal.join(' ')}` : ''}`;

/** They fail on a zero where numbers are whole. */
const DIVISIONS: ReadonlySet<string> = new Set(['Div', 'FloorDiv', 'FloorMod', 'Mod', 'TruncateDiv', 'TruncateMod']);

function materialise(binding: Binding, { shape, dtype, literal }: Abstract, divides: boolean): number {
  if (literal !== null) return binding.createTensor(shape, dtype, literal);
  const length = sizeOf(shape);
  if (dtype === binding.TF_FLOAT) return binding.createTensor(shape, dtype, new Float32Array(length));
  if (dtype === binding.TF_INT32) return binding.createTensor(shape, dtype, new Int32Array(length).fill(divides ? 1 : 0));
  return binding.createTensor(shape, dtype, new Uint8Array(length));
}

/**
 * Shapes and types of an op's outputs. TensorFlow itself is asked, by running the op once on zeros of the inputs' shapes:
 * no shape rule is written by hand, and no more memory is taken than one op needs. Answers are kept for the process, so
 * that a model of equal blocks asks for one block only. Shapes never depend on values but for literals (axes, sizes),
 * which are given as they are.
 */
export function outputTypes(binding: Binding, op: string, attributes: readonly NativeAttribute[], inputs: readonly Abstract[], outputs: number): readonly OutputType[] {
  const question = `${op}|${attributes.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(';')}|${inputs.map(describe).join(';')}|${outputs}`;
  const answer = known.get(question);
  if (answer !== undefined) return answer;
  const ids: number[] = [];
  try {
    for (const input of inputs) ids.push(materialise(binding, input, DIVISIONS.has(op)));
    const results = binding.executeOp(op, attributes, ids, outputs);
    const types = results.map(({ shape, dtype }) => ({ shape: [...shape], dtype }));
    for (const { id } of results) binding.deleteTensor(id);
    known.set(question, types);
    return types;
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}
