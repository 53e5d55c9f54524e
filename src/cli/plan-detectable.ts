import { detectableDifference, detectableShare } from '../metrics/stats/index.js';
import { measureName } from '../report/measure-text.js';
import type { Measure } from '../results/comparison.js';
import { coverage, seedsForInterval } from '../results/intervals.js';
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

/** Of accuracy, by whatever protocol. */
const ofAccuracy: Spread = { image: Math.sqrt(discordant), training: 0 };

const detectors: Readonly<Partial<Record<Measure, Spread>>> = { box_ap: { image: 0.065, training: 0.009 }, mask_ap: { image: 0.046, training: 0.005 } };

/**
 * What a dense protocol judges, with what the differences to the reference have in runs of suites/desk.yaml, of 10 entries on emoji scenes, 100 of them a seed. `image` is the
 * median with three seeds (of eight in ten: mIoU 0.022 to 0.069, box AP 0.054 to 0.075, mask AP 0.039 to 0.053), `training` the root mean square of what the spread over the five
 * seeds of docs/example/desk.csv has beyond it. The cascade is taken to spread as Mask R-CNN does.
 */
const dense: Readonly<Record<string, Readonly<Partial<Record<Measure, Spread>>>>> = {
  'linear-segmentation': { miou: { image: 0.05, training: 0.011 } },
  upernet: { miou: { image: 0.05, training: 0.037 } },
  'mask-rcnn': detectors,
  'cascade-mask-rcnn': detectors,
};

const spreadOf = (measure: Measure, protocol: string | null): Spread => (protocol === null ? ofAccuracy : dense[protocol]![measure]!);

/** Smallest true difference between two entries that is found in 4 of 5 repetitions of the suite (two-sided, 5 %), as a fraction. */
export interface Detectable {
  readonly measure: Measure;
  /** null: of accuracy, whose protocols are taken to be alike. */
  readonly protocol: string | null;
  /** null: the average over all tasks of the measure. */
  readonly task: string | null;
  /** Of the first seed. */
  readonly images: number;
  /** By the images of one seed alone: that of these encoders; null where no difference is found. */
  readonly oneSeed: number | null;
  /** By all seeds: that of the methods; null with fewer seeds than an interval takes. */
  readonly allSeeds: number | null;
  /** The same of any pair of entries, where all pairs are judged together as the letters of a table are: at the strictest step of Holm's correction. null: the same, or as `allSeeds`. */
  readonly anyPair: number | null;
}

/**
 * What a suite can see on its tasks, before it has run: nothing is known of its entries yet, so that two of them are assumed to differ as those of
 * another run did (`dense`). The rows of a measure, and of dense ones those of a protocol, stand together, the average over its tasks last where there are several. A
 * detection has a row for masks too: whether all of its objects have one is not known before it is prepared. `entries`: how many are compared.
 */
export function detectableIn(plan: Plan, seeds: number, entries: number): readonly Detectable[] {
  const judged = plan.jobs.flatMap(({ cost: { tested }, tags: { task, protocol } }) => (tested === undefined || task === undefined || protocol === undefined ? [] : [{ task, protocol, ...tested }]));
  const sizesOf = (isOf: (one: (typeof judged)[number]) => boolean): readonly Size[] => [...new Map(judged.filter(isOf).map(({ task, images }) => [task, { task, images }])).values()];
  const asked: readonly Asked[] = [
    { measure: 'accuracy', protocol: null, sizes: sizesOf(({ kind }) => kind === 'classification') },
    ...Object.entries(dense).flatMap(([protocol, measures]) =>
      (Object.keys(measures) as Measure[]).map((measure): Asked => ({ measure, protocol, sizes: sizesOf((one) => one.protocol === protocol) }))),
  ];
  return asked.flatMap(({ measure, protocol, sizes }) => {
    const spread = spreadOf(measure, protocol);
    const rows = sizes.map(({ task, images }): Detectable => ({ measure, protocol, task, images, ...seenBy(measure, spread, images, 1, seeds, entries) }));
    if (rows.length < 2) return rows;
    // The images of one task that would tell as much as all tasks' average.
    const alike = sizes.length ** 2 / sizes.reduce((sum, { images }) => sum + 1 / images, 0);
    return [...rows, { measure, protocol, task: null, images: sizes.reduce((sum, { images }) => sum + images, 0), ...seenBy(measure, spread, alike, sizes.length, seeds, entries) }];
  });
}

interface Size { readonly task: string; readonly images: number }
interface Asked { readonly measure: Measure; readonly protocol: string | null; readonly sizes: readonly Size[] }

/** `tasks`: over how many it is an average; what training adds is each one's own. */
function seenBy(measure: Measure, { image, training }: Spread, images: number, tasks: number, seeds: number, entries: number): Pick<Detectable, 'oneSeed' | 'allSeeds' | 'anyPair'> {
  const [sd, pairs] = [Math.sqrt(image ** 2 / images + training ** 2 / tasks), (entries * (entries - 1)) / 2];
  return {
    oneSeed: measure === 'accuracy' ? detectableShare({ images, discordant }) : images < 2 ? null : detectableDifference({ sd: image, n: images }),
    allSeeds: seeds < seedsForInterval ? null : detectableDifference({ sd, n: seeds }),
    anyPair: seeds < seedsForInterval || pairs < 2 ? null : detectableDifference({ sd, n: seeds, level: 1 - (1 - coverage) / pairs }),
  };
}

/** In points; empty where nothing is foretold. */
export function detectableText(rows: readonly Detectable[], seeds: number): string {
  if (rows.length === 0) return '';
  const points = (share: number | null): string => (share === null ? '\u2013' : (100 * share).toFixed(1));
  const several = seeds >= seedsForInterval;
  const pairs = rows.some(({ anyPair }) => anyPair !== null);
  return [
    textTable([
      ['task', 'measure', 'test images', 'one seed', ...(several ? [`${seeds} seeds`] : []), ...(pairs ? ['any pair'] : [])],
      ...rows.map(({ measure, protocol, task, images, oneSeed, allSeeds, anyPair }) => [task ?? 'average', nameOf(measure, protocol), String(images), points(oneSeed), ...(several ? [points(allSeeds)] : []), ...(pairs ? [points(anyPair)] : [])]),
    ]),
    'In points of the measure: true differences between two entries that are found 4 times in 5 (two-sided, 5 %), by one comparison as claims and differences to one entry are.',
    ...(pairs ? ['Any pair: with all seeds, where all pairs of entries are judged together, as the letters of a table are.'] : []),
    'Assumed is:',
    ...[...new Map(rows.map((row) => [nameOf(row.measure, row.protocol), row])).values()].map(({ measure, protocol }) => `  ${nameOf(measure, protocol)}: ${assumed(measure, protocol, several)}.`),
    ...(rows.some(({ measure }) => measure === 'mask_ap') ? ['Masks are judged where every test object has one.'] : []),
    several ? 'One seed is about two encoders; all seeds are about two methods.' : `One seed is about two encoders, not two methods: fewer than ${seedsForInterval} seeds tell nothing of how others would do.`,
    '',
  ].join('\n');
}

const nameOf = (measure: Measure, protocol: string | null): string => `${measureName(measure)}${protocol === null ? '' : `, ${protocol}`}`;

function assumed(measure: Measure, protocol: string | null, several: boolean): string {
  const { image, training } = spreadOf(measure, protocol);
  if (protocol === null) return `they disagree on ${100 * discordant} % of the images${several ? ', and differ between seeds by these alone: more is needed where training differs much, or all seeds have the same images' : ''}`;
  return `their difference spreads by ${(100 * image).toFixed(1)} / sqrt(test images) points over images${several ? `, and training adds a spread of ${(100 * training).toFixed(1)} over seeds` : ''}, ${protocol === 'cascade-mask-rcnn' ? 'as Mask R-CNN\'s do' : 'as measured'} on the embedded scenes`;
}
