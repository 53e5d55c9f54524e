import { detectableDifference, detectableShare } from '../metrics/stats/index.js';
import { measureName } from '../report/measure-text.js';
import type { Measure } from '../results/comparison.js';
import { seedsForInterval } from '../results/intervals.js';
import type { Plan } from '../runner/job.js';
import { textTable } from './output.js';

/** Share of a task's test images on which two entries are assumed to disagree. In docs/example it is 0.16 on average, between 0 and 0.5. */
const discordant = 0.2;

/** How two entries' difference is assumed to vary: standard deviations, as fractions. */
interface Spread {
  /** By test images: of n of them it is `image` / sqrt(n). */
  readonly image: number;
  /** From seed to seed, beside that of their images. */
  readonly training: number;
}

/**
 * Of accuracy that of `discordant` images. Of the dense measures what the differences to the reference have in a run of suites/desk.yaml with three seeds, of 10 entries
 * on emoji scenes, 100 of them a seed: `image` is the median (of eight in ten: mIoU 0.022 to 0.069, box AP 0.054 to 0.075, mask AP
 * 0.039 to 0.053), `training` the root mean square of what the spread over seeds has beyond it.
 */
const spreads: Readonly<Record<Measure, Spread>> = {
  accuracy: { image: Math.sqrt(discordant), training: 0 },
  miou: { image: 0.05, training: 0.014 },
  box_ap: { image: 0.065, training: 0.015 },
  mask_ap: { image: 0.046, training: 0.01 },
};

const measuresOf: Readonly<Record<string, readonly Measure[]>> = { classification: ['accuracy'], segmentation: ['miou'], detection: ['box_ap', 'mask_ap'] };

/** Smallest true difference between two entries that is found in 4 of 5 repetitions of the suite (two-sided, 5 %), as a fraction. */
export interface Detectable {
  readonly measure: Measure;
  /** null: the average over all tasks of the measure. */
  readonly task: string | null;
  /** Of the first seed. */
  readonly images: number;
  /** By the images of one seed alone: that of these encoders; null where no difference is found. */
  readonly oneSeed: number | null;
  /** By all seeds: that of the methods; null with fewer seeds than an interval takes. */
  readonly allSeeds: number | null;
}

/**
 * What a suite can see on its tasks, before it has run: nothing is known of its entries yet, so that two of them are assumed to differ as those of
 * another run did (`spreads`). The rows of a measure stand together, the average over its tasks last where there are several. A
 * detection has a row for masks too: whether all of its objects have one is not known before it is prepared.
 */
export function detectableIn(plan: Plan, seeds: number): readonly Detectable[] {
  const tasks = [...new Map(plan.jobs.flatMap(({ cost: { tested }, tags: { task } }) => (tested === undefined || task === undefined ? [] : [[task, tested] as const])))];
  return (Object.keys(spreads) as Measure[]).flatMap((measure) => {
    const sizes = tasks.flatMap(([task, { images, kind }]) => (measuresOf[kind]?.includes(measure) === true ? [{ task, images }] : []));
    const rows = sizes.map(({ task, images }): Detectable => ({ measure, task, images, ...seenBy(measure, images, 1, seeds) }));
    if (rows.length < 2) return rows;
    // The images of one task that would tell as much as all tasks' average.
    const alike = sizes.length ** 2 / sizes.reduce((sum, { images }) => sum + 1 / images, 0);
    return [...rows, { measure, task: null, images: sizes.reduce((sum, { images }) => sum + images, 0), ...seenBy(measure, alike, sizes.length, seeds) }];
  });
}

/** `tasks`: over how many it is an average; what training adds is each one's own. */
function seenBy(measure: Measure, images: number, tasks: number, seeds: number): Pick<Detectable, 'oneSeed' | 'allSeeds'> {
  const { image, training } = spreads[measure];
  return {
    oneSeed: measure === 'accuracy' ? detectableShare({ images, discordant }) : images < 2 ? null : detectableDifference({ sd: image, n: images }),
    allSeeds: seeds < seedsForInterval ? null : detectableDifference({ sd: Math.sqrt(image ** 2 / images + training ** 2 / tasks), n: seeds }),
  };
}

/** In points; empty where nothing is foretold. */
export function detectableText(rows: readonly Detectable[], seeds: number): string {
  if (rows.length === 0) return '';
  const points = (share: number | null): string => (share === null ? '\u2013' : (100 * share).toFixed(1));
  const several = seeds >= seedsForInterval;
  return [
    textTable([
      ['task', 'measure', 'test images', 'one seed', ...(several ? [`${seeds} seeds`] : [])],
      ...rows.map(({ measure, task, images, oneSeed, allSeeds }) => [task ?? 'average', measureName(measure), String(images), points(oneSeed), ...(several ? [points(allSeeds)] : [])]),
    ]),
    'In points of the measure: true differences between two entries that are found 4 times in 5 (two-sided, 5 %). Assumed is:',
    ...[...new Set(rows.map(({ measure }) => measure))].map((measure) => `  ${measureName(measure)}: ${assumed(measure, several)}.`),
    ...(rows.some(({ measure }) => measure === 'mask_ap') ? ['Masks are judged where every test object has one.'] : []),
    several ? 'One seed is about two encoders; all seeds are about two methods.' : `One seed is about two encoders, not two methods: fewer than ${seedsForInterval} seeds tell nothing of how others would do.`,
    '',
  ].join('\n');
}

function assumed(measure: Measure, several: boolean): string {
  const { image, training } = spreads[measure];
  if (measure === 'accuracy') return `they disagree on ${100 * discordant} % of the images${several ? ', and differ between seeds by these alone: more is needed where training differs much, or all seeds have the same images' : ''}`;
  return `their difference spreads by ${(100 * image).toFixed(1)} / sqrt(test images) points over images${several ? `, and training adds a spread of ${(100 * training).toFixed(1)} over seeds` : ''}, as measured on the embedded scenes`;
}
