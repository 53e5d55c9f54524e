import type { Json, JsonObject } from '../files.js';
import type { ImageMatches } from '../metrics/index.js';
import type { PhaseSeconds } from '../phases.js';
import type { ResolvedClaim } from '../suite/resolved.js';
import type { EngineFacts } from './engine-schema.js';

/**
 * What a finished job leaves as `result.json`. Validated against schemas/result.schema.json on write and on read.
 * `schema` is raised when a reader of the old form would be wrong.
 */
export interface ResultHead {
  readonly schema: 2;
  readonly key: string;
  readonly id: string;
  readonly kind: string;
  readonly config: JsonObject;
  readonly inputs: Readonly<Record<string, string>>;
  /** Hash of the code in the key, and the project's version. */
  readonly code: string;
  readonly version: string;
  readonly seed: number | null;
  readonly environment: Environment;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  /** Where `wallSeconds` went. Absent in results that were made before it was measured. */
  readonly phases?: PhaseSeconds;
  /**
   * Share of the time for steps and evaluations, 0..1, in which they waited for their inputs (`waitedShare` of `phases`).
   * null for a job that does neither. Absent in older results.
   */
  readonly waitedShare?: number | null;
  /** true when the job went on from a checkpoint after an interruption. Times are then those of the last part. */
  readonly resumed: boolean;
}

export interface Environment {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** What tensors ran on; null for a job that used none. */
  readonly engine: EngineFacts | null;
}

export interface PrepareBody {
  readonly kind: 'prepare';
  readonly source: string;
  readonly size: number;
  /** Pixels a side of the larger pictures that random crops are cut from. Absent where there are none, and in older results. */
  readonly crops?: number;
  readonly images: number;
  readonly classes: number;
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
  /** Annotations that the source passed over, as its format's own tools do; the job's log names them. Absent where there are none, and in older results. */
  readonly leftOut?: number;
  /** Objects that are not as they should be and are taken as the format's own tools take them (an outline that crosses itself, a mask without a pixel, a box to find without an area); the job's log names them. Absent where there are none, and in older results. */
  readonly asIs?: number;
  /** Test images with the pixels of an image to train on, by their ids. Absent where there are none, and in older results. */
  readonly copies?: readonly { readonly test: string; readonly train: string }[];
  readonly credits: readonly string[];
}

interface UnitCount { readonly name: string; readonly count: number }
interface FlopsPart { readonly name: string; readonly flops: number }

/** Means over a window of steps; `step` and `lr` of its last one. */
interface PretrainPoint {
  readonly step: number;
  readonly loss: number;
  readonly lr: number;
  readonly diagnostics?: Readonly<Record<string, number>>;
}

/** Which expert each cluster of the pre-training images goes to, in one block. */
export interface Routing {
  readonly block: number;
  /** By cluster: its expert, counted from 0, and the gate's value of it, 0..1. */
  readonly chosen: readonly number[];
  readonly gates: readonly number[];
  /** By expert: the share of the images that it gets, 0..1. */
  readonly loads: readonly number[];
}

/** The same on the way, after so many finished steps. */
export interface EarlierRouting { readonly step: number; readonly blocks: readonly Routing[] }

export interface PretrainBody {
  readonly kind: 'pretrain';
  readonly method: string;
  readonly parameters: number;
  readonly images: number;
  readonly classes: number;
  /** How many of `images` each broad group of classes has, most first (emoji: Unicode groups). Absent where the source has none, and in older results. */
  readonly groups?: readonly UnitCount[];
  readonly steps: number;
  /** Source images, whatever views or mixtures are made of them: steps x batch. 0 for scratch and checkpoint. */
  readonly imagesSeen: number;
  /** What was made of them to train on (mixed sequences, views). Absent: nothing else. */
  readonly units?: readonly UnitCount[];
  readonly flops: number;
  /** Parts of `flops` that are told apart. Absent: none. */
  readonly flopsParts?: readonly FlopsPart[];
  readonly curve: readonly PretrainPoint[];
  /** What the points' diagnostics are. */
  readonly diagnostics: readonly { readonly name: string; readonly title: string; readonly label: string; readonly unit: 'loss' | 'share' | 'nats'; readonly note?: string }[];
  readonly finalLoss: number | null;
  readonly imagesPerSecond: number | null;
  /** Why no comparison is drawn from the encoder: the method says that its training collapsed. null: not. Absent where a method does not watch for it. */
  readonly collapsed?: { readonly reason: string } | null;
  /** There: it has collapsed too when k-NN with its encoder is not above k-NN with the scratch entry's. */
  readonly knnShowsCollapse?: true;
  /** At the end of training, block by block. Absent where clusters are not routed. */
  readonly routing?: readonly Routing[];
  /** Ascending: before the first step, and after 25, 50 and 75 % of them. Absent in results that were made before it was kept. */
  readonly earlierRouting?: readonly EarlierRouting[];
  /**
   * Of the encoders that were kept on the way, ascending, and last (share 1) of the end: what the training had taken up to there, without what
   * it rests on. `seconds`: of its steps with the wait for their inputs, at the mean of those that were timed; no checkpoint, no compiling; null where no
   * step was timed. Absent where none was asked for.
   */
  readonly snapshots?: readonly SnapshotCost[];
  /** Absent where the method tells no hidden patches, where the data has no image that is not trained on, and in older results. */
  readonly heldOut?: HeldOut;
  /** PNG beside result.json, with its column titles; null where there is none. */
  readonly preview: { readonly file: string; readonly columns: readonly string[]; readonly rows: number } | null;
  /** Safetensors with timm names, beside result.json. */
  readonly encoder: 'encoder.safetensors';
}

/**
 * Images of the data set that no pre-training of the suite sees, and the mean squared error of each one's hidden patches, mean over some masks. Errors of two
 * results at equal `ids`, `masks` (a hash) and `target` are of the same question.
 */
export interface HeldOut { readonly ids: readonly string[]; readonly errors: readonly number[]; readonly masks: string; readonly target: 'normalised patches' | 'normalised pixels' }

/** `cpuSeconds`: the process's processor time in `seconds`; null also where loader threads took of it, absent in older results. */
interface SnapshotCost { readonly share: number; readonly steps: number; readonly imagesSeen: number; readonly flops: number; readonly seconds: number | null; readonly cpuSeconds?: number | null }

/** The clustered images of a pre-training view. */
export interface ClusterBody {
  readonly kind: 'cluster';
  readonly algorithm: 'sinkhorn' | 'k-means' | 'random';
  readonly images: number;
  /** Images of each cluster. */
  readonly sizes: readonly number[];
  /** Share of the images whose label is their cluster's most frequent, of those that have one; null where none has. */
  readonly purity: number | null;
  readonly unlabelled: number;
  /** The same by the label's side of the WordNet split. */
  readonly sidePurity: number | null;
  readonly sideless: number;
  /** Mean cosine of an image's feature to its own cluster's centre. */
  readonly meanCosine: number;
  /** Multiply-adds counted twice: the encoder forward, and products with the centres. */
  readonly flops: number;
  /** PNG beside result.json: a row for each of the largest clusters, the images nearest to its centre. */
  readonly gallery: { readonly file: string; readonly clusters: readonly number[]; readonly columns: number };
}

/** An entry's encoder for one task. */
export interface SearchBody {
  readonly kind: 'search';
  readonly method: string;
  readonly task: string;
  /** The task's training images. */
  readonly images: number;
  /** How many of them each cluster is the nearest of. */
  readonly votes: readonly number[];
  /** Per block with experts: which one was taken, the votes of all, the factor that its gate has left in it, and experts that were trained on too little to be taken. */
  readonly layers: readonly { readonly block: number; readonly expert: number; readonly votes: readonly number[]; readonly gate: number; readonly dead: readonly number[] }[];
  /** Multiply-adds counted twice. */
  readonly flops: number;
  /** Safetensors with timm names, beside result.json. */
  readonly encoder: 'encoder.safetensors';
}

/** What an encoder's class token looks at in its last block, for some training images of a task. */
export interface AttentionBody {
  readonly kind: 'attention';
  readonly task: string;
  /** Of an image. */
  readonly patches: number;
  readonly heads: number;
  /** `largest`: by head, the largest weight on a patch, 0..1, of softmax over all tokens; an even spread gives each 1 / (patches + 1). */
  readonly images: readonly { readonly id: string; readonly largest: readonly number[] }[];
  /** PNG beside result.json: a row an image, first the image itself, then each head's weights over it. */
  readonly picture: string;
  /** Safetensors beside result.json: `weights` [images, heads, patches]. */
  readonly weights: string;
}

/** How far an encoder's attention lies on the objects of a segmentation task's test images. */
export interface OverlapBody {
  readonly kind: 'overlap';
  readonly task: string;
  readonly heads: number;
  /** Of the attention's weight, on the patches that are kept. */
  readonly share: number;
  /**
   * Jaccard indices with all that is not background, 0..1, by image that shows one: `jaccard` of each head; of the image's best head `disc`, a disc in the middle as large as its
   * kept patches; `random`: the best head of the same encoder before any training.
   */
  readonly perImage: { readonly ids: readonly string[]; readonly jaccard: readonly (readonly number[])[]; readonly disc: readonly number[]; readonly random: readonly number[] };
  /** Multiply-adds counted twice. */
  readonly flops: number;
}

export interface FeaturesBody {
  readonly kind: 'features';
  readonly task: string;
  readonly width: number;
  readonly images: number;
  /** Multiply-adds counted twice, forward only. */
  readonly flops: number;
}

/** One cell. Which entry it belongs to is in the plan's tags: two entries that come to the same job share it. */
interface AnyTransfer {
  readonly kind: 'transfer';
  readonly task: string;
  readonly side: 'A' | 'B' | 'mixed';
  readonly note: string;
  readonly protocol: string;
  readonly protocolHash: string;
  readonly seed: number;
  readonly classes: readonly string[];
  readonly nTrain: number;
  readonly nValidation: number;
  readonly nTest: number;
  /** Version of metrics/, raised when a value would change. */
  readonly metricVersion: number;
  readonly primary: string;
  readonly metrics: readonly MetricValue[];
  /** On its own training images: accuracy, mIoU, or box AP at IoU 0.5. */
  readonly trainAccuracy: number;
  /** Of classification 1 / number of classes, else 0. */
  readonly chance: number;
  /**
   * What saying the most frequent class among training and validation images (segmentation: their pixels) reaches, 0..1: its share, or its mIoU. Of detection, in box AP at IoU 0.5,
   * the best of 20 guesses that look at no image. Absent in older results.
   */
  readonly largestClass?: number;
  /** `failsToLearn` of trainAccuracy, chance and largestClass. */
  readonly failedToLearn: boolean;
  readonly curve: readonly { readonly step: number; readonly loss: number }[];
  readonly trials: readonly { readonly options: JsonObject; readonly validation: number; readonly diverged: boolean }[];
  readonly chosen: JsonObject;
  readonly atEdge: readonly string[];
  readonly imagesSeen: number;
  readonly flops: number;
}

export interface ClassificationTransfer extends AnyTransfer {
  readonly taskKind: 'classification';
  /** Value of `primary` with the encoder as it was before training, judged alike; of k-NN, where a collapse would show by it. */
  readonly untrained?: number;
  readonly perImage: { readonly ids: readonly string[]; readonly labels: readonly number[]; readonly predictions: readonly number[] };
}

export interface SegmentationTransfer extends AnyTransfer {
  readonly taskKind: 'segmentation';
  /** `counts`: by image, of each class that is in its truth or its prediction, one after the other: class, pixels right, predicted wrongly, missed. */
  readonly perImage: { readonly ids: readonly string[]; readonly counts: readonly (readonly number[])[] };
  /** IoU over all test images, by class; null where no test image has it. */
  readonly perClass: readonly (number | null)[];
  /** Judged pixels of each true class (row) by predicted class, row-major [classes, classes]. */
  readonly confusion: readonly number[];
  readonly pictures: ShownPictures | null;
}

export interface DetectionTransfer extends AnyTransfer {
  readonly taskKind: 'detection';
  /** By image, how COCO's matching went (metrics/coco), from which AP follows again. `mask`: null where the task has no masks. */
  readonly perImage: { readonly ids: readonly string[]; readonly box: readonly ImageMatches[]; readonly mask: readonly ImageMatches[] | null };
  /** AP over IoU 0.5 to 0.95, by class; null where no test image has it. */
  readonly perClass: { readonly box: readonly (number | null)[]; readonly mask: readonly (number | null)[] | null };
  /** Of the surest finds of each image, as many as there are objects (metrics/confused-objects): row-major [classes + 1, classes + 1], last of each is nothing. Absent in older results. */
  readonly confusion?: readonly number[];
  /** Precision at recall 0, 0.01, ..., 1, mean over classes, at IoU 0.5 and 0.75. */
  readonly precision: { readonly box: PrecisionCurves; readonly mask: PrecisionCurves | null };
  /** Test objects that have no mask, and all of them, where some have one and no masks are judged; 0: because no object that was trained on has one. Absent where masks are judged, and where no test object has one. */
  readonly unmasked?: { readonly objects: number; readonly of: number };
  readonly pictures: ShownPictures | null;
}

export interface PrecisionCurves { readonly at50: readonly number[]; readonly at75: readonly number[] }

/**
 * Some test images as a PNG beside result.json: a row an image, square tiles of `tile` pixels side by side as `columns` says, with gaps of 4 pixels between tiles and between rows. The best images come
 * first, the worst last, by `value`: of segmentation the mIoU over the classes in the image, of detection the F1 score at IoU 0.5 of the surest finds, as many as there are objects, 0..1.
 */
export interface ShownPictures { readonly file: string; readonly tile: number; readonly columns: readonly string[]; readonly rows: readonly ShownPicture[] }

/** `truth` and `found`: objects to be drawn over the second and the third tile; none of segmentation. */
export interface ShownPicture { readonly id: string; readonly value: number; readonly truth: readonly ShownObject[]; readonly found: readonly ShownObject[] }

/** `box`: [left, top, width, height] in pixels of a tile. `score`: null for the truth. */
export interface ShownObject { readonly category: number; readonly score: number | null; readonly box: readonly number[] }

export type TransferBody = ClassificationTransfer | SegmentationTransfer | DetectionTransfer;

export interface MetricValue { readonly metric: string; readonly value: number; readonly unit: 'fraction' | 'images/s' | 's' }

/** Steps that were timed, and the seconds of all of them together. */
export interface TimedSteps { readonly steps: number; readonly seconds: number }

/** Training steps of all entries that pre-train, one model: a turn each in every round, in processes of their own, with nothing of the run beside them. */
export interface SpeedBody {
  readonly kind: 'speed';
  readonly model: string;
  /** Source images a step, for every entry; `asked`: the suite's, of which half is taken until all have room together. */
  readonly batchSize: number;
  readonly askedBatchSize: number;
  /** Threads of each entry that make batches ahead. */
  readonly loaders: number;
  readonly turnSeconds: number;
  /** The machine's load over one, five and fifteen minutes before the job began. */
  readonly load: readonly number[];
  /** Hash of the ids of the first images, which all entries see. */
  readonly imagesHash: string;
  /** What the entries' processes ran on. */
  readonly engine: EngineFacts;
  /** Names in the order of their turns, by round. */
  readonly order: readonly (readonly string[])[];
  readonly entries: readonly SpeedEntryResult[];
}

export interface SpeedEntryResult {
  readonly name: string;
  readonly method: string;
  readonly parameters: number;
  /** Of the entry's own schedule, with the source images of one epoch and of all. What it starts from is not in it. */
  readonly epochs: number;
  readonly epochImages: number;
  readonly scheduleImages: number;
  /** Multiply-adds counted twice, forward and backward. */
  readonly flopsPerImage: number;
  readonly flopsParts: readonly { readonly name: string; readonly perImage: number }[];
  /** Of the whole schedule, at its own batch size. Absent in older results. */
  readonly flopsPerSchedule?: number;
  /** Highest resident memory of the entry's process, its preparation included. */
  readonly peakMemoryBytes: number;
  /** The same of a GPU's memory; null without one, or where the driver does not tell. */
  readonly peakDeviceMemory: { readonly bytes: number; readonly of: 'process' | 'device' } | null;
  /** By round: `outside` with batches that were made before, `inside` with the loader's waits in the time; highest resident memory of the turn, absent in older results. */
  readonly turns: readonly { readonly outside: TimedSteps; readonly inside: TimedSteps; readonly peakMemoryBytes?: number }[];
}

export type ResultBody = PrepareBody | SpeedBody | PretrainBody | ClusterBody | SearchBody | AttentionBody | OverlapBody | FeaturesBody | TransferBody;
export type Result<B extends ResultBody = ResultBody> = ResultHead & B;

/** The best test value of one (task, protocol, seed) of the entries with `oracle_of`. */
export interface OracleValue {
  /** Whose encoders they are. */
  readonly entry: string;
  readonly task: string;
  readonly protocol: string;
  readonly seed: number;
  readonly metric: string;
  readonly unit: MetricValue['unit'];
  readonly value: number;
  /** The suite's entry with the encoder, its transfer, and among how many it is the best. */
  readonly taken: string;
  readonly job: string;
  readonly of: number;
  readonly readsTestData: true;
}

/** Everything that a report is made from. Written to reports/<suite>/results.json (schemas/results.schema.json). */
export interface RunRecord {
  readonly schema: 2;
  readonly suite: Json;
  readonly suiteText: string;
  /** The project's, as its results tell it. */
  readonly version: string;
  /** When the last of its results was finished (ISO 8601, UTC), so that equal results give an equal record. */
  readonly createdAt: string;
  readonly complete: boolean;
  readonly results: readonly Result[];
  readonly failures: readonly Failure[];
  /** Jobs that are planned and neither finished nor failed. */
  readonly pending: readonly string[];
  /** Plan: id, key, kind, inputs and tags of every job. */
  readonly jobs: readonly { readonly id: string; readonly key: string; readonly kind: string; readonly inputs: Readonly<Record<string, string>>; readonly tags: Readonly<Record<string, string>> }[];
  /** Entries whose seeds are no independent repeats: shown, with no interval and no mark. */
  readonly sharedEncoders: readonly SharedEncoder[];
  /** Absent in records that were made before they were kept there. */
  readonly costs?: readonly EntryCost[];
  /** Present where the suite asks for it. */
  readonly speed?: readonly SpeedRow[];
  /** Absent where the suite asks for none. No part of any comparison. */
  readonly oracle?: readonly OracleValue[];
  /** Present where the suite judges encoders before the end of their schedules. */
  readonly snapshots?: Snapshots;
  /** Present where the suite has claims. */
  readonly claims?: readonly DecidedClaim[];
  /** PNG files of pre-training jobs (PretrainBody.preview), clusterings (ClusterBody.gallery), attention maps (AttentionBody.picture) and predictions (ShownPictures.file), base64, by the job's key: a report needs no store. */
  readonly previews?: Readonly<Record<string, string>>;
  /** Where the time of the results' jobs went; present where it was asked for. */
  readonly profile?: Profile;
  /** One line on each method and protocol, and on the file of an entry that has its encoder from one, by `method/NAME`, `protocol/NAME` and `entry/NAME`. */
  readonly descriptions?: Readonly<Record<string, string>>;
  /** By method, those of the suite that are re-statements of papers; absent where there is none, and in records that were made before it was kept. */
  readonly restatements?: Readonly<Record<string, Restatement>>;
}

/** A method whose paper could not be read whole, and what each of its parts is from. Clauses, without a full stop. */
export interface Restatement {
  /** What the method is called beside the paper's: `MoCE-style`. */
  readonly name: string;
  /** Of what: `MoCE (Liu et al. 2023, arXiv 2402.05382)`. */
  readonly of: string;
  /** What it is made from: `the paper's abstract and memory`. */
  readonly sources: string;
  /** Parts that were read in a source. */
  readonly found: readonly string[];
  /** Parts that are from memory of the paper, which nothing has checked. */
  readonly recalled: readonly string[];
  /** Parts that were not found, are our reading, or our choice. */
  readonly ours: readonly string[];
}

/** Where the time of all finished jobs of one kind went. Transfers count by protocol. */
export interface KindProfile {
  readonly kind: string;
  readonly jobs: number;
  /** Seconds of wall time, summed over the jobs: with several workers more than what passed. */
  readonly seconds: PhaseSeconds;
}

export interface Profile {
  /** In the order of the plan. */
  readonly kinds: readonly KindProfile[];
  /** Finished jobs whose results do not tell: they were made by a version that did not measure it. */
  readonly untold: number;
  /** Jobs that went on from a checkpoint: what they took before is not in. */
  readonly resumed: number;
}

/** What jobs took together. Wall times are information, never a comparison of speed; null where one of the jobs was resumed (its time is of its last part). */
export interface Spent {
  /** Source images. */
  readonly imagesSeen: number;
  /** Multiply-adds counted twice. */
  readonly flops: number;
  readonly wallSeconds: number | null;
}

/** Means over the finished seeds of an entry; `wallSeconds` over those where it is known. `imagesSeen`, `flops` and `wallSeconds` are of the entry's own training. */
export interface PretrainCost extends Spent {
  readonly seeds: number;
  readonly parameters: number;
  /** Images and classes of the subset. */
  readonly images: number;
  readonly classes: number;
  readonly steps: number;
  /** As in PretrainBody; absent where it is there. */
  readonly units?: readonly UnitCount[];
  readonly flopsParts?: readonly FlopsPart[];
  readonly imagesPerSecond: number | null;
  readonly finalLoss: number | null;
  /**
   * With everything that the training rests on, each job once: its start, and what that began with, and the clustering with its
   * features. Decoding of data sets is not in it. Null where a result of these is not there.
   */
  readonly withAncestors: Spent | null;
}

export interface TransferCost {
  /** Finished cells. */
  readonly cells: number;
  /** Sums over tasks and protocols, mean over seeds; features that protocols share, and an encoder's search, are in them, once. */
  readonly imagesSeen: number;
  readonly flops: number;
  /** Over the seeds of which no job was interrupted; null where there is none. */
  readonly wallSeconds: number | null;
}

/** What an entry cost. `pretrain`, `transfer`: null while no seed has finished. */
export interface EntryCost { readonly entry: string; readonly pretrain: PretrainCost | null; readonly transfer: TransferCost | null }

/** A mean of positive numbers with its 95 % interval over rounds or seeds; no interval for fewer than three. */
export interface Estimate { readonly n: number; readonly value: number; readonly low: number | null; readonly high: number | null }

export type SpeedQuantity =
  | 'images_per_second' | 'images_per_second_with_loader' | 'seconds_per_step' | 'seconds_per_step_with_loader'
  | 'seconds_per_epoch' | 'seconds_per_schedule' | 'peak_memory' | 'peak_device_memory' | 'flops_per_image' | 'flops_per_schedule';

/** One number of a speed job. Means are geometric, intervals of 95 % over rounds, `n` rounds. Counts have none, nor have peaks that were taken once. */
export interface SpeedRow {
  readonly model: string;
  readonly entry: string;
  readonly quantity: SpeedQuantity;
  readonly unit: 'images/s' | 's' | 'bytes' | 'FLOP';
  readonly estimate: Estimate;
  /** To the suite's reference, of paired rounds; null without one. */
  readonly ratio: Estimate | null;
  /** Not measured as a whole, but from so many steps. */
  readonly extrapolatedFromSteps: number | null;
  /** A part of `flops_per_image` that is told apart (a head). */
  readonly part: string | null;
  readonly job: string;
}

/** Accuracy against pre-training time. Points are there of (entry, protocol, seed)s that are judged at every share. */
export interface Snapshots {
  readonly points: readonly SnapshotPoint[];
  /** By protocol: every other trained entry against the suite's reference, where that trains; then of every two other methods the first entries on all data, the earlier against the later. */
  readonly ratios: readonly TimeRatio[];
  /**
   * Of which the seconds are: `processor`, where every training was of one thread on a CPU, tells its share of it and had no loader threads in its process, as other work then makes none of them longer;
   * else of the clock. Absent in older records: of the clock.
   */
  readonly time?: 'processor' | 'wall';
  /** With `processor`: the least and the largest share of one that a training had, with all that it rests on. Less than 1 is other work, or a wait for a disk. */
  readonly processorShares?: { readonly least: number; readonly most: number };
  /** Trainings that ran elsewhere than most, or in parts on several machines or runtimes: their times stand beside no others, so they are left out. */
  readonly otherEnvironments: number;
}

/** An encoder at a share of its schedule: what it had taken, with all that it rests on (a start, a clustering, whole), and what it was good for. */
export interface SnapshotPoint {
  readonly entry: string;
  readonly protocol: string;
  readonly seed: number;
  readonly share: number;
  /** Of its own training. */
  readonly steps: number;
  readonly images: number;
  readonly flops: number;
  /** As Snapshots.time says; null: not known of some part. */
  readonly seconds: number | null;
  /** Mean over the suite's tasks, fraction. */
  readonly accuracy: number;
  /** false: it failed to learn on a task. */
  readonly learned: boolean;
}

/** How many times the reference's pre-training time an entry takes to the highest accuracy that both reach. */
export interface TimeRatio {
  readonly entry: string;
  readonly reference: string;
  readonly protocol: string;
  /** `faster`, `slower`: the interval of the ratio leaves out 1. */
  readonly verdict: 'faster' | 'slower' | 'unresolved';
  /** Why it is unresolved; null where it is not. */
  readonly reason: string | null;
  /** Geometric mean over seeds of the ratios at each, with its 95 % t-interval on logarithms from three seeds on; null where there is none. */
  readonly ratio: Estimate | null;
  /** That accuracy, mean over the seeds; null where they have none in common. */
  readonly accuracy: number | null;
}

/** What the results say of a claim of the suite. */
export interface DecidedClaim extends Pick<ResolvedClaim, 'id' | 'text' | 'source' | 'bound'> {
  /** What is tested: `moce − mae > 0`. */
  readonly test: string;
  /** Of effects, intervals and bound: differences of fractions, ratios, shares of tasks, nats a value. */
  readonly unit: 'fraction' | 'ratio' | 'share' | 'nats';
  readonly verdict: ClaimVerdict | 'not-asked';
  /** Why it is not asked or unresolved; null where it is decided. */
  readonly reason: string | null;
  /** It is supported where all of them are, refuted where one is. Empty where it is not asked. */
  readonly parts: readonly ClaimPart[];
}

export type ClaimVerdict = 'supported' | 'refuted' | 'unresolved';

/** One number of a claim: a table's, or a speed measurement's. */
export interface ClaimPart {
  readonly on: string;
  readonly protocolHashes: readonly string[];
  readonly verdict: ClaimVerdict;
  /** Null where there is nothing to measure it by. */
  readonly effect: number | null;
  /** 95 %, of what `over` says; of what is counted, the smallest and the largest. Null where there is none. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly over: string;
  /** Why it is unresolved; null where it is not. */
  readonly reason: string | null;
  /** How many in all would decide it, each by itself, if effect and spread stay as they are. Empty where nothing of the kind would, or it is decided. */
  readonly settledBy: readonly { readonly what: 'seeds' | 'test images' | 'held-out images' | 'rounds'; readonly count: number }[];
  /**
   * How far the truth would have to lie from the bound to be shown in 4 of 5 repetitions, in the unit; of a share of tasks how far entries would have to differ on each open
   * one, a fraction. Null where nothing tells, as with fewer than three seeds, or it is decided. Older results do not have it.
   */
  readonly detectable?: number | null;
}

/** `reason`: for people, why the entry has no interval ("one encoder, 3 transfers"). */
export interface SharedEncoder { readonly entry: string; readonly transfers: number; readonly reason: string }

export interface Failure { readonly id: string; readonly key: string; readonly message: string; readonly log: string; readonly tags: Readonly<Record<string, string>> }
