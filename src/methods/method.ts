import type { JsonObject } from '../files.js';
import type { AdamW, Compiled, Engine, FunctionSpec, HostArray, ParamSpec } from '../engine/contract.js';
import type { PreparedSet } from '../data/image-set.js';
import type { View } from '../data/augment/index.js';
import type { StepDraws } from '../data/loader/index.js';
import type { VitConfig } from '../models/config.js';
import type { Restatement, Routing } from '../results/types.js';
import type { CurvePoint } from '../training/curve.js';

/**
 * A way to pre-train an encoder. `spec.ts` (this interface) loads no tensors; `step.ts` is loaded by the worker.
 * One folder in `methods/`, one line in `methods/index.ts`.
 */
export interface MethodSpec {
  readonly name: string;
  /** One line for help and the report. */
  readonly description: string;
  /** Where the paper that the method is named after could not be read whole; absent: it could, or there is none. Set in the registry, by `withProvenance`. */
  readonly restatement?: Restatement;
  /** Object schema of `options` with defaults, `additionalProperties: false`. */
  readonly schema: JsonObject;
  /**
   * `train`: a loss is minimised on the pre-training data. `none`: the encoder is made without data (scratch: random
   * initialisation; checkpoint: someone's file).
   */
  readonly kind: 'train' | 'none';
  /** Built modules, relative to dist/, for the job's key. */
  readonly modules: readonly string[];
  /** Multiply-adds x 2 of one image in one training step (forward and backward) of so many images, for the plan and the cost columns. */
  flopsPerImage(model: VitConfig, options: JsonObject, batchSize: number): number;
  /** What a step makes of its source images and works on instead, with how many of it one source image comes to: mixed sequences, views. Batches, epochs and images seen stay source images. */
  units?(options: JsonObject): readonly PerImage[];
  /** Parts of `flopsPerImage` that costs tell apart, in the same unit: a head that dominates small models. */
  flopsParts?(model: VitConfig, options: JsonObject): readonly PerImage[];
  /**
   * What is wrong with these options for this model and length, beyond what the schema can say; empty when nothing is.
   * Called when a suite is planned, so that a mistake costs no training. `epochs`: of the schedule, `batchSize`: images of a
   * step; null where there are none.
   */
  check?(args: { readonly model: VitConfig; readonly options: JsonObject; readonly epochs: number | null; readonly batchSize: number | null }): readonly string[];
  /**
   * Methods with whose finished weights a training may begin (an entry's `start`), and whether it must; `alike`: options that shape the weights, of which both have
   * the same. Without it: none.
   */
  readonly startsFrom?: { readonly methods: readonly string[]; readonly required: boolean; readonly alike: readonly string[] };
  /**
   * The clustering of the pre-training set that a training with these options needs. A job of its own makes it, from features
   * of the start's encoder (so `startsFrom` is required); entries that ask for the same one share it. undefined: it needs none.
   */
  clusters?(options: JsonObject): ClusterOptions | undefined;
  /**
   * Each task gets an encoder of its own: a job for every (task, seed) makes it by TrainMethod.search, with the clusters that the
   * spec asks for. `options`: those of the
   * method that only the search reads, at the top level; trainings that differ in nothing else are one. `every`: complete options
   * with each of which a task gets another of the encoders that the oracle takes the best of.
   */
  readonly searches?: { readonly options: readonly string[]; readonly every: (options: JsonObject) => readonly JsonObject[] };
  /** A training has collapsed too when k-NN with its encoder is not above k-NN with that of its random initialisation, whatever its curve says. */
  readonly knnShowsCollapse?: true;
  /** The encoder is the same at every seed (someone's file): seeds repeat its transfers alone. */
  readonly seedless?: true;
  /** Options that say where content lies and not what it is. `fingerprint` covers the content, so they are not in the key. */
  readonly locations?: readonly string[];
  /**
   * Hash of the content that the options name (checkpoint: the file's SHA-256), for the key. Throws where it is missing or
   * does not fit the model: called when a suite is planned, so that a mistake costs no job.
   */
  fingerprint?(options: JsonObject, model: VitConfig): Promise<string>;
  /** What of the file that the options name becomes the encoder, and what not: for plan, run and report. Throws as `fingerprint` does. */
  encoderSource?(options: JsonObject, model: VitConfig): Promise<EncoderSource>;
  load(): Promise<TrainMethod | EncoderMethod>;
}

/** An amount for one source image. `name`: as the report's columns say it. */
interface PerImage { readonly name: string; readonly perImage: number }

/** A file that an encoder is taken from. */
export interface EncoderSource {
  readonly file: string;
  /** Tensors that become the encoder. */
  readonly taken: number;
  /** Tensors of the file that are passed over or used otherwise than their names say. */
  readonly exceptions: readonly TensorGroup[];
}

/** Tensors of a file whose names start alike. */
export interface TensorGroup {
  /** `decoder_blocks.*`, or the whole name where it has no dot. */
  readonly name: string;
  readonly tensors: number;
  /** What happens to them: `passed over`, `used as norm.*`, ... */
  readonly use: string;
  readonly reason: string;
}

export interface MethodArguments {
  readonly model: VitConfig;
  readonly options: JsonObject;
  readonly batchSize: number;
  readonly seed: number;
  readonly totalSteps: number;
  /** Steps of one epoch of the subset that the schedule counts in (`schedule.of`, else the entry's own); need not be whole. */
  readonly stepsPerEpoch: number;
  /**
   * All weights of the training that this one begins with; only where the spec's `startsFrom` has a method. A measurement of
   * speed gives none, also where there must be one: initial weights cost as much.
   */
  readonly start?: Weights;
  /** Where the spec asks for them, always. */
  readonly clusters?: Clusters;
}

/** How a pre-training set is clustered. */
export interface ClusterOptions {
  readonly count: number;
  /** Which of the start encoder's outputs after its norm stands for an image. */
  readonly pool: 'mean' | 'cls';
  /** Whether the features' mean over the set is taken from them. */
  readonly centred: boolean;
  /** `sinkhorn`: learnt centres with balanced assignments (SwAV's loop); `random`: a control, of equal sizes. */
  readonly algorithm: 'sinkhorn' | 'k-means' | 'random';
  /** Passes over the features while centres are learnt, or rounds of k-means at most; at least 1. */
  readonly epochs: number;
  /** Of Sinkhorn-Knopp: entropy weight, and passes over rows and columns. */
  readonly epsilon: number;
  readonly iterations: number;
  /** Of the softmax that centres are learnt against. */
  readonly temperature: number;
  /** Images of a step while centres are learnt, at most; `auto`: 1,024, or 8 a cluster where that is more. */
  readonly batch_size: number | 'auto';
  /** Share of the way from what the softmax gives a centre to what the balanced assignment gives it that the first step goes at most. */
  readonly rate: number;
  /** Turns of Sinkhorn-Knopp for the last assignment, of all images at once. */
  readonly last_iterations: number;
}

/**
 * A clustered pre-training set. Features are outputs of the start encoder after its norm, as the options ask for them, made length 1.
 */
export interface Clusters {
  /** float32 [count, width], rows of length 1. */
  readonly centres: { readonly shape: readonly number[]; readonly data: Float32Array };
  /** Cluster of each image, 0-based, by its position in the pre-training view. Every cluster has an image. */
  readonly assignments: Int32Array;
}

/** Tensors by name. */
export type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Weights of a ViT encoder by timm name. */
export type EncoderWeights = Weights;

export interface EncoderMethod {
  readonly kind: 'none';
  /**
   * The encoder itself; CheckpointError names every missing, extra or mis-shaped tensor. `fingerprint`: what the spec's own
   * gave when the suite was planned; content that has changed since is refused. `log` gets what was not taken as it stands.
   */
  encoder(args: Pick<MethodArguments, 'model' | 'options' | 'seed'> & { readonly fingerprint?: string; readonly log?: (line: string) => void }): Promise<EncoderWeights>;
}

export interface TrainMethod {
  readonly kind: 'train';
  build(args: MethodArguments): TrainRecipe;
  /** The encoder for one task, from a finished training; only where the spec `searches`. */
  search?(args: SearchArguments): Promise<Found>;
}

export interface SearchArguments {
  readonly engine: Engine;
  readonly model: VitConfig;
  readonly options: JsonObject;
  readonly seed: number;
  /** All weights that the training has left. */
  readonly weights: Weights;
  /** The task's training images (no validation or test image is among them). */
  readonly set: PreparedSet;
  readonly indices: readonly number[];
  /** The clustering, and the nearest cluster of each image; null where the training had none. */
  readonly clustered: { readonly clusters: Clusters; readonly nearest: Int32Array } | null;
  readonly log: (line: string) => void;
}

/** What a search has found. */
export interface Found {
  readonly encoder: EncoderWeights;
  /** For each block with experts: the one that was taken, the votes of all, and the factor that its gate has left in it. */
  readonly layers: readonly { readonly block: number; readonly expert: number; readonly votes: readonly number[]; readonly gate: number; readonly dead: readonly number[] }[];
  /** Multiply-adds counted twice. */
  readonly flops: number;
}

/** Everything that the pre-training job needs from a method. */
export interface TrainRecipe {
  readonly params: readonly ParamSpec[];
  readonly optimizer: AdamW;
  /**
   * Function of kind `train`. Its input `images` is uint8 [batch, size, size, 3], or there are those of `views`; further
   * inputs come from `draws`.
   */
  readonly train: FunctionSpec;
  /** Host randomness of one step (masks...), keyed by (seed, purpose, step, index); in a module of its own (`stepDraws`), since loader threads draw it. */
  readonly draws: StepDraws;
  /** Scalars of one step, 0-based: lr, weight decay, and those that `train` declares. */
  schedule(step: number): Readonly<Record<string, number>> & { readonly lr: number; readonly weight_decay: number };
  /**
   * Values that a step hands to the next (iBOT's centres), as they are before the first one: each is a float32 input of `train`
   * and an output of the same name and size. Checkpoints hold them; so does what the training leaves beside its encoder.
   */
  readonly carried?: ReadonlyMap<string, Float32Array>;
  /** Outputs of `train`, of rank 0, that are recorded beside the loss and drawn in the report. */
  readonly diagnostics?: readonly Diagnostic[];
  /** Why a training with this curve has collapsed, null where it has not: no comparison is drawn from one that has. Without it nothing is watched. */
  collapse?(curve: readonly CurvePoint[]): string | null;
  /** Where each cluster goes by these weights, all that were trained, for the report. */
  routing?(weights: Weights): readonly Routing[];
  /** A number for each image that is trained on: every batch takes of each number about what there is of it. Left out: as they are shuffled. */
  readonly evenOver?: Int32Array | undefined;
  /** Augmentation of the loader, see data/augment. */
  readonly augment: JsonObject;
  /** Several views of each image instead of one by `augment`: an input for each name, uint8 [views of it, batch, size, size, 3], view by view. */
  readonly views?: readonly View[];
  /** Names of `params` that make the encoder that is transferred. */
  readonly encoderParams: readonly string[];
  /** Pictures for the report, made once at the end: rows of images. */
  readonly preview?: PreviewSpec;
  /** How well hidden patches of images that were not trained on are told, measured once at the end. */
  readonly heldOut?: HeldOutSpec;
}

export interface Diagnostic {
  /** Of the output, as results name it: `loss_patch`, `topk_accuracy_block1`. */
  readonly name: string;
  /** As the report says it. Diagnostics of equal title share a chart, with `label` for the line. */
  readonly title: string;
  readonly label: string;
  /** `share`: 0..1. */
  readonly unit: 'loss' | 'share' | 'nats';
  /** What a reader needs beside the chart, as a sentence: what chance gives, where a bound is. Diagnostics of a chart may share one. */
  readonly note?: string;
}

export interface HeldOutSpec {
  /** An `evaluate` function with input `images` [count, size, size, 3] and what `draws` gives; output `errors` [count]: mean squared error of an image's hidden patches. */
  readonly function: FunctionSpec;
  readonly count: number;
  /** What the errors are of, normalised patches or pixels: only equal targets can be compared. */
  readonly target: 'normalised patches' | 'normalised pixels';
  /** Of a 0-based call, at the suite's seed, which entries share that draw for themselves otherwise; `masked` says which patches are hidden. */
  draws(seed: number, call: number): Readonly<Record<string, HostArray>> & { readonly masked: Int32Array };
}

export interface PreviewSpec {
  /** An `evaluate` function with input `images` [count, size, size, 3] and what `draws` gives. */
  readonly function: FunctionSpec;
  readonly count: number;
  draws(): Readonly<Record<string, HostArray>>;
  /** Column titles and, per column, uint8 RGB [count, size, size, 3] from the function's outputs. */
  columns(images: Uint8Array, outputs: ReturnType<Compiled['run']>): readonly { readonly title: string; readonly pixels: Uint8Array }[];
}
