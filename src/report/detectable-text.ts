import { percent } from './numbers.js';

/** What stands beside every difference that is not shown: what the comparison could have shown. `detectable`: a fraction; empty for null, where nothing tells. */
export const wouldBeFound = (detectable: number | null): string =>
  (detectable === null ? '' : `a true difference of ${percent(detectable)} points would be found in 4 of 5 such runs`);
