import type { Step } from './cases.js';
import type { Device } from './contestants.js';
import type { OthersFound } from './others.js';
import type { Augmentation, DeviceMemory, Operation } from './contestant/messages.js';

/** What one run of the bench leaves as JSON. Speeds are images a second, one number a round. */
export interface BenchResult {
  readonly schema: 2;
  readonly name: string;
  readonly machine: BenchMachine;
  readonly settings: { readonly rounds: number; readonly seconds: number; readonly device: Device };
  readonly partsLeftOut: readonly LeftOut[];
  readonly speed: readonly SpeedResult[];
  readonly methods: readonly MethodsResult[];
  readonly loader: readonly LoaderResult[];
  readonly layouts: readonly LayoutResult[];
  readonly layoutsLeftOut: readonly LeftOut[];
  readonly switches: SpeedResult | null;
  readonly peakMemory: PeakMemory | null;
  readonly flatMemory: FlatMemory | null;
  readonly profiles: readonly Profile[];
}

export interface BenchMachine {
  readonly date: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly instructions: readonly string[] | null;
  readonly kernel: string;
  /** One, five and fifteen minutes, before the first process was started. */
  readonly load: readonly number[];
  /** What else ran during the timed turns. Null where none was timed, or nothing tells; absent from results of before it was looked at. */
  readonly others?: OthersFound | null;
  /** Of everything that ran, as it said itself. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface CaseFacts { readonly name: string; readonly step: Step; readonly batch: number; readonly parameters: number }

/** A contestant or a part that did not run, and why. */
export interface LeftOut { readonly name: string; readonly reason: string }

/** Images a second of contestants that ran in turns, one number a round. */
export type Sitting = Readonly<Record<string, readonly number[]>>;

export interface SpeedResult {
  readonly case: CaseFacts;
  /** Of each process. */
  readonly threads: number;
  /** One after the other. A contestant may be in several; only those of one were in turns, so what slowed the machine meanwhile is in no ratio of theirs. */
  readonly sittings: readonly Sitting[];
  /** Largest relative difference of the check's values to those of the first contestant. */
  readonly differences: Readonly<Record<string, number>>;
  readonly leftOut: readonly LeftOut[];
  /** With a GPU. */
  readonly deviceMemory?: Readonly<Record<string, DeviceMemory>>;
}

/** MixedAE's traced step beside MAE's. */
export interface MethodsResult {
  readonly size: string;
  /** Source images of a step. */
  readonly batch: number;
  /** Of each process. */
  readonly threads: number;
  /** Source images a second. */
  readonly rates: Readonly<Record<'mae' | 'mixedae', readonly number[]>>;
  /** Multiply-adds x 2 of a source image in a training step. */
  readonly flops: Readonly<Record<'mae' | 'mixedae', number>>;
}

/** What a traced step waits for its inputs. */
export interface LoaderResult {
  readonly case: CaseFacts;
  /** Of the process's tensors. */
  readonly threads: number;
  readonly cores: number;
  /** By augmentation and number of loader threads: seconds a step waited and took, one number a round. */
  readonly turns: readonly { readonly augmentation: Augmentation; readonly loaders: number; readonly waited: readonly number[]; readonly stepped: readonly number[] }[];
}

/** One process with all threads against one process a core, for one contestant. */
export interface LayoutResult {
  readonly case: CaseFacts;
  readonly contestant: string;
  readonly cores: number;
  readonly together: readonly number[];
  readonly apart: readonly number[];
}

export interface PeakMemory { readonly case: CaseFacts; readonly threads: number; readonly bytes: Readonly<Record<string, number>>; readonly leftOut: readonly LeftOut[] }

/** Resident memory of a traced process after so many steps. */
export interface FlatMemory { readonly case: CaseFacts; readonly points: readonly { readonly steps: number; readonly bytes: number }[] }

export interface Profile {
  readonly case: CaseFacts;
  readonly threads: number;
  /** Milliseconds of the whole step, traced, in the same process layout. */
  readonly tracedMilliseconds: number;
  /** Each operation by itself, as eager mode runs it. */
  readonly operations: readonly Operation[];
}
