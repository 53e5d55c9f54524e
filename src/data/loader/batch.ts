import { type Augment, type Background, drawMixing, type Mix, mixImages, type Mixing, multiCropViews, trainView, type View, wholeView } from '../augment/index.js';
import type { PreparedSet } from '../image-set.js';
import { stream } from '../../random.js';
import { hashId } from './hash-id.js';
import { epochOrder } from './order.js';
import { cropsOf, pictureOf } from './picture.js';

/** Which images a training step takes. */
export interface TrainOrder {
  /** Records to train on, in a fixed order. */
  readonly indices: ArrayLike<number>;
  readonly seed: number;
  /** What the draws are for: equal purposes at equal seeds draw the same (paired comparisons), as long as `evenOver` is the same. */
  readonly purpose: string;
  /** A number for each of `indices`: images of equal number come at equal distances, so that every batch has about its share of them. */
  readonly evenOver?: Int32Array;
  /** 0-based. */
  readonly step: number;
  /** Images in the batch. */
  readonly batch: number;
}

export interface TrainBatch extends TrainOrder {
  readonly set: PreparedSet;
  readonly augment: Augment;
  /** How images of a batch are mixed with each other; left out: not at all. */
  readonly mix?: Mix;
  /** Pixels a side of the result; the pictures that it is cut from may have another size. */
  readonly size: number;
}

/**
 * Where the images of one step stand in `indices` (length `batch`). Images come as one endless stream: epoch after epoch,
 * each in an order of its own, without a short last batch. Position p = step * batch + i lies in epoch floor(p / n). So
 * every image comes exactly once an epoch, and one batch may hold the end of one epoch and the start of the next.
 */
export function trainPositions({ indices, seed, purpose, evenOver, step, batch }: Omit<TrainOrder, 'indices'> & { readonly indices: { readonly length: number } }): Int32Array {
  const n = indices.length;
  if (n === 0) throw new RangeError(`trainBatch: no images to draw from (${purpose})`);
  const positions = new Int32Array(batch);
  for (let i = 0; i < batch; i++) {
    const position = step * batch + i;
    const epoch = Math.floor(position / n);
    positions[i] = epochOrder(seed, purpose, epoch, n, evenOver)[position - epoch * n]!;
  }
  return positions;
}

/** How the images of one step are mixed. */
export function trainMixing({ mix, seed, purpose, step, size }: Pick<TrainBatch, 'seed' | 'purpose' | 'step' | 'size'> & { readonly mix?: Mix | undefined }): Mixing {
  return mix === undefined ? { kind: 'none', share: 1 } : drawMixing(mix, size, stream(seed, `${purpose}/mix`, step));
}

/** Bytes of pictures: uint8 [count, size, size, 3]. */
export const pictureBytes = (count: number, size: number): number => count * size * size * 3;

/**
 * One training batch: uint8 [batch, size, size, 3], into `target` where one is given. A pure function of its arguments:
 * image i is drawn from the stream (seed, `<purpose>/augment`, step, i) and its place in the order from (seed,
 * `<purpose>/order`, epoch) and `evenOver`; how they are mixed from (seed, `<purpose>/mix`, step). `trainPositions` and `trainMixing` of the
 * same arguments tell which images these are and how they were mixed (for labels).
 */
export function trainBatch(args: TrainBatch, target: Uint8Array = new Uint8Array(pictureBytes(args.batch, args.size))): Uint8Array {
  const { indices, augment, seed, purpose, step, size, batch } = args;
  const positions = trainPositions(args);
  const length = size * size * 3;
  const drawPurpose = `${purpose}/augment`;
  for (let i = 0; i < batch; i++) {
    const { set, index } = pictureOf(cropsOf(args.set), indices[positions[i]!]!);
    trainView(set, index, augment, stream(seed, drawPurpose, step, i), { target, offset: i * length, size });
  }
  mixImages(target, batch, size, trainMixing(args));
  return target;
}

export interface CropsBatch extends TrainOrder {
  readonly set: PreparedSet;
  readonly views: readonly View[];
}

/** Arrays of several views: one a name, uint8 [views of that name, batch, size, size, 3]. RangeError where sizes of a name differ. */
export function cropsBytes({ views, batch }: Pick<CropsBatch, 'views' | 'batch'>): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const { name, size } of views) {
    if (views.some((other) => other.name === name && other.size !== size)) throw new RangeError(`cropsBatch: the views ${name} have several sizes`);
    bytes.set(name, (bytes.get(name) ?? 0) + pictureBytes(batch, size));
  }
  return bytes;
}

/**
 * Several views of each image of one training step, into `targets` by the views' names (`cropsBytes`), view by view. The
 * images are those of `trainPositions`. The first view of image i draws from the stream (seed, `<purpose>/augment`, step, i),
 * as the only one of `trainBatch` does; view v > 0 from (seed, `<purpose>/augment/v`, step, i).
 */
export function cropsBatch({ set: from, views, ...order }: CropsBatch, targets: Readonly<Record<string, Uint8Array>>): void {
  const { indices, seed, purpose, step, batch } = order;
  const positions = trainPositions(order);
  const purposes = views.map((_, v) => (v === 0 ? `${purpose}/augment` : `${purpose}/augment/${v}`));
  const before = views.map(({ name }, v) => views.slice(0, v).filter((other) => other.name === name).length);
  for (let i = 0; i < batch; i++) {
    const { set, index } = pictureOf(cropsOf(from), indices[positions[i]!]!);
    const places = views.map(({ name, size }, v) => ({ target: targets[name]!, offset: pictureBytes(before[v]! * batch + i, size), size }));
    multiCropViews(set, index, views, (v) => stream(seed, purposes[v]!, step, i), places);
  }
}

export interface EvalBatch {
  readonly set: PreparedSet;
  readonly indices: readonly number[];
  readonly size: number;
  /** RGBA sets only; default `textures`. */
  readonly background?: Background;
}

/** Seed of what lies behind a record's picture: a function of its id alone. RangeError where the set has no such record. */
export function recordSeed(set: PreparedSet, index: number): number {
  const record = set.records[index];
  if (record === undefined) throw new RangeError(`evalBatch: the set ${set.name} has no record ${index}`);
  return hashId(record.id);
}

/**
 * Images as they are judged: uint8 [indices.length, size, size, 3], the whole picture, no chance in it. What lies behind
 * an RGBA picture is a function of the record's id alone: the same for every seed, entry and order of calls.
 */
export function evalBatch({ set, indices, size, background = 'textures' }: EvalBatch): Uint8Array {
  const target = new Uint8Array(pictureBytes(indices.length, size));
  wholeBatch({ set, indices, seeds: indices.map((index) => recordSeed(set, index)), size, background, start: 0, count: indices.length }, target);
  return target;
}

export interface WholeBatch {
  readonly set: PreparedSet;
  readonly indices: ArrayLike<number>;
  /** `recordSeed` of each. */
  readonly seeds: ArrayLike<number>;
  readonly size: number;
  readonly background: Background;
  /** The images start..start+count-1 of `indices`. */
  readonly start: number;
  readonly count: number;
}

/** Whole pictures into `target`; what is left of it is zero. */
export function wholeBatch({ set: from, indices, seeds, size, background, start, count }: WholeBatch, target: Uint8Array): void {
  const length = pictureBytes(1, size);
  for (let i = 0; i < count; i++) {
    const { set, index } = pictureOf(from, indices[start + i]!);
    wholeView(set, index, background, stream(seeds[start + i]!, 'evaluation/background'), { target, offset: i * length, size });
  }
  target.fill(0, count * length);
}
