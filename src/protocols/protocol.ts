import type { Engine } from '../engine/contract.js';
import type { PreparedSet } from '../data/image-set.js';
import type { JsonObject } from '../files.js';
import type { EncoderWeights } from '../methods/method.js';
import type { VitConfig } from '../models/config.js';
import type { Phases } from '../runner/job.js';
import type { BlindTask } from './blind.js';
import type { ImagesThrough } from './images-through.js';
import type { Pool } from './pool.js';

/** How an encoder is judged on a task. One file or folder in `protocols/`, one line in `protocols/index.ts`. */
export interface ProtocolSpec {
  readonly name: string;
  readonly description: string;
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

/** A task in numbers: images by split, classes; `width` is that of a feature. */
export interface TaskShape { readonly train: number; readonly validation: number; readonly test: number; readonly classes: number; readonly width: number }

export interface ProtocolArguments {
  readonly model: VitConfig;
  readonly options: JsonObject;
  /** The test images' labels are not handed over (a TaskView fits, its labels cannot be read). */
  readonly task: BlindTask;
  readonly seed: number;
  readonly progress: (done: number, total: number, loss?: number) => void;
  readonly log: (line: string) => void;
  readonly phases: Phases;
}

export type Protocol =
  | { readonly needs: 'encoder'; run(args: ProtocolArguments & { readonly engine: Engine; readonly encoder: EncoderWeights; readonly set: PreparedSet }): Promise<Judgement> }
  | { readonly needs: 'features'; run(args: ProtocolArguments & { readonly engine: Engine; readonly features: TaskFeatures }): Promise<Judgement> };

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

export interface Judgement {
  /** Predicted class of each test image, in the view's order. */
  readonly predictions: Int32Array;
  /** Accuracy in [0, 1] on the images that were trained on (the `failed to learn` rule). */
  readonly trainAccuracy: number;
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
