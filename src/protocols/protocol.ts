import type { DenseTask, PreparedSet, TaskKind } from '../data/image-set.js';
import type { Annotations } from '../data/dense.js';
import type { Engine } from '../engine/contract.js';
import type { JsonObject } from '../files.js';
import type { EncoderWeights } from '../methods/method.js';
import type { Detection } from '../metrics/index.js';
import type { VitConfig } from '../models/config.js';
import type { Phases } from '../runner/job.js';
import type { BlindTask } from './blind.js';
import type { ImagesThrough } from './images-through.js';
import type { Pool } from './pool.js';

/** How an encoder is judged on a task. One file or folder in `protocols/`, one line in `protocols/index.ts`. */
export interface ProtocolSpec {
  readonly name: string;
  readonly description: string;
  /** The tasks that it can judge; a suite's other tasks are left to other protocols. */
  readonly judges: TaskKind;
  /** Object schema of the options with defaults, `additionalProperties: false`. Values that are searched take a list. */
  readonly schema: JsonObject;
  /** `encoder`: trains on images. `features`: works on features that one job extracts for all such protocols. */
  readonly needs: 'encoder' | 'features';
  /** Built modules, relative to dist/, for the job's key. */
  readonly modules: readonly string[];
  /** Estimated images through the encoder, for the plan: `imagesSeen` of the judgement is their sum where no trial diverges. */
  images(options: JsonObject, sizes: Pick<TaskShape, 'train' | 'validation' | 'test'>): ImagesThrough;
  /** Estimated operations beside those of the encoder, for the plan: multiply-adds counted twice, as in `Judgement.flops`. */
  flops(options: JsonObject, shape: TaskShape): number;
  load(): Promise<Protocol>;
}

/** A task in numbers: images by split, classes; `width` is that of a feature; `side`: of a dense task, patches a side of its pictures; `patchSize`: pixels a side of a patch of them. */
export interface TaskShape { readonly train: number; readonly validation: number; readonly test: number; readonly classes: number; readonly width: number; readonly side?: number; readonly patchSize?: number }

interface AnyArguments {
  readonly engine: Engine;
  readonly model: VitConfig;
  readonly options: JsonObject;
  readonly seed: number;
  readonly progress: (done: number, total: number, loss?: number) => void;
  readonly log: (line: string) => void;
  readonly phases: Phases;
}

interface ProtocolArguments extends AnyArguments {
  /** The test images' labels are not handed over (a ClassificationTask fits, its labels cannot be read). */
  readonly task: BlindTask;
}

export interface EncoderArguments extends ProtocolArguments { readonly encoder: EncoderWeights; readonly set: PreparedSet }
export interface FeaturesArguments extends ProtocolArguments { readonly features: TaskFeatures }

/** `set` has the pictures at a size of its own, which the encoder's positions are fitted to. */
export interface DenseArguments extends AnyArguments {
  readonly task: DenseTask;
  readonly encoder: EncoderWeights;
  readonly set: PreparedSet;
  /** Throws for the objects and labels of a test image: a protocol predicts, and who knows the truth compares. */
  readonly annotations: Annotations;
}

export interface EncoderProtocol { readonly judges: 'classification'; readonly needs: 'encoder'; run(args: EncoderArguments): Promise<Judgement> }
export interface FeaturesProtocol { readonly judges: 'classification'; readonly needs: 'features'; run(args: FeaturesArguments): Promise<Judgement> }
export interface SegmentationProtocol { readonly judges: 'segmentation'; readonly needs: 'encoder'; run(args: DenseArguments): Promise<SegmentationJudgement> }
export interface DetectionProtocol { readonly judges: 'detection'; readonly needs: 'encoder'; run(args: DenseArguments): Promise<DetectionJudgement> }
export type Protocol = EncoderProtocol | FeaturesProtocol | SegmentationProtocol | DetectionProtocol;

/** Frozen-encoder features of a task by each pooling. */
export type TaskFeatures = { readonly width: number } & Readonly<Record<Pool, SplitFeatures>>;

/** float32 [n, width], in the order of the view's indices. */
export interface SplitFeatures {
  readonly train: Float32Array;
  readonly validation: Float32Array;
  readonly test: Float32Array;
}

/** One configuration that was tried on validation. */
export interface Trial { readonly options: JsonObject; readonly validation: number; readonly diverged: boolean }

/** What every judgement tells of how it came about. */
interface AnyJudgement {
  /** Training loss of the final run, where there is one. */
  readonly curve: readonly { readonly step: number; readonly loss: number }[];
  readonly trials: readonly Trial[];
  /** The chosen configuration, and names of options whose choice lies at the edge of their list (`atEdge` in grid.ts). */
  readonly chosen: JsonObject;
  readonly atEdge: readonly string[];
  /** Images through the encoder, trials and evaluations counted. 0 for protocols on features: extracting them is a job of its own. */
  readonly imagesSeen: number;
  /** Multiply-adds counted twice, of trials, training and evaluation; a training step's backward pass counts as two forward ones. */
  readonly flops: number;
}

export interface Judgement extends AnyJudgement {
  /** Predicted class of each test image, in the view's order. */
  readonly predictions: Int32Array;
  /** Accuracy in [0, 1] on the images that were trained on (the `failed to learn` rule). */
  readonly trainAccuracy: number;
}

export interface SegmentationJudgement extends AnyJudgement {
  /** Of each test image in the view's order, at its original size: uint8 [height, width], indices of the task's classes. */
  readonly maps: readonly Uint8Array[];
  /** mIoU in [0, 1] on (at most 64 of) the images that were trained on. */
  readonly trainScore: number;
  /** The same of saying the most frequent class of these images everywhere. */
  readonly blindScore: number;
}

export interface DetectionJudgement extends AnyJudgement {
  /** Of each test image in the view's order, in pixels of the original picture; at most 100 an image. */
  readonly detections: readonly (readonly Detection[])[];
  /** Whether the network tells masks: each of the detections then has one, and where none is found it still could have. */
  readonly masks: boolean;
  /** Box AP at IoU 0.5, in [0, 1], on (at most 64 of) the images that were trained on. */
  readonly trainScore: number;
  /** The same of the best of 20 guesses that look at no image: boxes of others of these images, in any order. */
  readonly blindScore: number;
}
