import type { JsonObject } from '../files.js';
import type { ToldAnnotations } from './dense.js';
import type { ImageIndex, PretrainView, SizedSet, SubsetName, TaskKind, TaskView, Unreadable } from './image-set.js';

export interface TaskSummary {
  readonly name: string;
  readonly kind: TaskKind;
  /** true: for tuning only; a suite that reports it is refused. */
  readonly development: boolean;
  readonly description: string;
}

/**
 * Takes the pixels of one record, uint8 [size, size, channels], and those that random crops are cut from, uint8 [crops, crops, channels],
 * where the preparation has some. They may be written over once the promise is done.
 */
export type PutPixels = (index: number, pixels: Uint8Array, crops?: Uint8Array) => Promise<void>;

/** A set that is about to be decoded: all but the pixels, of which there may be more than memory holds. */
export interface Preparation extends Omit<SizedSet, 'unreadable'> {
  /** Pixels a side of the larger pictures that random crops are cut from. Absent: there are none. */
  readonly crops?: number;
  /** Decodes every image and hands it over, in any order. Gives those that cannot be decoded, which are not handed over. */
  decode(put: PutPixels): Promise<readonly Unreadable[]>;
  /** What is in the pictures, for sets with dense tasks. Called once, after `decode`. */
  annotations?(): Promise<ToldAnnotations>;
}

/**
 * Where images come from. One file or folder in `data/sources/`, one line in `data/sources/index.ts`.
 * `options` have been validated against `schema` and hold every default.
 */
export interface DataSource {
  readonly name: string;
  /** JSON schema (draft 2020-12 object schema, `additionalProperties: false`, defaults inside) of the options in a suite. */
  readonly schema: JsonObject;
  /** Built modules, relative to dist/, whose code decides what `prepare` gives (for the job's key). */
  readonly modules: readonly string[];
  /** Options that say where content lies and not what it is. `fingerprint` covers the content, so they are not in a job's key. */
  readonly locations?: readonly string[];
  /** Hash of the content that the source reads (files, package versions). DataError where it is missing. */
  fingerprint(options: JsonObject): Promise<string>;
  /** Records without decoding pixels. */
  index(options: JsonObject): Promise<ImageIndex>;
  /** Pixels a side that the source is prepared at, whatever the model's size. Absent: the model's. */
  size?(options: JsonObject): number;
  /** Pixels a side of the pictures that random crops are cut from, at least `prepare`'s size. Absent or undefined: from those that are prepared at that size. */
  cropsFrom?(options: JsonObject): number | undefined;
  /** The set at `size` x `size`. `progress(done, total)` counts decoded images. */
  prepare(options: JsonObject, size: number, progress: (done: number, total: number) => void): Promise<Preparation>;
  /** Names of the tasks that the source offers. */
  tasks(options: JsonObject): Promise<readonly TaskSummary[]>;
  /** Images for pre-training. No image of a downstream class or test split is in it. DataError for a subset that it has not. */
  pretrain(index: ImageIndex, options: JsonObject, subset: SubsetName, seed: number): PretrainView;
  /** One task at one seed. DataError with the nearest name for an unknown task. */
  task(index: ImageIndex, options: JsonObject, name: string, seed: number): TaskView;
  /** Licences and credits, for the report's footer. */
  readonly credits: readonly string[];
}
