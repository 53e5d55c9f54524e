import type { Side } from '../image-set.js';
import { CIFAR100_SENSES } from './cifar100-senses.js';
import { IMAGENET_SENSES } from './imagenet-senses.js';
import { sideOfSense } from './sides.js';

export { NODES, SPLITS, sideOfSense, type SplitName } from './sides.js';
export { chooseSense, sideOfName, type SenseChoice, type SenseHint } from './sense-rule.js';

/**
 * Side of an ImageNet class by its WordNet 3.0 id (`n02084071`), under the split `produce`. null for an id that is not
 * among the 1,000 classes of ILSVRC 2012: its offset means nothing in WordNet 3.1, and a guess would be wrong.
 */
export function wnidSide(wnid: string): Side | null {
  const sense = IMAGENET_SENSES.get(wnid);
  return sense === undefined ? null : sideOfSense(sense);
}

const cifar100 = new Map(CIFAR100_SENSES.map(([label, sense]) => [label, sense]));

/** Side of a CIFAR-100 fine label, with underscores as the data set writes them or with spaces. null for another word. */
export function cifar100Side(label: string): Side | null {
  const sense = cifar100.get(label.replaceAll(' ', '_'));
  return sense === undefined ? null : sideOfSense(sense);
}
