import type { ImageMatches } from '../../metrics/index.js';
import type { TransferBody } from '../types.js';
import { packBits } from './bits.js';
import type { CompactImages } from './types.js';

/** Per-image statistics as a baseline keeps them. */
export function compactImages(body: TransferBody): CompactImages {
  switch (body.taskKind) {
    case 'classification': {
      const { labels, predictions } = body.perImage;
      return { kind: 'classification', correct: packBits(labels.map((label, at) => label === predictions[at])) };
    }
    case 'segmentation': return { kind: 'segmentation', counts: body.perImage.counts };
    case 'detection': return { kind: 'detection', box: withRanks(body.perImage.box), mask: body.perImage.mask === null ? null : withRanks(body.perImage.mask) };
  }
}

/** Equal scores keep equal ranks, over all images and classes. */
function withRanks(images: readonly ImageMatches[]): readonly ImageMatches[] {
  const scores = [...new Set(images.flatMap((image) => image.flatMap((one) => one.scores)))].sort((a, b) => a - b);
  const ranks = new Map(scores.map((score, at) => [score, at + 1]));
  return images.map((image) => image.map((one) => ({ ...one, scores: one.scores.map((score) => ranks.get(score)!) })));
}
