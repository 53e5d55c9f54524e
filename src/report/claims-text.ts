import type { ClaimPart, DecidedClaim } from '../results/types.js';
import { count, listed, percent, plural, points, threeDigits } from './numbers.js';

/** A claim as people read it. */
export interface ClaimText {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly test: string;
  readonly verdict: string;
  /** Nothing for a claim that is not asked. */
  readonly parts: readonly { readonly on: string; readonly hashes: string; readonly effect: string; readonly over: string; readonly verdict: string }[];
  /** Why it is not decided, and what would do it; empty where it is. */
  readonly why: string;
}

const verdicts: Readonly<Record<DecidedClaim['verdict'], string>> = { supported: 'supported', refuted: 'refuted', unresolved: 'unresolved', 'not-asked': 'not asked here' };

const digits = (value: number): string => threeDigits(value).replace('-', '\u2212');

/** `+1.2 [+0.3, +2.1] points`, `0.48 [0.47, 0.49]`, `25 % of tasks by the means (25 to 75 % as the open ones fall)`. */
function effectText({ effect, interval }: Pick<ClaimPart, 'effect' | 'interval'>, unit: DecidedClaim['unit']): string {
  if (unit === 'share') return shareText(effect, interval);
  if (effect === null) return '\u2013';
  const number = (value: number): string => (unit === 'fraction' ? points(value) : digits(value));
  const within = interval === null ? '' : ` [${number(interval.low)}, ${number(interval.high)}]`;
  switch (unit) {
    case 'fraction': return `${number(effect)}${within} points`;
    case 'ratio': return `${number(effect)}${within}`;
    case 'nats': return `${number(effect)}${within} nats`;
  }
}

/** No sampling interval, but what the share is without and with the tasks that are open. */
function shareText(effect: number | null, interval: ClaimPart['interval']): string {
  const number = (value: number): string => percent(value, 0);
  const open = interval === null || interval.low === interval.high ? '' : `${number(interval.low)} to ${number(interval.high)} %`;
  if (effect === null) return open === '' ? '\u2013' : `${open} of tasks, as the open ones fall`;
  return open === '' ? `${number(effect)} % of tasks` : `${number(effect)} % of tasks by the means (${open} as the open ones fall)`;
}

/** `about 38 seeds or 4,000 test images in all would settle it in 4 of 5 such runs`; empty where nothing tells. */
function settles({ verdict, settledBy, detectable = null }: ClaimPart, unit: DecidedClaim['unit']): string {
  if (settledBy.length > 0) return `about ${settledBy.map((one) => `${count(one.count)} ${one.what}`).join(' or ')} in all would settle it in 4 of 5 such runs, were effect and spread to stay as they are`;
  return verdict === 'unresolved' && detectable !== null && (unit === 'fraction' || unit === 'nats') ? 'neither more seeds alone nor more images alone would settle it' : '';
}

/** `a truth 1.3 points from the bound would be found in 4 of 5 such runs`; empty where nothing tells. */
function seen({ detectable = null }: ClaimPart, unit: DecidedClaim['unit']): string {
  if (detectable === null) return '';
  if (unit === 'share') return `true differences of ${percent(detectable)} points would decide each open task in 4 of 5 such runs`;
  return `a truth ${unit === 'fraction' ? `${percent(detectable)} points` : `${digits(detectable)}${unit === 'nats' ? ' nats' : ''}`} from the bound would be found in 4 of 5 such runs`;
}

/** Of every claim, in the suite's order. */
export const claimTexts = (claims: readonly DecidedClaim[] = []): readonly ClaimText[] => claims.map(({ id, text, source, test, unit, verdict, reason, parts }) => {
  const open = parts.flatMap((part) => {
    const told = [seen(part, unit), settles(part, unit)].filter((one) => one !== '').join('; ');
    return told === '' ? [] : [parts.length === 1 ? told : `${part.on}: ${told}`];
  });
  return {
    id, text, source, test,
    verdict: verdicts[verdict],
    parts: parts.map((part) => ({ on: part.on, hashes: part.protocolHashes.join(', '), effect: effectText(part, unit), over: part.over, verdict: parts.length === 1 ? '' : verdicts[part.verdict] })),
    why: [...(reason === null ? [] : [reason]), ...(verdict === 'unresolved' ? open : [])].join('; '),
  };
});

/** How many claims are decided, and how: `Of 4 claims, 1 is supported (a), 2 are refuted (b and c) and 1 is unresolved (d).` Nothing without claims. */
export function claimsSentence(claims: readonly DecidedClaim[] = []): readonly string[] {
  if (claims.length === 0) return [];
  const parts = (['supported', 'refuted', 'unresolved', 'not-asked'] as const).flatMap((verdict) => {
    const own = claims.filter((claim) => claim.verdict === verdict);
    const names = verdict === 'not-asked' ? '' : ` (${listed(own.map(({ id }) => id))})`;
    return own.length === 0 ? [] : [`${count(own.length)} ${own.length === 1 ? 'is' : 'are'} ${verdicts[verdict]}${names}`];
  });
  return [`Of ${plural(claims.length, 'claim')}, ${listed(parts)}.`];
}
