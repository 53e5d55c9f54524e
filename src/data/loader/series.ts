import type { Background } from '../augment/index.js';
import type { PreparedSet } from '../image-set.js';
import type { HostArray } from '../../engine/contract.js';
import { type CropsBatch, cropsBatch, cropsBytes, pictureBytes, recordSeed, type TrainBatch, trainBatch, wholeBatch } from './batch.js';
import type { Arrays, StepDraws } from './draws.js';

/** All batches of a training, or of an evaluation: those of its steps 0, 1, ... */
export type Series = TrainSeries | CropsSeries | EvaluationSeries;

interface Training {
  readonly steps: number;
  /** Further inputs of a step. */
  readonly draws?: StepDraws;
}

/** Gives `images` (see `trainBatch`) and what `draws` gives. */
export interface TrainSeries extends Omit<TrainBatch, 'set' | 'step'>, Training { readonly kind: 'train' }

/** Gives an array for each name of a view (see `cropsBatch`) and what `draws` gives. */
export interface CropsSeries extends Omit<CropsBatch, 'set' | 'step'>, Training { readonly kind: 'crops' }

/** Gives `images` (see `evalBatch`), `batch` at a time; black ones fill up the last. */
export interface EvaluationSeries {
  readonly kind: 'evaluation';
  readonly indices: ArrayLike<number>;
  readonly size: number;
  readonly batch: number;
  readonly background: Background;
}

/** Batches of a series. */
export const stepsOf = (series: Series): number => (series.kind === 'evaluation' ? Math.ceil(series.indices.length / series.batch) : series.steps);

type Type = 'uint8' | 'int32' | 'float32';

/** One array of a batch, and where it lies in the batch's memory. `offset` in bytes. */
interface Field { readonly name: string; readonly type: Type; readonly length: number; readonly offset: number }

/** A series as a thread takes it: plain data and shared memory. */
export interface PlainSeries {
  readonly series: Omit<TrainSeries, 'draws'> | Omit<CropsSeries, 'draws'> | EvaluationSeries;
  readonly steps: number;
  /** Of an evaluation: `recordSeed` of each index. */
  readonly seeds: Float64Array | null;
  /** Where a thread finds what draws the further inputs. */
  readonly draws: Pick<StepDraws, 'module' | 'args'> | null;
  readonly fields: readonly Field[];
  /** Of a batch. */
  readonly bytes: number;
}

const typeOf = (array: HostArray): Type => (array instanceof Uint8Array ? 'uint8' : array instanceof Int32Array ? 'int32' : 'float32');

/** Tensors take memory that is aligned to this without copying it. */
const alignment = 64;
const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** RangeError for an index that the set does not have, and for views or draws that contradict each other. */
export function plainSeries(set: PreparedSet, series: Series): PlainSeries {
  const indices = shared(Int32Array, series.indices);
  const steps = stepsOf(series);
  if (series.kind === 'evaluation') {
    const seeds = shared(Float64Array, Array.from(indices, (index) => recordSeed(set, index)));
    return { series: { ...series, indices }, steps, seeds, draws: null, ...layout(imagesOf(series)) };
  }
  const { draws, ...rest } = series;
  const pictures = series.kind === 'crops' ? Array.from(cropsBytes(series), ([name, length]) => ({ name, type: 'uint8' as const, length })) : imagesOf(series);
  const further = draws === undefined ? [] : Object.entries(draws(0)).map(([name, array]) => ({ name, type: typeOf(array), length: array.length }));
  return { series: { ...rest, indices }, steps, seeds: null, draws: draws === undefined ? null : { module: draws.module, args: draws.args }, ...layout([...pictures, ...further]) };
}

const imagesOf = ({ batch, size }: TrainSeries | EvaluationSeries): readonly Omit<Field, 'offset'>[] => [{ name: 'images', type: 'uint8', length: pictureBytes(batch, size) }];

function layout(arrays: readonly Omit<Field, 'offset'>[]): Pick<PlainSeries, 'fields' | 'bytes'> {
  let bytes = 0;
  const fields = arrays.map((array): Field => {
    if (arrays.some((other) => other !== array && other.name === array.name)) throw new RangeError(`a batch has two inputs called ${array.name}`);
    const offset = bytes;
    bytes += aligned(array.length * (array.type === 'uint8' ? 1 : 4));
    return { ...array, offset };
  });
  return { fields, bytes };
}

function shared<T extends Int32Array | Float64Array>(kind: { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number }, values: ArrayLike<number>): T {
  const array = new kind(new SharedArrayBuffer(kind.BYTES_PER_ELEMENT * values.length));
  array.set(values);
  return array;
}

/** The arrays of a batch in memory of `bytes` from `start` on. */
export const arraysIn = ({ fields }: PlainSeries, memory: ArrayBufferLike, start: number): Arrays =>
  Object.fromEntries(fields.map(({ name, type, length, offset }) => [name, view(type, memory, start + offset, length)]));

function view(type: Type, memory: ArrayBufferLike, at: number, length: number): HostArray {
  switch (type) {
    case 'uint8': return new Uint8Array(memory, at, length);
    case 'int32': return new Int32Array(memory, at, length);
    case 'float32': return new Float32Array(memory, at, length);
    default: {
      const never: never = type;
      return never;
    }
  }
}

/** Makes the batch of a step: a pure function of its arguments, so that it does not matter which thread calls it. */
export function fillBatch(set: PreparedSet, { series, seeds }: PlainSeries, draw: ((step: number) => Arrays) | null, step: number, into: Arrays): void {
  switch (series.kind) {
    case 'train':
      trainBatch({ ...series, set, step }, into['images'] as Uint8Array);
      break;
    case 'crops':
      cropsBatch({ ...series, set, step }, into as Readonly<Record<string, Uint8Array>>);
      break;
    case 'evaluation': {
      const { indices, size, batch, background } = series;
      wholeBatch({ set, indices, seeds: seeds!, size, background, start: step * batch, count: Math.min(batch, indices.length - step * batch) }, into['images'] as Uint8Array);
      break;
    }
    default: {
      const never: never = series;
      return never;
    }
  }
  if (draw === null) return;
  for (const [name, values] of Object.entries(draw(step))) {
    if (into[name]?.length !== values.length) throw new RangeError(`input ${name} of step ${step} has ${values.length} values, of the first step ${into[name]?.length ?? 'none'}`);
    into[name].set(values);
  }
}

/** The series and its own step of step `step` of several series one after the other. RangeError behind the last. */
export function stepIn(list: readonly PlainSeries[], step: number): { readonly at: number; readonly step: number } {
  let rest = step;
  for (const [at, { steps }] of list.entries()) {
    if (rest < steps) return { at, step: rest };
    rest -= steps;
  }
  throw new RangeError(`there is no step ${step}`);
}
