import { claimTexts, type ClaimText } from '../claims-text.js';
import { plural } from '../numbers.js';
import type { DecidedClaim } from '../../results/types.js';

interface ClaimsView {
  readonly asked: readonly ClaimText[];
  /** Of a file of claims, what the suite cannot say anything about: folded away. */
  readonly notAsked: readonly ClaimText[];
  /** `14 claims`. */
  readonly others: string;
}

/** null without claims. */
export function claimsView(claims: readonly DecidedClaim[] = []): ClaimsView | null {
  if (claims.length === 0) return null;
  const texts = claimTexts(claims);
  const notAsked = texts.filter(({ parts }) => parts.length === 0);
  return { asked: texts.filter(({ parts }) => parts.length > 0), notAsked, others: plural(notAsked.length, 'claim') };
}
