/**
 * An image set is what a data source prepares at one resolution: pixels and one record an image. Everything downstream
 * (subsets for pre-training, tasks, loaders) works on it by index.
 */
export interface ImageRecord {
  /** Unique in the set: `noto/1f436`, `test/rose/0012.jpg`, `train.bin#17`. */
  readonly id: string;
  /** Class as the source names it (emoji: the concept's name). */
  readonly label: string;
  /** A coarser class, where the source has one (Unicode subgroup, CIFAR-100 superclass). */
  readonly group: string | null;
  /** Who made the picture, where that must not leak (emoji: the artist family). */
  readonly domain: string | null;
  /** The split that the source itself fixes, where there is one. */
  readonly split: 'train' | 'val' | 'test' | null;
  /** Side of the WordNet split of the image's label; null where the label could not be resolved. */
  readonly side: Side | null;
}

/** A: inanimate. B: organisms with food and plant produce. */
export type Side = 'A' | 'B';

/** The cheap part of an image set: no pixel has been decoded. Enough for subsets, tasks and the plan. */
export interface ImageIndex {
  readonly name: string;
  /** Folder that the records' ids are paths in, where images are files of their own: tells whether two sets hold the same file. */
  readonly root?: string;
  readonly records: readonly ImageRecord[];
  /** Classes of dense annotations, which records do not tell: those of the source's dense tasks. Absent where records, or the source, do. */
  readonly classes?: readonly string[];
  /** Images that could not be decoded, known once the set has been prepared. No view holds one. */
  readonly unreadable?: readonly Unreadable[];
}

export interface Unreadable { readonly id: string; readonly reason: string }

/** An image set at one resolution, whose pixels may lie anywhere. */
export interface SizedSet extends ImageIndex {
  /** Height and width in pixels. */
  readonly size: number;
  /** 3: RGB; 4: RGBA with straight alpha (the loader puts a background behind). */
  readonly channels: 3 | 4;
  readonly unreadable: readonly Unreadable[];
}

/** What a prepared set may have beside its pixels. */
interface Prepared extends SizedSet {
  /** The same records as larger pictures, which random crops are cut from. Absent: they are cut from the set's own. */
  readonly crops?: StreamedSet;
}

export interface ImageSet extends Prepared {
  /** uint8, [records.length, size, size, channels], row-major. An unreadable image's pixels are zero and it is in no view. */
  readonly pixels: Uint8Array;
}

/** A set whose pixels stay in their file and are read picture by picture, since they are too many for memory. */
export interface StreamedSet extends Prepared {
  /** Path of a file with what `ImageSet.pixels` would hold. */
  readonly pixelsFile: string;
}

/** A prepared set as the loader takes it. */
export type PreparedSet = ImageSet | StreamedSet;

/** Which part of a source an entry pre-trains on. `random`: as many images as the splits, drawn from all. */
export type SubsetName = 'full' | 'split-a' | 'split-b' | 'random';

/** Images to pre-train on, as indices into the set's records. */
export interface PretrainView {
  readonly subset: SubsetName;
  readonly indices: readonly number[];
  readonly classes: number;
  /** How many of the images each broad group of classes has (emoji: Unicode group), most first. Absent where the source has none. */
  readonly groups?: readonly GroupCount[];
}

export interface GroupCount { readonly name: string; readonly images: number }

export interface Labelled { readonly indices: readonly number[]; readonly labels: readonly number[] }

/** What a task asks of an image: its class, the class of each pixel, or the objects in it. */
export const taskKinds = ['classification', 'segmentation', 'detection'] as const;
export type TaskKind = (typeof taskKinds)[number];

/** What downstream tasks have in common, at one seed. */
interface AnyTask {
  readonly name: string;
  /** Class names; labels are indices into it. */
  readonly classes: readonly string[];
  /** A or B where at least 90 % of the classes lie there, else mixed. */
  readonly side: Side | 'mixed';
  /** What a reader should know: held-out families, how the split was made. */
  readonly note: string;
}

/** `train`, `validation` and `test` are disjoint. */
export interface ClassificationTask extends AnyTask {
  readonly kind: 'classification';
  /** What the task reports first (methods.md 6.1). Both metrics are computed always. */
  readonly primary: 'top1' | 'mean_per_class';
  readonly train: Labelled;
  readonly validation: Labelled;
  readonly test: Labelled;
}

/** Records of a split; what is in the pictures is told by the set's annotations (data/dense.ts). */
export interface Pictures { readonly indices: readonly number[] }

/** `train`, `validation` and `test` are disjoint. */
export interface DenseTask extends AnyTask {
  readonly kind: 'segmentation' | 'detection';
  readonly train: Pictures;
  readonly validation: Pictures;
  readonly test: Pictures;
}

/** One downstream task at one seed. */
export type TaskView = ClassificationTask | DenseTask;
