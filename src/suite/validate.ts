import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Json, JsonObject } from '../files.js';
import { problemsOf } from './messages.js';
import type { Path, Problem } from './problem.js';

const options = {
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
} as const;

const checkers = new WeakMap<JsonObject, ValidateFunction>();
const fillers = new WeakMap<JsonObject, ValidateFunction>();

/** Compiling a schema takes far longer than using it, and a suite uses each once an entry. */
function compiled(cache: WeakMap<JsonObject, ValidateFunction>, schema: JsonObject, compile: () => ValidateFunction): ValidateFunction {
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const made = compile();
  cache.set(schema, made);
  return made;
}

/** Everything in which `value` breaks `schema`; `base` is its path in the file. The value is not changed. */
export function check(schema: JsonObject, value: Json, base: Path = []): readonly Problem[] {
  const validate = compiled(checkers, schema, () => new Ajv2020(options).compile(schema));
  return validate(value) ? [] : problemsOf(validate.errors ?? [], value, base);
}

/**
 * A copy of valid `value` with the schema's defaults filled in, to any depth. An object that is not written is filled in
 * only where its schema has a default (`default: {}`): a block without one is off until a suite names it.
 */
export function withDefaults(schema: JsonObject, value: JsonObject): JsonObject {
  const fill = compiled(fillers, schema, () => new Ajv2020({ ...options, useDefaults: true, verbose: false }).compile(withoutOwnDefault(schema)));
  const copy = structuredClone(value);
  fill(copy);
  return copy;
}

/** A default of the whole is for whoever embeds the schema; here the whole is always given. */
const withoutOwnDefault = (schema: JsonObject): JsonObject => Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'default'));
