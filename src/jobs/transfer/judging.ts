import type { PreparedSet, TaskView } from '../../data/image-set.js';
import type { DenseArguments, DetectionJudgement, Judgement, SegmentationJudgement } from '../../protocols/protocol.js';
import type { ClassificationTransfer, DetectionTransfer, SegmentationTransfer } from '../../results/types.js';
import type { JobContext } from '../../runner/job.js';
import type { TransferConfig } from '../configs.js';

/** What a cell of any kind is judged with. */
export interface Judging<T = TaskView> {
  readonly context: JobContext;
  readonly config: TransferConfig;
  readonly set: PreparedSet;
  readonly task: T;
  readonly common: Pick<DenseArguments, 'engine' | 'model' | 'options' | 'seed' | 'progress' | 'log' | 'phases'>;
}

/** The part of a result that differs between the kinds of tasks. */
type Own<B extends { readonly taskKind: string }, Further extends keyof B = never> = Pick<B, 'taskKind' | Extract<keyof B, 'primary' | 'metrics' | 'perImage' | 'trainAccuracy' | 'chance' | 'largestClass' | 'failedToLearn'> | Further>;

/** A judgement, and how it holds against the truth of the test images. */
export type Judged =
  | { readonly judgement: Judgement; readonly judged: Own<ClassificationTransfer, 'untrained'> }
  | { readonly judgement: SegmentationJudgement; readonly judged: Own<SegmentationTransfer, 'perClass' | 'confusion' | 'pictures'> }
  | { readonly judgement: DetectionJudgement; readonly judged: Own<DetectionTransfer, 'perClass' | 'confusion' | 'precision' | 'pictures'> };
