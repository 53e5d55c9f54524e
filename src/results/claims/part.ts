import { detectableByThis } from '../../metrics/stats/index.js';
import type { ClaimBound } from '../../suite/resolved.js';
import { certaintyOf, estimateOf, imagesOf, type Certainty } from '../effects/index.js';
import { seedsForInterval } from '../intervals.js';
import type { ClaimPart } from '../types.js';
import type { MissingTable, Paired } from './places.js';
import { settledBy, type JudgedImages } from './settles.js';
import { lineOf, verdictOf } from './verdict.js';

/** What a part is decided by. `open`: why it is not decided where it is not. */
export interface Evidence extends Omit<ClaimPart, 'verdict' | 'reason' | 'detectable'> { readonly open: string; readonly detectable: number | null }

export function partOf({ open, ...evidence }: Evidence, bound: ClaimBound): ClaimPart {
  const verdict = evidence.interval === null ? 'unresolved' : verdictOf(evidence.interval, bound);
  return verdict === 'unresolved' ? { ...evidence, verdict, reason: open } : { ...evidence, verdict, reason: null, settledBy: [], detectable: null };
}

export const intervalHolds = 'its interval holds the bound';

/** Nothing is measured, or nothing is to be concluded from it. */
export const undecided = (place: Pick<Evidence, 'on' | 'protocolHashes'>, open: string): Evidence => ({ ...place, effect: null, interval: null, over: '', settledBy: [], detectable: null, open });

/** Of tables that are not there. */
export const missingParts = (missing: readonly MissingTable[], bound: ClaimBound): readonly ClaimPart[] =>
  missing.map(({ table, why }) => partOf(undecided({ on: table, protocolHashes: [] }, why), bound));

export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Why so many have no interval; null where they have one. */
export const tooFew = (count: number, what: 'seeds' | 'rounds'): string | null =>
  (count < seedsForInterval ? `an interval needs ${seedsForInterval} ${what}, and there ${count === 1 ? 'is 1' : `are ${count}`}` : null);

const overText = ({ seeds, images, overall }: Certainty, what: JudgedImages): string =>
  `${counted(seeds, 'seed')}${overall === null ? '' : ` and ${counted(images, what.slice(0, -1))}`}`;

/** Of a number at each seed: its interval covers other seeds and other test images, from three seeds on. */
export function seedEvidence({ series, doubt }: Paired, place: Pick<Evidence, 'on' | 'protocolHashes'>, bound: ClaimBound, what: JudgedImages = 'test images'): Evidence {
  const certainty = doubt === null ? certaintyOf(series, null) : null;
  if (certainty === null) return undecided(place, doubt ?? 'no seed has finished');
  const { seeds, mean: effect, overall } = certainty;
  if (overall !== null && overall.low === overall.high) return { ...undecided(place, `all of the ${what} are judged alike on both sides, which does not tell how far apart they may be`), effect };
  // Two seeds hardly know their own spread: as often as not it is small by chance, and so would be the number that it asks for.
  const estimate = seeds < seedsForInterval ? null : estimateOf(series, imagesOf(series));
  return {
    ...place,
    effect,
    interval: overall,
    over: overText(certainty, what),
    settledBy: estimate === null ? [] : settledBy(estimate, lineOf(bound), what),
    detectable: certainty.estimate === null ? null : detectableByThis(certainty.estimate),
    open: tooFew(seeds, 'seeds') ?? (overall === null ? `the two sides were not judged on the same ${what}` : intervalHolds),
  };
}
