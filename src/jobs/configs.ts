import type { JsonObject } from '../files.js';
import type { SubsetName } from '../data/image-set.js';
import type { ClusterOptions } from '../methods/method.js';
import type { ResolvedModel, ResolvedSchedule, ResolvedSuite } from '../suite/resolved.js';
import type { SpeedMachine } from './speed-machine.js';

/**
 * The `config` of each job kind: what the plan writes and the worker reads. All of it is part of the job's key but for
 * folders, files and the model's name (JobNode.unkeyed), so an entry's name, titles and descriptions are not in it (they are
 * tags).
 */

/** Number format of matrix products. */
type Precision = ResolvedSuite['engine']['precision'];

/** kind `prepare`. Artifacts: an image set (data/prepared.ts). */
export interface PrepareConfig {
  readonly source: string;
  readonly options: JsonObject;
  readonly size: number;
  readonly fingerprint: string;
}

/**
 * kind `pretrain`, inputs: `data` (prepare) where pretrain is given, `start` (pretrain) where the entry has one, `clusters` (cluster)
 * where the method asks for them. Artifacts:
 * encoder.safetensors, others.safetensors (what else was trained, and what the last step handed on) after a training, preview.png; snapshots/SHARE/ with the encoder at a
 * share of the steps, and the rest beside it where the method searches.
 */
export interface PretrainConfig {
  readonly method: string;
  readonly options: JsonObject;
  /** From MethodSpec.fingerprint, '' where the method has none. */
  readonly fingerprint: string;
  readonly model: ResolvedModel;
  readonly seed: number;
  /** Trainings before this one whose weights it goes on from; absent: none. Its draws are others than theirs (`drawSeed`). */
  readonly continues?: number;
  readonly pretrain: {
    readonly source: string;
    readonly sourceOptions: JsonObject;
    readonly subset: SubsetName;
    readonly batch_size: number;
    /** In epochs, also where the FLOPs of another entry set them. */
    readonly schedule: Omit<ResolvedSchedule, 'flops_of'>;
    readonly precision: Precision;
    /** Shares of the steps, ascending in (0, 1), after which the encoder is kept. Absent: none. */
    readonly snapshots?: readonly number[];
  } | null;
}

/**
 * kind `cluster`, inputs: `data`, `encoder` (the start's pretrain). Artifacts: clusters.safetensors, gallery.png. Entries that
 * want their pre-training set clustered alike share the job.
 */
export interface ClusterConfig {
  readonly clusters: ClusterOptions;
  readonly source: string;
  readonly sourceOptions: JsonObject;
  readonly subset: SubsetName;
  readonly model: ResolvedModel;
  readonly seed: number;
  readonly precision: Precision;
}

export interface TaskConfig { readonly source: string; readonly options: JsonObject; readonly task: string }

/**
 * kind `search`, inputs: `data`, `encoder` (the start's pretrain), `clusters`, `trained` (the entry's own pretrain). Artifact:
 * encoder.safetensors.
 */
export interface SearchConfig {
  readonly task: TaskConfig;
  readonly method: string;
  readonly options: JsonObject;
  readonly model: ResolvedModel;
  readonly seed: number;
  readonly precision: Precision;
  /** Share of the training's steps whose snapshot is searched; absent: its end. */
  readonly snapshot?: number;
}

/** kind `attention`, inputs: `data`, `encoder` (as `features`). `images`: so many of the task's training images, or the ids of some. Artifacts: attention.png, attention.safetensors (`weights` [images, heads, patches]). */
export interface AttentionConfig { readonly task: TaskConfig; readonly model: ResolvedModel; readonly seed: number; readonly precision: Precision; readonly images: number | readonly string[] }

/** kind `overlap`, inputs: `data`, `encoder` (as `features`). Of a segmentation task that has a class `background`. */
export interface OverlapConfig { readonly task: TaskConfig; readonly model: ResolvedModel; readonly seed: number; readonly precision: Precision }

/** kind `features`, inputs: `data`, `encoder` (pretrain, or search where the entry searches). `snapshot`: of a pretrain, its encoder at this share of the steps. Artifacts: train.bin, validation.bin, test.bin (float32 [n, 2, width]: cls token, mean patch token). */
export interface FeaturesConfig { readonly task: TaskConfig; readonly model: ResolvedModel; readonly seed: number; readonly precision: Precision; readonly snapshot?: number }

/** kind `transfer`, inputs: `data` and `encoder`, or `data` and `features`, as the protocol needs. */
export interface TransferConfig {
  readonly task: TaskConfig;
  readonly model: ResolvedModel;
  readonly seed: number;
  readonly precision: Precision;
  readonly protocol: string;
  /** The suite's options with the entry's own put over them. */
  readonly options: JsonObject;
  readonly protocolHash: string;
  /** As in FeaturesConfig, where the protocol takes the encoder. */
  readonly snapshot?: number;
}

/**
 * kind `speed`, input: `data`. It runs with no other job beside it. A machine that is not the key's is not measured for it: the machine
 * is part of the config.
 */
export interface SpeedConfig {
  readonly entries: readonly SpeedEntry[];
  readonly model: ResolvedModel;
  /** All entries read the whole of this set, in one order. */
  readonly source: string;
  readonly sourceOptions: JsonObject;
  readonly seed: number;
  readonly precision: Precision;
  /** Source images a step, for every entry. */
  readonly batch_size: number;
  readonly rounds: number;
  /** Of one turn's timing, at least; never less than a step. */
  readonly seconds: number;
  /** Threads that make batches ahead. */
  readonly loaders: number;
  readonly machine: SpeedMachine;
}

export interface SpeedEntry {
  readonly name: string;
  readonly method: string;
  readonly options: JsonObject;
  /** Of the entry's own schedule; `steps` at the suite's own batch. */
  readonly epochs: number;
  readonly steps: number;
  /** Source images of one epoch and of the whole schedule. */
  readonly epochImages: number;
  readonly scheduleImages: number;
}
