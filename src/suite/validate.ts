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

/** A copy of valid `value` with the schema's defaults filled in, to any depth. */
export function withDefaults(schema: JsonObject, value: JsonObject): JsonObject {
  const fill = compiled(fillers, schema, () => new Ajv2020({ ...options, useDefaults: true, verbose: false }).compile(fillObjects(withoutOwnDefault(schema))));
  const copy = structuredClone(value);
  fill(copy);
  return copy;
}

/**
 * ajv fills a default only into an object that is there. An object of which every key has a default is there even when
 * it is not written, so it gets `default: {}`.
 */
function fillObjects(schema: JsonObject): JsonObject {
  const properties = objectOf(schema['properties']);
  if (properties === undefined) return schema;
  const filled = Object.fromEntries(Object.entries(properties).map(([key, value]) => {
    const property = objectOf(value);
    if (property === undefined) return [key, value];
    const inner = fillObjects(property);
    return [key, inner['type'] === 'object' && !Object.hasOwn(inner, 'default') && everyKeyHasDefault(inner) ? { ...inner, default: {} } : inner];
  }));
  return { ...schema, properties: filled };
}

/** A default of the whole is for whoever embeds the schema; here the whole is always given. */
const withoutOwnDefault = (schema: JsonObject): JsonObject => Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'default'));

const objectOf = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

const everyKeyHasDefault = (schema: JsonObject): boolean => {
  const properties = Object.values(objectOf(schema['properties']) ?? {});
  return properties.length > 0 && properties.every((property) => Object.hasOwn(objectOf(property) ?? {}, 'default'));
};
