import type { ClaimExpression, ResolvedClaim } from '../../suite/resolved.js';
import { suiteOf } from '../cells.js';
import { compare } from '../comparison.js';
import type { ClaimPart, DecidedClaim, RunRecord } from '../types.js';
import { bestOnParts } from './best-on.js';
import { informationParts } from './information.js';
import { orderParts } from './order.js';
import { missingParts, partOf, seedEvidence } from './part.js';
import { pairedOn, placed, placeText } from './places.js';
import { ratioParts } from './ratio.js';
import { statementOf, unitOf } from './statement.js';
import { overlapClaimTables, protocolTable, withPendingMasks, type ClaimTable } from './tables.js';
import { together } from './verdict.js';

/** What the results say of each of the suite's claims. Empty without claims. */
export function decideClaims(record: RunRecord): readonly DecidedClaim[] {
  const claims = suiteOf(record).claims ?? [];
  if (claims.length === 0) return [];
  const wanted = [...new Set(claims.flatMap(({ expression, lacks }) => (lacks === null ? entriesOf(expression) : [])))];
  const tables = [...withPendingMasks(compare(record)).map((comparison) => protocolTable(comparison, wanted)), ...overlapClaimTables(record)];
  return claims.map((claim) => decided(claim, claim.lacks ?? partsOf(record, claim, tables)));
}

function entriesOf(expression: ClaimExpression): readonly string[] {
  const { entry, against } = Object.values(expression)[0] as { readonly entry: string; readonly against: string | readonly string[] };
  return [entry, against].flat();
}

/** A text: why it is not asked. */
function partsOf(record: RunRecord, { expression, bound }: ResolvedClaim, tables: readonly ClaimTable[]): readonly ClaimPart[] | string {
  if ('ratio' in expression) return ratioParts(record, expression.ratio, bound);
  if ('order' in expression) return orderParts(expression.order, bound, tables);
  if ('best_on' in expression) return bestOnParts(expression.best_on, bound, tables);
  if ('information' in expression) return informationParts(record, expression.information, bound);
  const { entry, against } = expression.difference;
  const places = placed(expression.difference, tables);
  if (typeof places === 'string') return places;
  const parts = places.found.map((place) => {
    const { hash } = place.table;
    return partOf(seedEvidence(pairedOn(place, entry, against), { on: placeText(place), protocolHashes: hash === null ? [] : [hash] }, bound), bound);
  });
  return [...parts, ...missingParts(places.missing, bound)];
}

function decided({ id, text, source, bound, expression, without }: ResolvedClaim, parts: readonly ClaimPart[] | string): DecidedClaim {
  const claim = { id, text, source, bound, test: `${statementOf(expression, bound)}${without.length === 0 ? '' : `; asked without ${without.join(', ')}, not in this suite`}`, unit: unitOf(expression) };
  if (typeof parts === 'string') return { ...claim, verdict: 'not-asked', reason: parts, parts: [] };
  const verdict = together(parts.map((part) => part.verdict));
  const open = parts.flatMap(({ on, reason }) => (reason === null ? [] : [parts.length === 1 ? reason : `${on}: ${reason}`]));
  return { ...claim, verdict, reason: verdict === 'unresolved' ? open.join('; ') : null, parts };
}
