import type { ClaimBound, ClaimExpression } from '../../suite/resolved.js';
import type { Series } from '../effects/index.js';
import type { ClaimPart } from '../types.js';
import { pairedOn, placed, placeText, type Paired } from './places.js';
import { missingParts, partOf, seedEvidence } from './part.js';
import type { ClaimTable } from './tables.js';

/** The difference on one group of tasks minus that on the other, in every pair of their tables; a text: why it is not asked. */
export function orderParts({ entry, against, more_on, than_on }: Extract<ClaimExpression, { readonly order: unknown }>['order'], bound: ClaimBound, tables: readonly ClaimTable[]): readonly ClaimPart[] | string {
  const [more, than] = [placed(more_on, tables), placed(than_on, tables)];
  if (typeof more === 'string') return more;
  if (typeof than === 'string') return than;
  const parts = more.found.flatMap((own) => than.found.map((other) => {
    const place = { on: `${placeText(own)}, against ${placeText(other)}`, protocolHashes: [...new Set([own, other].flatMap(({ table }) => table.hash ?? []))] };
    return partOf(seedEvidence(contrast(pairedOn(own, entry, against), pairedOn(other, entry, against)), place, bound), bound);
  }));
  return [...parts, ...missingParts([...more.missing, ...than.missing], bound)];
}

/** a - b at the seeds that both have. They are of other tasks, so that each draws its images for itself (also those that two tasks share). */
function contrast(a: Paired, b: Paired): Paired {
  const others = new Map(b.series.map((point) => [point.seed, point]));
  const series = a.series.flatMap(({ seed, value, replicates, images }): Series => {
    const other = others.get(seed);
    if (other === undefined) return [];
    return [{
      seed,
      value: value - other.value,
      replicates: replicates === null || other.replicates === null ? null : replicates.map((one, draw) => one - other.replicates![draw]!),
      images: [...images.map((id) => `more ${id}`), ...other.images.map((id) => `than ${id}`)],
    }];
  });
  return { series, doubt: a.doubt ?? b.doubt };
}
