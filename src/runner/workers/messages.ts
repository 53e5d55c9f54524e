import type { JsonObject } from '../../files.js';
import type { JobProgress, PlannedJob } from '../job.js';

/** What a worker is started with. */
export interface WorkerSetup {
  /** Process that must live for the worker to live. */
  readonly parent: number;
  readonly store: string;
  /** URL of a module that exports `jobKinds: JobKinds`, and may export `engineInfo(): Json`: what tensors have run on since
   * it was last called, null for no tensors. */
  readonly jobs: string;
  /**
   * URL of a module that exports `validateResult(value: unknown)`, which throws for a result that is not as it should be, and
   * `resultVersion`, the number of the form that it takes (`schema` of a result). Null: no check.
   */
  readonly validator: string | null;
  /** Version of the project, for the results. */
  readonly version: string;
  /** machineFingerprint(). */
  readonly machine: string;
}

export type Request =
  /** `inputs`: role -> key. */
  | { readonly type: 'run'; readonly job: PlannedJob; readonly inputs: Readonly<Record<string, string>> }
  /** Calls a job function for what it returns; nothing enters the store. */
  | { readonly type: 'measure'; readonly kind: string; readonly config: JsonObject; readonly threads: number };

export type Reply =
  /** `seconds`: wall time of the job. */
  | { readonly type: 'done'; readonly seconds: number; readonly resumed: boolean }
  /** Another process finished it meanwhile. */
  | { readonly type: 'present' }
  /** Another process runs it now. */
  | { readonly type: 'held' }
  /** `broken`: by the tensor runtime, which another job would not find whole in this process. */
  | { readonly type: 'failed'; readonly message: string; readonly stack: string | null; readonly diskFull: boolean; readonly broken: boolean }
  | { readonly type: 'measured'; readonly body: JsonObject };

export type FromWorker =
  | Reply
  | { readonly type: 'progress'; readonly progress: JobProgress }
  /** The job goes on from checkpoints. */
  | { readonly type: 'resumed' }
  /** It starts anew although there were checkpoints. */
  | { readonly type: 'dropped'; readonly reason: string };
