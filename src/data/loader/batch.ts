import { type Augment, type Background, drawMixing, type Mix, mixImages, type Mixing, trainView, wholeView } from '../augment/index.js';
import type { PreparedSet } from '../image-set.js';
import { stream } from '../../random.js';
import { hashId } from './hash-id.js';
import { epochOrder } from './order.js';
import { pictureOf } from './picture.js';

export interface TrainBatch {
  readonly set: PreparedSet;
  /** Records to train on, in a fixed order. */
  readonly indices: ArrayLike<number>;
  readonly augment: Augment;
  /** How images of a batch are mixed with each other; left out: not at all. */
  readonly mix?: Mix;
  readonly seed: number;
  /** What the draws are for: equal purposes at equal seeds draw the same (paired comparisons). */
  readonly purpose: string;
  /** 0-based. */
  readonly step: number;
  /** Pixels a side of the result; the set may have another size. */
  readonly size: number;
  /** Images in the batch. */
  readonly batch: number;
}

/**
 * Where the images of one step stand in `indices` (length `batch`). Images come as one endless stream: epoch after epoch,
 * each in an order of its own, without a short last batch. Position p = step * batch + i lies in epoch floor(p / n). So
 * every image comes exactly once an epoch, and one batch may hold the end of one epoch and the start of the next.
 */
export function trainPositions({ indices, seed, purpose, step, batch }: Pick<TrainBatch, 'indices' | 'seed' | 'purpose' | 'step' | 'batch'>): Int32Array {
  const n = indices.length;
  if (n === 0) throw new RangeError(`trainBatch: no images to draw from (${purpose})`);
  const positions = new Int32Array(batch);
  for (let i = 0; i < batch; i++) {
    const position = step * batch + i;
    const epoch = Math.floor(position / n);
    positions[i] = epochOrder(seed, purpose, epoch, n)[position - epoch * n]!;
  }
  return positions;
}

/** How the images of one step are mixed. */
export function trainMixing({ mix, seed, purpose, step, size }: Pick<TrainBatch, 'mix' | 'seed' | 'purpose' | 'step' | 'size'>): Mixing {
  return mix === undefined ? { kind: 'none', share: 1 } : drawMixing(mix, size, stream(seed, `${purpose}/mix`, step));
}

/** Bytes of a batch: uint8 [batch, size, size, 3]. */
export const batchBytes = ({ size, batch }: Pick<TrainBatch, 'size' | 'batch'>): number => batch * size * size * 3;

/**
 * One training batch: uint8 [batch, size, size, 3], into `target` where one is given. A pure function of its arguments:
 * image i is drawn from the stream (seed, `<purpose>/augment`, step, i) and its place in the order from (seed,
 * `<purpose>/order`, epoch); how they are mixed from (seed, `<purpose>/mix`, step). `trainPositions` and `trainMixing` of the
 * same arguments tell which images these are and how they were mixed (for labels).
 */
export function trainBatch(args: TrainBatch, target: Uint8Array = new Uint8Array(batchBytes(args))): Uint8Array {
  const { indices, augment, seed, purpose, step, size, batch } = args;
  const positions = trainPositions(args);
  const length = size * size * 3;
  const drawPurpose = `${purpose}/augment`;
  for (let i = 0; i < batch; i++) {
    const { set, index } = pictureOf(args.set, indices[positions[i]!]!);
    trainView(set, index, augment, stream(seed, drawPurpose, step, i), { target, offset: i * length, size });
  }
  mixImages(target, batch, size, trainMixing(args));
  return target;
}

export interface EvalBatch {
  readonly set: PreparedSet;
  readonly indices: readonly number[];
  readonly size: number;
  /** RGBA sets only; default `textures`. */
  readonly background?: Background;
}

/**
 * Images as they are judged: uint8 [indices.length, size, size, 3], the whole picture, no chance in it. What lies behind
 * an RGBA picture is a function of the record's id alone: the same for every seed, entry and order of calls.
 */
export function evalBatch({ set, indices, size, background = 'textures' }: EvalBatch): Uint8Array {
  const length = size * size * 3;
  const target = new Uint8Array(indices.length * length);
  indices.forEach((index, i) => {
    const record = set.records[index];
    if (record === undefined) throw new RangeError(`evalBatch: the set ${set.name} has no record ${index}`);
    const picture = pictureOf(set, index);
    wholeView(picture.set, picture.index, background, stream(hashId(record.id), 'evaluation/background'), { target, offset: i * length, size });
  });
  return target;
}
