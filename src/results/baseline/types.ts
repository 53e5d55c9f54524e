import type { ImageMatches } from '../../metrics/index.js';
import type { Measure } from '../comparison.js';

/** Raised when a reader of the old form would be wrong. */
export const baselineVersion = 1;

/** Numbers of one finished run, to compare later runs with: `baselines/recorded/NAME.json` (schemas/baseline.schema.json). */
export interface Baseline {
  readonly schema: typeof baselineVersion;
  readonly name: string;
  readonly suite: string;
  /** Of entries, model, data and tasks: another one is said, and compared all the same. */
  readonly setup: string;
  /** The project's version, and when the run's last result was finished (ISO 8601, UTC). */
  readonly version: string;
  readonly createdAt: string;
  /** Where the results were made, each kind of machine and runtime once, as text. */
  readonly environments: readonly string[];
  /** Test images by their hash: how many, and of classification their labels. Cells name the hash. */
  readonly images: Readonly<Record<string, TestImages>>;
  readonly cells: readonly BaselineCell[];
  readonly speeds: readonly BaselineSpeed[];
}

export interface TestImages { readonly n: number; readonly classes: number; readonly labels: readonly number[] | null }

/** One (entry, task, protocol, seed). */
export interface BaselineCell {
  readonly entry: string;
  readonly task: string;
  readonly protocol: string;
  readonly seed: number;
  /** Key of the job that made it. */
  readonly key: string;
  readonly protocolHash: string;
  /** Hash of the options that it was judged with: the protocol's, or the entry's own in their place. */
  readonly optionsHash: string;
  readonly metricVersion: number;
  /** The metric that stands for accuracy. */
  readonly primary: string;
  /** What tables show of it, fractions. */
  readonly values: Readonly<Partial<Record<Measure, number>>>;
  /** Hash of the test images' ids, their labels and the classes. */
  readonly images: string;
  /** Of all pictures and annotations of the task's data (of embedded data the packages that they are drawn from, not the code that draws). Absent in older baselines. */
  readonly fingerprint?: string;
  readonly perImage: CompactImages;
}

/** What a paired test needs of every test image, in the order of the images. */
export type CompactImages =
  /** Base64 of one bit an image, the first in the lowest bit of the first byte: whether it was told right. */
  | { readonly kind: 'classification'; readonly correct: string }
  /** As in SegmentationTransfer. */
  | { readonly kind: 'segmentation'; readonly counts: readonly (readonly number[])[] }
  /** As in DetectionTransfer, with the scores' ranks (1 the lowest) instead of scores: AP depends on their order alone. */
  | { readonly kind: 'detection'; readonly box: readonly ImageMatches[]; readonly mask: readonly ImageMatches[] | null };

/** Of one entry in one speed job: seconds of a step by round, `outside` with batches that were made before, `inside` with the loader. */
export interface BaselineSpeed {
  readonly model: string;
  readonly entry: string;
  readonly batchSize: number;
  readonly loaders: number;
  /** Hash of the first images, which all entries see. */
  readonly imagesHash: string;
  /** Hash of the model's sizes and of the entry's method with its options. */
  readonly settings: string;
  readonly environment: string;
  readonly outside: readonly number[];
  readonly inside: readonly number[];
}

