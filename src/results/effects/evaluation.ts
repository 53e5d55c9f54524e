import { accuracyOf, averagePrecisionOf, meanPerClassOf, miouOf, type Statistic } from '../../metrics/stats/index.js';
import { measureValue, type Measure } from '../comparison.js';
import type { TransferBody } from '../types.js';

/** One encoder judged on a task's test images, by one of its measures: what paired tests need of it. */
export interface Evaluation {
  readonly seed: number;
  /** As it stands in the tables, fraction. */
  readonly value: number;
  /** Of the test images. */
  readonly ids: readonly string[];
  /** By image, the name of its class; null where images have none of their own. */
  readonly classes: readonly string[] | null;
  /** The value of images drawn with repetition; weights in the order of `ids`. */
  readonly statistic: Statistic;
  /** By image, whether its class was said; null where the measure is not the share of these. */
  readonly right: readonly boolean[] | null;
}

export function evaluationOf(result: TransferBody, measure: Measure): Evaluation {
  const { seed, perImage: { ids } } = result;
  const common = { seed, value: measureValue(result, measure), ids };
  switch (result.taskKind) {
    case 'classification': {
      const { labels, predictions } = result.perImage;
      const right = labels.map((label, i) => label === predictions[i]);
      const top1 = result.primary === 'top1';
      return { ...common, classes: labels.map((label) => result.classes[label]!), statistic: top1 ? accuracyOf(right) : meanPerClassOf(labels, right), right: top1 ? right : null };
    }
    case 'segmentation': return { ...common, classes: null, statistic: miouOf(result.perImage.counts), right: null };
    case 'detection': return { ...common, classes: null, statistic: averagePrecisionOf(measure === 'mask_ap' ? result.perImage.mask ?? [] : result.perImage.box), right: null };
  }
}
