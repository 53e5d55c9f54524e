import type { ClaimBound, ClaimExpression } from '../../suite/resolved.js';
import type { DecidedClaim } from '../types.js';

const minus = '\u2212';
const signs: Readonly<Record<ClaimBound['kind'], string>> = { above: '>', at_least: '\u2265', below: '<', at_most: '\u2264' };

/** What numbers of the expression are. */
export function unitOf(expression: ClaimExpression): DecidedClaim['unit'] {
  if ('ratio' in expression) return 'ratio';
  if ('best_on' in expression) return 'share';
  return 'information' in expression ? 'nats' : 'fraction';
}

/** A number in the unit that people read it in. */
function numberText(value: number, unit: DecidedClaim['unit']): string {
  const text = (scaled: number): string => String(Number(scaled.toPrecision(4))).replace('-', minus);
  switch (unit) {
    case 'fraction': return `${text(value * 100)}${value === 0 ? '' : ' points'}`;
    case 'share': return `${text(value * 100)} % of tasks`;
    case 'ratio': return text(value);
    case 'nats': return `${text(value)}${value === 0 ? '' : ' nats'}`;
  }
}

function effectText(expression: ClaimExpression): string {
  if ('difference' in expression) return `${expression.difference.entry} ${minus} ${expression.difference.against}`;
  if ('order' in expression) return `(${expression.order.entry} ${minus} ${expression.order.against}) on the first tasks ${minus} on the others`;
  if ('best_on' in expression) return `${expression.best_on.entry} above ${expression.best_on.against.join(', ')}`;
  if ('ratio' in expression) return `${expression.ratio.quantity.replaceAll('_', ' ')} of ${expression.ratio.entry} / ${expression.ratio.against}`;
  return `information on the hidden patches, ${expression.information.entry} ${minus} ${expression.information.against}`;
}

/** `moce − mae > 0`, `seconds per schedule of mixedae / ibot ≤ 0.55`. */
export function statementOf(expression: ClaimExpression, { kind, value, tolerance }: ClaimBound): string {
  const unit = unitOf(expression);
  const slack = tolerance === 0 ? '' : ` (tolerance ${numberText(tolerance, unit)})`;
  return `${effectText(expression)} ${'best_on' in expression ? 'on ' : ''}${signs[kind]} ${numberText(value, unit)}${slack}`;
}
