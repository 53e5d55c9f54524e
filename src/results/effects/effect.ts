import { hierarchicalP, imagesAlone, mcnemar } from '../../metrics/stats/index.js';
import { certaintyOf, type Certainty } from './certainty.js';
import type { Replicated } from './replicates.js';
import { averageOver, detectableIn, differences, drawnMean, seriesOf } from './series.js';

/** How far an entry lies above another, paired at each seed and on each test image; fractions. */
export interface Difference extends Certainty {
  /** Two-sided, that there is none: of `overall`. Null where that is. */
  readonly p: number | null;
  /** The same with these seeds: of `overImages`. Null where that is. */
  readonly imagesP: number | null;
  /** Smallest true difference that would have been found (`p` at most `significance`) in 4 of 5 repetitions; null where `overall` is, or all images are judged alike. */
  readonly detectable: number | null;
  /** Of one task by the share of right images: at each seed McNemar's exact test. Else empty. */
  readonly mcnemar: readonly SeedTest[];
  /** Why nothing is concluded from the seeds; null: nothing stands against it. */
  readonly doubt: string | null;
  /** Why images say nothing; null: they do. */
  readonly imagesNote: string | null;
}

/** Images that only one of the two has right. */
interface SeedTest { readonly seed: number; readonly onlyEntry: number; readonly onlyAgainst: number; readonly p: number }

/** Evaluations of the two sides on one task. */
export interface Sides { readonly entry: readonly Replicated[]; readonly against: readonly Replicated[] }

/** Difference on one task, or of the means over several. null where no seed is common to all. */
export function differenceOf(tasks: readonly Sides[], doubt: string | null = null): Difference | null {
  const byTask = tasks.map(({ entry, against }) => differences(seriesOf(entry), seriesOf(against)));
  const [only] = byTask;
  const series = byTask.length === 1 && only !== undefined ? only : averageOver(byTask);
  const certainty = certaintyOf(series, doubt);
  if (certainty === null) return null;
  const unlike = series.filter(({ replicates }) => replicates === null).map(({ seed }) => seed);
  const together = drawnMean(series);
  const [sides] = tasks;
  return {
    ...certainty,
    p: certainty.estimate === null ? null : hierarchicalP(certainty.estimate),
    imagesP: together === null ? null : hierarchicalP(imagesAlone(certainty.mean, together, certainty.images)),
    detectable: certainty.estimate === null ? null : detectableIn(certainty.estimate),
    mcnemar: tasks.length === 1 && sides !== undefined && unlike.length === 0 ? seedTests(sides) : [],
    doubt,
    imagesNote: unlike.length === 0 ? null : `no test images that both sides were judged on at seed ${unlike.join(', ')}`,
  };
}

function seedTests({ entry, against }: Sides): readonly SeedTest[] {
  return entry.flatMap(({ seed, ids, right }) => {
    const other = against.find((one) => one.seed === seed);
    if (right === null || other === undefined || other.right === null) return [];
    const otherRight = new Map(other.ids.map((id, i) => [id, other.right![i]!]));
    const disagree = ids.flatMap((id, i) => (right[i] === otherRight.get(id) ? [] : [right[i]!]));
    const onlyEntry = disagree.filter(Boolean).length;
    const onlyAgainst = disagree.length - onlyEntry;
    return [{ seed, onlyEntry, onlyAgainst, p: mcnemar(onlyEntry, onlyAgainst) }];
  });
}
