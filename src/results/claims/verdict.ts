import type { Interval } from '../../metrics/stats/index.js';
import type { ClaimBound } from '../../suite/resolved.js';
import type { ClaimVerdict } from '../types.js';

/** Where the bound lies, its tolerance counted in. */
export const lineOf = ({ kind, value, tolerance }: ClaimBound): number => (kind === 'above' || kind === 'at_least' ? value - tolerance : value + tolerance);

/** Rounding of `value` and `tolerance` added decides nothing: 0.7 and 0.1 are less than 0.8. */
const rounding = 1e-12;

/** `supported` where all of the interval keeps to the bound, `refuted` where none of it does. */
export function verdictOf({ low, high }: Interval, bound: ClaimBound): ClaimVerdict {
  const line = lineOf(bound);
  const slack = rounding * Math.max(1, Math.abs(line));
  switch (bound.kind) {
    case 'above': return low > line + slack ? 'supported' : high <= line + slack ? 'refuted' : 'unresolved';
    case 'at_least': return low >= line - slack ? 'supported' : high < line - slack ? 'refuted' : 'unresolved';
    case 'below': return high < line - slack ? 'supported' : low >= line - slack ? 'refuted' : 'unresolved';
    case 'at_most': return high <= line + slack ? 'supported' : low > line + slack ? 'refuted' : 'unresolved';
  }
}

/** Of a claim: all parts must hold. */
export function together(parts: readonly ClaimVerdict[]): ClaimVerdict {
  if (parts.includes('refuted')) return 'refuted';
  return parts.every((verdict) => verdict === 'supported') ? 'supported' : 'unresolved';
}
