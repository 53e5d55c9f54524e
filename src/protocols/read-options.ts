import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { SuiteError } from '../errors.js';
import type { JsonObject } from '../files.js';
import { didYouMean } from '../nearest.js';

const ajv = new Ajv2020({ allErrors: true, useDefaults: true, verbose: true, allowUnionTypes: true });
const compiled = new WeakMap<JsonObject, ValidateFunction>();

const describeError = (error: ErrorObject): string => {
  const path = error.instancePath === '' ? '' : `${error.instancePath.slice(1).replaceAll('/', '.')}: `;
  if (error.keyword === 'additionalProperties') {
    const { additionalProperty } = error.params as { additionalProperty: string };
    const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object);
    return `${path}unknown option "${additionalProperty}"${didYouMean(additionalProperty, known)}; ${known.length === 0 ? 'there are none here' : `known: ${known.join(', ')}`}`;
  }
  return `${path}${error.message ?? error.keyword}`;
};

/**
 * Options of a protocol, checked against its schema, with every default filled in. The given object is not changed.
 * Throws SuiteError that lists every mistake, unknown names with the nearest known one. A suite file has been checked
 * before it comes here; this holds the same rule for anyone who calls a protocol from code.
 */
export function readOptions(protocol: string, schema: JsonObject, options: JsonObject): JsonObject {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  const filled = structuredClone(options);
  if (validate(filled)) return filled;
  // A failed branch of a union says the same thing several times; the deepest message per place is enough.
  const messages = [...new Set((validate.errors ?? []).filter((error) => error.keyword !== 'anyOf').map(describeError))];
  throw new SuiteError(messages.join('\n  '), {
    where: `options of protocol ${protocol}`,
    fix: `See the protocol's options: ${Object.keys((schema['properties'] ?? {}) as object).join(', ')}`,
  });
}
