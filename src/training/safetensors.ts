import { type FileHandle, open } from 'node:fs/promises';
import { sizeOf } from '../engine/feeds.js';
import { CheckpointError, messageOf } from '../errors.js';
import { isObject, readValues, replaceFile, writeValues } from '../files.js';

/**
 * The safetensors format: eight bytes with the header's length, a JSON header with each tensor's dtype, shape and byte
 * range, then the bytes. Read strictly: whatever a careful reader cannot be sure of is a CheckpointError.
 * Format: https://github.com/huggingface/safetensors (README, "Format").
 */

/** A tensor by name as the rest of the program uses it. */
export interface WeightTensor { readonly shape: readonly number[]; readonly data: Float32Array }
type Weights = ReadonlyMap<string, WeightTensor>;

/** What a file's header says of a tensor. */
export interface TensorHead { readonly dtype: string; readonly shape: readonly number[] }
/** A tensor as it lies in a file. */
interface StoredTensor extends TensorHead { readonly bytes: Uint8Array<ArrayBuffer> }

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** `__metadata__`: text by text. */
  readonly metadata: Readonly<Record<string, string>>;
}

const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The format's own limit. */
const HEADER_LIMIT = 100_000_000;
const bytesOf: Readonly<Record<string, number>> = {
  BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8,
};

/** Takes a file apart, tensor by tensor: none has to lie in one piece of memory with the others. CheckpointError where it cannot be read. */
export const readSafetensorsFile = (path: string): Promise<SafetensorsFile> => withHeader(path, async ({ heads, metadata }, body, file, fail) => {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of heads) {
    const bytes = new Uint8Array(end - begin);
    if (!await readValues(file, body + begin, bytes)) fail(`is cut short in tensor ${name}`);
    tensors.set(name, { dtype, shape, bytes });
  }
  return { tensors, metadata };
});

/**
 * What a file holds, from its header alone: dtype and shape of every tensor. CheckpointError where it cannot be read or is
 * no whole safetensors file (the header says how long it has to be).
 */
export const readSafetensorsHeader = (path: string): Promise<ReadonlyMap<string, TensorHead>> =>
  withHeader(path, ({ heads }) => Promise.resolve(new Map(heads.map(({ name, dtype, shape }) => [name, { dtype, shape }]))));

/** `body`: where the tensors begin. */
async function withHeader<T>(path: string, use: (header: Header, body: number, file: FileHandle, fail: Fail) => Promise<T>): Promise<T> {
  const fail = refusal(path);
  const file = await open(path, 'r').catch((cause: unknown) => { throw unreadable(path, cause); });
  try {
    const { size } = await file.stat();
    const start = new Uint8Array(Math.min(8, size));
    await readValues(file, 0, start);
    const length = headerLength(start, size, fail);
    const text = new Uint8Array(length);
    if (!await readValues(file, 8, text)) fail('is cut short in its header');
    return await use(readHeader(text, size - 8 - length, fail), 8 + length, file, fail);
  } catch (error) {
    throw error instanceof CheckpointError ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}

type Fail = (message: string) => never;

const refusal = (where: string): Fail => (message) => {
  throw new CheckpointError(message, { where, fix: 'Write the file again; a download that was cut short is the usual cause.' });
};

/** Bytes of the header. `start`: the first 8 bytes of the file or more, as far as there are any; `size`: bytes of the whole file. */
function headerLength(start: Uint8Array, size: number, fail: Fail): number {
  if (start.length < 8) fail(`is no safetensors file: ${start.length} bytes, and its length field alone has 8`);
  const declared = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(HEADER_LIMIT)) fail(`is no safetensors file: it declares a header of ${declared} bytes, the format allows ${HEADER_LIMIT}`);
  const length = Number(declared);
  if (8 + length > size) fail(`is cut short: its header needs ${length} bytes, ${size - 8} are there`);
  return length;
}

interface Header {
  readonly heads: readonly (TensorHead & { readonly name: string; readonly begin: number; readonly end: number })[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The header's tensors in its order, checked to cover the `size` bytes behind it without a gap or an overlap. */
function readHeader(bytes: Uint8Array, size: number, fail: Fail): Header {
  const heads: Header['heads'][number][] = [];
  let metadata: Header['metadata'] = {};
  for (const [name, entry] of Object.entries(parseHeader(bytes, fail))) {
    if (name === '__metadata__') {
      if (!isTextMap(entry)) fail('has metadata that is not text by text');
      metadata = entry as Readonly<Record<string, string>>;
      continue;
    }
    if (!isEntry(entry)) return fail(`has a malformed header entry ${JSON.stringify(name)}: dtype, shape and data_offsets are needed`);
    const { dtype, shape, data_offsets: [begin, end] } = entry;
    const width = bytesOf[dtype];
    if (width === undefined) fail(`tensor ${name} has the unknown dtype ${dtype}`);
    const needed = shape.reduce((product, n) => product * n, width ?? 0);
    if (!Number.isSafeInteger(needed)) fail(`tensor ${name} has an impossible shape [${shape.join(', ')}]`);
    if (end < begin || end - begin !== needed) fail(`tensor ${name} needs ${needed} bytes for ${dtype} [${shape.join(', ')}], its range has ${end - begin}`);
    if (end > size) fail(`is cut short: tensor ${name} ends at byte ${end} of ${size}`);
    heads.push({ name, dtype, shape, begin, end });
  }
  let covered = 0;
  for (const { name, begin, end } of heads.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered) fail(`tensor ${name} overlaps another one`);
    if (begin > covered) fail(`has ${begin - covered} bytes before tensor ${name} that belong to no tensor`);
    covered = end;
  }
  if (covered !== size) fail(`has ${size - covered} bytes at its end that belong to no tensor`);
  return { heads, metadata };
}

interface Entry { readonly dtype: string; readonly shape: readonly number[]; readonly data_offsets: readonly [number, number] }
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isTextMap = (value: unknown): boolean => isObject(value) && Object.values(value).every((text) => typeof text === 'string');
const isEntry = (value: unknown): value is Entry =>
  isObject(value) &&
  typeof value['dtype'] === 'string' &&
  Array.isArray(value['shape']) && value['shape'].every(isCount) &&
  Array.isArray(value['data_offsets']) && value['data_offsets'].length === 2 && value['data_offsets'].every(isCount);

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  if (bytes[0] !== 0x7b) fail('is no safetensors file: its header does not start with {');
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    fail(`has a header that is not JSON (${messageOf(error)})`);
  }
  return isObject(header) ? header : fail('has a header that is not an object');
}

/** Values as float32. F16 and BF16 are widened exactly; other dtypes are a CheckpointError, as are NaN and infinities. */
export function toFloat32(name: string, tensor: StoredTensor, where: string): Float32Array {
  const values = widen(name, tensor, where);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new CheckpointError(`tensor ${name} holds ${values[bad]} at position ${bad}`, {
      where, fix: 'The training that wrote it diverged, or the file is damaged.', data: { name, position: bad },
    });
  }
  return values;
}

function widen(name: string, { dtype, bytes }: StoredTensor, where: string): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dtype) {
    case 'F32':
      if (hostIsLittle && bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
    case 'F16': return Float32Array.from({ length: bytes.length / 2 }, (_, i) => halfToNumber(view.getUint16(2 * i, true)));
    case 'BF16': {
      const words = Uint32Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true) << 16);
      return new Float32Array(words.buffer);
    }
    default:
      throw new CheckpointError(`tensor ${name} has dtype ${dtype}`, { where, fix: 'Convert it to F32, F16 or BF16.', data: { name, dtype } });
  }
}

/** Whether `toFloat32` takes a dtype. */
export const isFloat = (dtype: string): boolean => ['F32', 'F16', 'BF16'].includes(dtype);

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const unreadable = (path: string, cause: unknown): CheckpointError => {
  const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  return new CheckpointError(missing ? 'there is no such file' : `cannot be read: ${messageOf(cause)}`, {
    where: path, fix: `Check the path and its permissions. A relative path counts from the folder that maskbench is started in (${process.cwd()}).`, cause,
  });
};

/** Every tensor of a file as float32, by name. */
export async function readSafetensors(path: string): Promise<Weights> {
  const { tensors } = await readSafetensorsFile(path);
  return new Map(Array.from(tensors, ([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(name, tensor, path) }]));
}

/** Writes F32 tensors in the order given, atomically. Throws RangeError where a length does not fit its shape. */
export function writeSafetensors(path: string, weights: Weights, metadata: Readonly<Record<string, string>> = {}): Promise<void> {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let size = 0;
  for (const [name, { shape, data }] of weights) {
    const count = sizeOf(shape);
    if (count !== data.length) throw new RangeError(`${name}: ${data.length} values for the shape [${shape.join(', ')}]`);
    header[name] = { dtype: 'F32', shape, data_offsets: [size, size + 4 * count] };
    size += 4 * count;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(text, 8);
  return replaceFile(path, async (file) => {
    await writeValues(file, head);
    for (const { data } of weights.values()) await writeValues(file, littleEndian(data));
  });
}

function littleEndian(data: Float32Array): ArrayBufferView {
  if (hostIsLittle) return data;
  const view = new DataView(new ArrayBuffer(data.byteLength));
  data.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return view;
}
