import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Json, JsonObject } from '../files.js';
import { problemsOf } from './messages.js';
import type { Path, Problem } from './problem.js';

const options = {
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  // Shorter code takes longer to make than it saves: a schema checks a few values.
  code: { optimize: false },
  // Schemas of two catalogs have one `$id`.
  addUsedSchema: false,
} as const;

/** Of schemas of suites. `ascending`: a list does not begin behind its end. No word of JSON Schema says so; who does not know this one passes over it. */
export function ajvOf(own: ConstructorParameters<typeof Ajv2020>[0]): Ajv2020 {
  const ajv = new Ajv2020(own);
  ajv.addKeyword({ keyword: 'ascending', type: 'array', schemaType: 'boolean', validate: (_: boolean, [low, high]: readonly number[]) => !(low! > high!), errors: false });
  return ajv;
}

/** Made once: each would compile JSON Schema's own schema anew. Ajv keeps what it has compiled by its schema. */
let checker: Ajv2020 | undefined;
let filler: Ajv2020 | undefined;
const inner = new WeakMap<JsonObject, JsonObject>();

/** Everything in which `value` breaks `schema`; `base` is its path in the file. The value is not changed. */
export function check(schema: JsonObject, value: Json, base: Path = []): readonly Problem[] {
  const validate = (checker ??= ajvOf(options)).compile(schema);
  return validate(value) ? [] : problemsOf(validate.errors ?? [], value, base);
}

/**
 * A copy of valid `value` with the schema's defaults filled in, to any depth. An object that is not written is filled in
 * only where its schema has a default (`default: {}`): a block without one is off until a suite names it.
 */
export function withDefaults(schema: JsonObject, value: JsonObject): JsonObject {
  const fill = (filler ??= ajvOf({ ...options, useDefaults: true, verbose: false })).compile(withoutOwnDefault(schema));
  const copy = structuredClone(value);
  fill(copy);
  return copy;
}

/** A default of the whole is for whoever embeds the schema; here the whole is always given. */
function withoutOwnDefault(schema: JsonObject): JsonObject {
  const known = inner.get(schema);
  if (known !== undefined) return known;
  const made = Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'default'));
  inner.set(schema, made);
  return made;
}
