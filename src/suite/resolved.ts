import type { JsonObject } from '../files.js';

/** A suite after validation: every default filled in, seeds listed, frozen. What the plan is made from and the report shows. */
export interface ResolvedSuite {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly seeds: readonly number[];
  readonly engine: { readonly threads: number; readonly device: 'auto' | 'cpu' | 'cuda'; readonly precision: 'f32' | 'bf16' };
  readonly model: ResolvedModel;
  readonly data: readonly ResolvedData[];
  readonly entries: readonly ResolvedEntry[];
  readonly tasks: readonly ResolvedTask[];
  readonly protocols: readonly ResolvedProtocol[];
  /** Entry that differences are shown against; null: none. */
  readonly reference: string | null;
  /** Null: no speed is measured. */
  readonly speed: ResolvedSpeed | null;
  /** Absent: encoders are judged at the end of their schedules alone. */
  readonly snapshots?: ResolvedSnapshots;
  /** Images for which attention maps are drawn: how many, or which, as <data set>/<task>/<image>. */
  readonly attention: number | readonly string[];
  /** What a run may lose against a baseline, where the suite says it. It changes no job. */
  readonly gate?: { readonly tolerance?: number; readonly slower?: number };
  /** Absent: none. They change no job. */
  readonly claims?: readonly ResolvedClaim[];
}

/** A statement about results, and what decides it. Names that do not stand in the suite have left its lists. */
export interface ResolvedClaim {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly expression: ClaimExpression;
  readonly bound: ClaimBound;
  /** Why the suite does not ask it: what it lacks. Null: it does. */
  readonly lacks: string | null;
  /** Tables that a file of claims names and the suite does not have: the claim is asked without them. */
  readonly without: readonly string[];
}

/** Tables of attention and objects, which belong to no protocol. */
export type OverlapTable = 'overlap' | 'overlap-above-disc';

export type ClaimExpression =
  | { readonly difference: ClaimPair & ClaimPlace }
  | { readonly order: ClaimPair & { readonly more_on: ClaimPlace; readonly than_on: ClaimPlace } }
  | { readonly best_on: { readonly entry: string; readonly against: readonly string[] } & ClaimPlace }
  | { readonly ratio: ClaimPair & { readonly quantity: ClaimQuantity; readonly models?: readonly string[] } }
  | { readonly information: ClaimPair };

export interface ClaimPair { readonly entry: string; readonly against: string }

/** Cells that a claim is about. `tasks`, `side`: all where it is not there. */
export interface ClaimPlace { readonly tables: readonly string[]; readonly tasks?: readonly string[]; readonly side?: 'A' | 'B' }

export type ClaimQuantity = 'pretrain_flops' | 'flops_per_image' | 'flops_per_schedule' | 'images_per_second' | 'seconds_per_step' | 'seconds_per_schedule';

/** What the effect must keep to; `tolerance` beyond `value` still does. */
export interface ClaimBound { readonly kind: 'above' | 'at_least' | 'below' | 'at_most'; readonly value: number; readonly tolerance: number }

/** Sizes of the vision transformer of every entry, in full also where the file gives a standard name alone. */
export interface ResolvedModel {
  readonly name: string;
  readonly image_size: number;
  readonly patch_size: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly mlp_ratio: number;
}

/** A speed measurement of every entry that pre-trains, one for each model. */
export interface ResolvedSpeed {
  readonly models: readonly ResolvedModel[];
  readonly batch_size: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly loaders: number;
}

/** Encoders that are judged before the end of their schedules. */
export interface ResolvedSnapshots {
  /** Shares of the steps, ascending. */
  readonly at: readonly number[];
  /** Names, in the suite's order. */
  readonly protocols: readonly string[];
}

export interface ResolvedData { readonly name: string; readonly source: string; readonly options: JsonObject }

/** How long an entry pre-trains. `of`: as many steps as that many epochs of this other subset take (equal-steps control); with `flops_of` the subset of the epochs that are counted. */
export interface ResolvedSchedule {
  /** With `flops_of` those that it comes to at the first seed: 0 until the plan, which knows the data, has counted them. */
  readonly epochs: number;
  readonly of: 'full' | 'split-a' | 'split-b' | 'random' | null;
  /** Entry whose FLOPs, with all that it rests on, this one's are to reach (equal-compute control). */
  readonly flops_of?: string;
}

export interface ResolvedPretrain {
  readonly data: string;
  readonly subset: 'full' | 'split-a' | 'split-b' | 'random';
  readonly batch_size: number;
  readonly schedule: ResolvedSchedule;
}

/** An entry that pre-trains. */
export type TrainedEntry = ResolvedEntry & { readonly pretrain: ResolvedPretrain };

export interface ResolvedEntry {
  readonly name: string;
  readonly title: string;
  readonly method: string;
  /** Null for methods that pre-train on nothing. */
  readonly pretrain: ResolvedPretrain | null;
  /** Entry with whose finished weights pre-training begins; null: from random ones. */
  readonly start: string | null;
  /** Method options, defaults filled in. */
  readonly options: JsonObject;
  /** All protocol options of this entry where it searches other values than the suite, by protocol name. */
  readonly protocols: Readonly<Record<string, JsonObject>>;
  /** One of the encoders among which the oracle of this entry takes the best on test. No row of a comparison. */
  readonly oracle_of?: string;
}

/** `name` is `<data>/<task>`. */
export interface ResolvedTask { readonly name: string; readonly data: string; readonly task: string }

export interface ResolvedProtocol {
  readonly name: string;
  readonly options: JsonObject;
  /** Hash of name, options (the suite's, without an entry's own grid) and a precision other than f32. Printed with every number. 12 hex digits. */
  readonly hash: string;
}
