import type { JsonObject } from '../files.js';
import type { Phase } from '../phases.js';

/** One node of the plan before hashing. `id` is for people and unique in a plan: `pretrain/mae/s0`. */
export interface JobNode {
  readonly id: string;
  readonly kind: string;
  /** Everything that can change the result and is not an input or code. Part of the key, but for `unkeyed`. */
  readonly config: JsonObject;
  /** Places in `config` that change no result (where a folder lies, what a model is called): kept in the result, not in the key. */
  readonly unkeyed?: readonly (readonly string[])[];
  /** Role -> id of the job whose artifacts are read. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Built modules, relative to dist/: the key holds the hash of them and of all that they import statically. */
  readonly modules: readonly string[];
  /** Threads of the worker that runs it (part of the key: sums are taken in another order with another number). */
  readonly threads: number;
  readonly cost: JobCost;
  /** Bytes that its process takes at its highest, as estimated; absent: as little as any job. Not part of the key. */
  readonly memory?: number;
  /** What its time depends on, for estimates of it; absent: nothing is estimated. Not part of the key. */
  readonly speed?: JobSpeed;
  /** Facts for filters (`--only entry=mae`), reports and people; not part of the key. */
  readonly tags: Readonly<Record<string, string>>;
  /** Runs with no other worker active (speed jobs). */
  readonly exclusive?: boolean;
}

/** Estimates, for the plan and the ETA. `images`: images (source images) that pass through; flops: multiply-adds counted twice. */
export interface JobCost {
  readonly images: number;
  readonly flops: number;
  readonly bytes: number;
  /** Of a judgement, its task's test images and what the task asks (classification, segmentation, detection): they say how small a difference can be seen. */
  readonly tested?: { readonly images: number; readonly kind: string };
}

/** Jobs of one kind, code and `group` take time in proportion to `size`, so that one of them is measured for all. */
export interface JobSpeed {
  readonly group: JsonObject;
  /** Amount of work, in a unit of the group's. 0: all of the group take equally long. */
  readonly size: number;
  /** What a worker compiles once for all jobs of the group that name it alike. */
  readonly model: string;
  /** Part of the work, in (0, 1], that the job's progress tells about. Default 1. */
  readonly watched?: number;
}

export interface PlannedJob extends JobNode {
  /** 64 hex digits: hash of kind, config, code, threads and the inputs' keys. */
  readonly key: string;
  /** Hash of the code part alone, for the result. */
  readonly code: string;
}

export interface Plan {
  readonly suite: string;
  /** In an order in which inputs come first. */
  readonly jobs: readonly PlannedJob[];
}

/** A job's stopwatch. It measures and changes nothing: no result depends on it. */
export interface Phases {
  /** Time from now on counts to this phase, until the next call. Cheap, may be called a few times every step. */
  enter(phase: Phase): void;
}

/** What a worker hands to a job. */
export interface JobContext {
  readonly job: PlannedJob;
  /** The job's own folder while it runs. What it leaves here (but for `scratch/`) becomes its artifacts when it returns. */
  readonly folder: string;
  /** A folder that survives kills and is dropped at the end: checkpoints. Present already when the job is resumed. */
  readonly scratch: string;
  /** Folder of a finished input. */
  input(role: string): string;
  /** Reports progress; cheap, may be called every step. */
  progress(event: JobProgress): void;
  /** The checkpoints in `scratch` cannot be used, for this reason: the job starts anew, which its result and the terminal say. */
  startAnew(reason: string): void;
  /** A line for the job's log file. */
  log(line: string): void;
  readonly phases: Phases;
}

export interface JobProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: 'images' | 'steps';
  readonly loss?: number;
  readonly imagesPerSecond?: number;
}

/**
 * A job returns its own part of result.json (validated by results/schema before it is stored); the worker adds times,
 * memory and the job's identity. A throw fails the job: nothing of it enters the store.
 */
export type JobFunction = (context: JobContext) => Promise<JsonObject>;
/** Job kinds by name; loaded lazily so that the plan never loads the addon. */
export type JobKinds = Readonly<Record<string, () => Promise<JobFunction>>>;

export type JobState =
  | { readonly state: 'waiting' }
  | { readonly state: 'running'; readonly since: number; readonly progress: JobProgress | null }
  | { readonly state: 'cached' }
  | { readonly state: 'done'; readonly seconds: number }
  | { readonly state: 'failed'; readonly message: string; readonly log: string }
  | { readonly state: 'skipped'; readonly because: string };
