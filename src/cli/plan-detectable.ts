import { detectableDifference, detectableShare } from '../metrics/stats/index.js';
import { seedsForInterval } from '../results/intervals.js';
import type { Plan } from '../runner/job.js';
import { textTable } from './output.js';

/** Share of a task's test images on which two entries are assumed to disagree. In docs/example it is 0.2 on average, between 0 and 0.45. */
const discordant = 0.2;

/** Smallest true differences in accuracy between two entries that are found in 4 of 5 repetitions of the suite (two-sided, 5 %), as fractions. */
export interface Detectable {
  /** null: the average over all of them. */
  readonly task: string | null;
  /** Of the first seed. */
  readonly images: number;
  /** By the images of one seed alone: that of these encoders; null where no difference is found. */
  readonly oneSeed: number | null;
  /** By all seeds: that of the methods; null with fewer seeds than an interval takes. */
  readonly allSeeds: number | null;
}

/**
 * What a suite can see on its tasks of classification, before it has run. Nothing is known of its entries yet, so that two of them are
 * assumed to disagree on a fifth of the images, and to differ between seeds by their test images alone. Empty without such a task.
 */
export function detectableIn(plan: Plan, seeds: number): readonly Detectable[] {
  const sizes = new Map(plan.jobs.flatMap(({ cost: { tested }, tags }) => (tested === undefined || tags['task'] === undefined ? [] : [[tags['task'], tested] as const])));
  const overSeeds = (variance: number): number | null => (seeds < seedsForInterval ? null : detectableDifference({ sd: Math.sqrt(variance), n: seeds }));
  const rows = [...sizes].map(([task, images]) => ({ task, images, oneSeed: detectableShare({ images, discordant }), allSeeds: overSeeds(discordant / images) }));
  if (rows.length < 2) return rows;
  const variance = rows.reduce((sum, { images }) => sum + discordant / images, 0) / rows.length ** 2;
  // The images of one task that would have this variance.
  const images = rows.reduce((sum, row) => sum + row.images, 0);
  return [...rows, { task: null, images, oneSeed: detectableShare({ images: discordant / variance, discordant }), allSeeds: overSeeds(variance) }];
}

/** In points; empty where nothing is foretold. */
export function detectableText(rows: readonly Detectable[], seeds: number): string {
  if (rows.length === 0) return '';
  const points = (share: number | null): string => (share === null ? '\u2013' : (100 * share).toFixed(1));
  return [
    textTable([
      ['task', 'test images', 'one seed', ...(seeds < seedsForInterval ? [] : [`${seeds} seeds`])],
      ...rows.map(({ task, images, oneSeed, allSeeds }) => [task ?? 'average', String(images), points(oneSeed), ...(seeds < seedsForInterval ? [] : [points(allSeeds)])]),
    ]),
    `Of classification; what segmentation and detection can tell is not known before a run. In points of accuracy: true differences between two entries that are found 4 times in 5 (two-sided, 5 %), if they disagree on ${100 * discordant} % of the images.`,
    seeds < seedsForInterval
      ? `One seed is about two encoders, not two methods: fewer than ${seedsForInterval} seeds tell nothing of how others would do.`
      : 'One seed is about two encoders; all seeds are about two methods, if seeds differ by their test images alone: more where training differs much, or all seeds have the same images.',
    '',
  ].join('\n');
}
