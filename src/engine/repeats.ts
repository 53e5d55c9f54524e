import { createHash } from 'node:crypto';
import { StepError } from '../errors.js';

/**
 * What a function did in one call: every native op with its attributes and where its inputs came from, and every literal
 * with its values. Two calls of a pure function of static shape give the same list, whatever the batch was. A difference
 * is a host value (a random draw, a counter, a clock) or a branch on one, which tracing would freeze.
 */
export type Fingerprint = readonly string[];

const LONG_LITERAL = 16;

/** A literal's values, long ones by their hash. */
export const describeValues = (values: ArrayLike<number>): string => {
  if (values.length <= LONG_LITERAL) return Array.from(values).join(' ');
  const bytes = ArrayBuffer.isView(values) ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength) : JSON.stringify(values);
  return `sha256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
};

/** Throws StepError when two calls (or two traces) of a function did not do the same. */
export function checkRepeats(functionName: string, first: Fingerprint, second: Fingerprint): void {
  const length = Math.max(first.length, second.length);
  for (let i = 0; i < length; i++) {
    if (first[i] === second[i]) continue;
    throw new StepError(`the body did not do the same the second time: operation ${i + 1} was\n    ${first[i] ?? 'not there'}\n  and then\n    ${second[i] ?? 'not there'}`, {
      where: `function "${functionName}"`,
      fix: 'A value of the host got into it: a random draw, a counter, the time, or a branch on one. Declare such values as inputs or scalars.',
    });
  }
}
