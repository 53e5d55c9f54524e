/**
 * The inner loops of `resample` as WebAssembly: a picture's filters are most of a batch's time, and vector instructions
 * compute four sums at once. The module is small enough to be put together here, instruction by instruction.
 */

// Without the library of browsers TypeScript does not know it.
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

export interface Kernel {
  readonly memory: InstanceType<typeof WebAssembly.Memory>;
  /**
   * `count` times: four bytes at `to` become clip((half + sum over k < 4 of weights[k] * the four bytes at from + positions[k]) >> bits);
   * then `from` and `to` go on by their steps. `positions` and `weights` are addresses of int32, all else too but for `count`.
   */
  four(positions: number, weights: number, from: number, fromStep: number, to: number, toStep: number, count: number): void;
  /** The same over as many taps as fit into `tapBytes`, 4 bytes each, at least one. */
  many(positions: number, weights: number, from: number, fromStep: number, to: number, toStep: number, count: number, tapBytes: number): void;
}

/** Bytes that `four` and `many` read behind those that count. */
export const readBeyond = 8;

type Code = readonly number[];

const leb = (value: number): Code => {
  // Signed, as constants are; unsigned numbers here are small enough to come out the same.
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
};
const unsigned = (value: number): Code => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)]);
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const text = (value: string): Code => vector(Array.from(value, (character) => [character.charCodeAt(0)]));

const i32 = 0x7f;
const v128 = 0x7b;
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const constant = (value: number): Code => [0x41, ...leb(value)];
const load = (offset: number): Code => [0x28, 2, ...unsigned(offset)];
const add: Code = [0x6a];
const subtract: Code = [0x6b];
const lessUnsigned: Code = [0x49];
/** The body again while what it leaves on the stack is not zero. */
const repeat = (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0, 0x0b];
const simd = (operation: number, ...immediate: Code): Code => [0xfd, ...unsigned(operation), ...immediate];
const loadBytesAsShorts = simd(2, 0, 0);
const loadSplat = (offset: number): Code => simd(9, 2, ...unsigned(offset));
const splat = simd(17);
const storeFirst = simd(90, 0, 0, 0);
const bytesOfShorts = simd(102);
const shortsOfInts = simd(133);
const intsOfShorts = simd(169);
const shiftRight = simd(172);
const addInts = simd(174);
const multiplyInts = simd(181);

const increase = (local: number, by: Code): Code => [...get(local), ...by, ...add, ...set(local)];
/** Four bytes at the address on the stack, as int32. */
const fourBytes: Code = [...loadBytesAsShorts, ...intsOfShorts];
/** Four sums to bytes; both narrowings clip. */
const clipped = (bits: number): Code => [...constant(bits), ...shiftRight, ...twice(shortsOfInts), ...twice(bytesOfShorts)];
/** A narrowing takes two vectors: the second is the one of zeros, whose bytes nobody reads. */
const twice = (narrow: Code): Code => [...constant(0), ...splat, ...narrow];

const [positions, weights, from, fromStep, to, toStep, count, tapBytes] = [0, 1, 2, 3, 4, 5, 6, 7];

function fourCode(bits: number): Code {
  const taps = [0, 1, 2, 3];
  const pointer = (k: number): number => 7 + k;
  const weight = (k: number): number => 11 + k;
  return [
    ...taps.flatMap((k) => [...get(from), ...get(positions), ...load(4 * k), ...add, ...set(pointer(k)), ...get(weights), ...loadSplat(4 * k), ...set(weight(k))]),
    ...repeat([
      ...get(to),
      ...constant(1 << (bits - 1)), ...splat,
      ...taps.flatMap((k) => [...get(pointer(k)), ...fourBytes, ...get(weight(k)), ...multiplyInts, ...addInts]),
      ...clipped(bits), ...storeFirst,
      ...taps.flatMap((k) => increase(pointer(k), get(fromStep))),
      ...increase(to, get(toStep)),
      ...get(count), ...constant(1), ...subtract, ...set(count), ...get(count),
    ]),
  ];
}

function manyCode(bits: number): Code {
  const [tap, sum] = [8, 9];
  return [
    ...repeat([
      ...constant(1 << (bits - 1)), ...splat, ...set(sum),
      ...constant(0), ...set(tap),
      ...repeat([
        ...get(sum),
        ...get(from), ...get(positions), ...get(tap), ...add, ...load(0), ...add, ...fourBytes,
        ...get(weights), ...get(tap), ...add, ...loadSplat(0), ...multiplyInts, ...addInts, ...set(sum),
        ...increase(tap, constant(4)),
        ...get(tap), ...get(tapBytes), ...lessUnsigned,
      ]),
      ...get(to), ...get(sum), ...clipped(bits), ...storeFirst,
      ...increase(from, get(fromStep)),
      ...increase(to, get(toStep)),
      ...get(count), ...constant(1), ...subtract, ...set(count), ...get(count),
    ]),
  ];
}

/** A kernel with memory of its own, for weights of `bits` fixed-point bits. */
export function newKernel(bits: number): Kernel {
  const type = (parameters: number): Code => [0x60, ...vector(Array.from({ length: parameters }, () => [i32])), 0];
  const body = (locals: readonly Code[], code: Code): Code => {
    const content = [...vector(locals), ...code, 0x0b];
    return [...unsigned(content.length), ...content];
  };
  const code = Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, vector([type(7), type(8)])),
    ...section(2, vector([[...text('host'), ...text('memory'), 2, 0, 1]])),
    ...section(3, vector([[0], [1]])),
    ...section(7, vector([[...text('four'), 0, 0], [...text('many'), 0, 1]])),
    ...section(10, vector([body([[4, i32], [4, v128]], fourCode(bits)), body([[1, i32], [1, v128]], manyCode(bits))])),
  ]);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { four, many } = new WebAssembly.Instance(new WebAssembly.Module(code), { host: { memory } }).exports as Pick<Kernel, 'four' | 'many'>;
  return { memory, four, many };
}
