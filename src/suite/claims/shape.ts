import type { Json, JsonObject } from '../../files.js';
import type { Path, Problem } from '../problem.js';
import type { ClaimBound, ClaimExpression } from '../resolved.js';
import { boundSchemas, claimSchema, expressionSchemas } from './schema.js';

const expressions = Object.keys(expressionSchemas);
const bounds = Object.keys(boundSchemas) as readonly ClaimBound['kind'][];

/** Where an effect of each kind can lie. */
const ranges: Readonly<Record<string, { readonly low: number; readonly high: number; readonly what: string }>> = {
  difference: { low: -1, high: 1, what: 'a difference of fractions' },
  order: { low: -2, high: 2, what: 'a difference of two differences of fractions' },
  best_on: { low: 0, high: 1, what: 'a share of the tasks' },
  ratio: { low: 0, high: Infinity, what: 'a ratio' },
};

/** A bound that every result keeps to, or none. */
function emptyBounds(claim: JsonObject, path: Path): readonly Problem[] {
  const kind = expressions.find((key) => Object.hasOwn(claim, key));
  const range = kind === undefined ? undefined : ranges[kind];
  if (range === undefined) return [];
  const { low, high, what } = range;
  return bounds.flatMap((key): readonly Problem[] => {
    const value = claim[key];
    if (typeof value !== 'number') return [];
    const open = key === 'above' || key === 'at_most' ? value >= low && value < high : value > low && value <= high;
    if (open) return [];
    const meant = high <= 2 && Math.abs(value) > 1 ? `; ${Math.abs(value)} % or points are ${Math.abs(value) / 100}` : '';
    return [{ path: [...path, key], part: 'value', message: `${what} lies ${high === Infinity ? `above ${low}` : `from ${low} to ${high}`}, so this bound says nothing of any result${meant}` }];
  });
}

/** What the schema cannot say of a claim that it allows: it has one expression, of different entries, and one bound, which results can keep to or miss. */
export function shapeProblems(claim: JsonObject, path: Path): readonly Problem[] {
  const one = (keys: readonly string[], what: string): readonly Problem[] => {
    const [first, ...more] = keys.filter((key) => Object.hasOwn(claim, key));
    if (first === undefined) return [{ path, part: 'value', message: `a claim has one ${what}; add one of ${keys.join(', ')}` }];
    return more.map((key) => ({ path: [...path, key], part: 'key', message: `a claim has one ${what}, and this one has ${first}; make two claims of it, or remove one` }));
  };
  const itself = expressions.flatMap((key): readonly Problem[] => {
    const { entry, against } = (claim[key] ?? {}) as { readonly entry?: Json; readonly against?: Json };
    const same = typeof entry === 'string' && (Array.isArray(against) ? (against as readonly Json[]).includes(entry) : against === entry);
    return same ? [{ path: [...path, key, 'against'], part: 'value', message: `"${entry}" is compared with itself; name another entry` }] : [];
  });
  return [...one(expressions, 'expression'), ...one(bounds, 'bound'), ...itself, ...emptyBounds(claim, path)];
}

/** The expression of a claim without problems. */
export function expressionOf(claim: JsonObject): ClaimExpression {
  const kind = expressions.find((key) => Object.hasOwn(claim, key))!;
  return { [kind]: claim[kind] } as unknown as ClaimExpression;
}

/** Its bound. */
export function boundOf(claim: JsonObject): ClaimBound {
  const kind = bounds.find((key) => Object.hasOwn(claim, key))!;
  return { kind, value: claim[kind] as number, tolerance: (claim['tolerance'] ?? claimSchema.properties.tolerance.default) as number };
}
