/** What is compared: boxes or instance masks. */
export type OverlapType = 'bbox' | 'segm';

/**
 * Who comes first of detections of equal score. null: nobody; they enter the curve together, and within an image the one further
 * left (then further up, narrower, lower, then of the larger mask, then of the smaller run lengths) is matched first, so that no order
 * of images or detections can change a number. `pycocotools`: images in the order given, and within an image detections in the order
 * given. Of two objects that a detection overlaps equally it takes the later one in either case, as pycocotools does.
 */
export type Compat = 'pycocotools' | null;

export interface CocoOptions {
  /** Number of classes; categories are 0..classes-1. */
  readonly classes: number;
  /** Default null. */
  readonly compat?: Compat;
  /** Detections of an image and class that count, the surest first, ascending; default [1, 10, 100]. AP counts the last. */
  readonly maxDets?: readonly [number, number, number];
  /** Whose pixels decide a detection's area range: default `box` for boxes, `mask` for masks. pycocotools takes the box wherever a results file has one. */
  readonly detectionArea?: 'box' | 'mask';
}

/**
 * COCO's twelve numbers, in [0, 1]; -1 where no object counts. AP is the mean over IoU 0.5 to 0.95, classes and 101 recall points;
 * AR the mean over the same IoUs and classes of the largest recall, with the first, second and third of `maxDets`.
 */
export interface CocoSummary {
  readonly AP: number;
  readonly AP50: number;
  readonly AP75: number;
  readonly APs: number;
  readonly APm: number;
  readonly APl: number;
  readonly AR1: number;
  readonly AR10: number;
  readonly AR100: number;
  readonly ARs: number;
  readonly ARm: number;
  readonly ARl: number;
}

/** How the detections of one class in one image were matched: all that an AP is made of. Plain data; JSON keeps it exactly. */
export interface CategoryMatches {
  readonly category: number;
  /** Objects that count. */
  readonly truths: number;
  /** The surest first. */
  readonly scores: readonly number[];
  /** For each score: bit t is set where the detection has an object at IoU threshold t (0.5 + 0.05 t, t in 0..9). */
  readonly matched: readonly number[];
  /** For each score: bit t is set where it is neither right nor wrong at threshold t. */
  readonly ignored: readonly number[];
}

/** Of one image, by ascending category; classes with neither objects nor detections are left out. */
export type ImageMatches = readonly CategoryMatches[];

export interface CategoryPrecision {
  readonly category: number;
  /** Objects that count. */
  readonly truths: number;
  readonly AP: number;
  readonly AP50: number;
  readonly AP75: number;
  /** Precision at recall 0, 0.01, ... 1, at IoU 0.5 and 0.75: float64 [101]. */
  readonly curve50: Float64Array;
  readonly curve75: Float64Array;
}

export interface Precision {
  /** Means over the classes that have objects; -1 where none has. */
  readonly AP: number;
  readonly AP50: number;
  readonly AP75: number;
  /** Classes that have objects, ascending; the others are left out of the means. */
  readonly categories: readonly CategoryPrecision[];
}

export interface CocoEvaluation {
  readonly type: OverlapType;
  readonly maxDets: readonly [number, number, number];
  readonly summary: CocoSummary;
  readonly categories: readonly CategoryPrecision[];
  /** By image, for objects of all sizes: `averagePrecision(matches)` gives AP, AP50 and AP75 again, also of images drawn with repetition. */
  readonly matches: readonly ImageMatches[];
}
