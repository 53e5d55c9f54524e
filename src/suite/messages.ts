import type { ErrorObject } from 'ajv';
import type { Json, JsonObject } from '../files.js';
import { nearest } from '../nearest.js';
import { otherNames, pretrainProperties } from './core.js';
import { shown, suggestion } from './problem.js';
import type { Path, Problem } from './problem.js';

/** Path of a JSON pointer in a value: a step into a list becomes a number. */
function pathOf(pointer: string, root: Json): Path {
  let here: Json | undefined = root;
  return pointer.split('/').slice(1).map((step) => {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    const inList = Array.isArray(here);
    here = inList ? (here as readonly Json[])[Number(key)] : (here as JsonObject | undefined)?.[key];
    return inList ? Number(key) : key;
  });
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'a mapping', array: 'a list', string: 'a string', integer: 'a whole number', number: 'a number', boolean: 'true or false', null: 'null',
};

/** What a schema wants, in words: `a number or a list of numbers`. */
export function wanted(schema: unknown): string {
  if (typeof schema !== 'object' || schema === null) return 'something else';
  const { type, items, enum: values, const: only, oneOf, anyOf } = schema as Record<string, unknown>;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values)) return `one of ${values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ')}`;
  const branches = Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : undefined;
  if (branches !== undefined) return branches.map(wanted).join(' or ');
  if (Array.isArray(type)) return type.map((one) => typeNames[String(one)] ?? String(one)).join(' or ');
  if (type === 'array' && typeof items === 'object' && items !== null && 'type' in items) return `a list of ${(typeNames[String(items.type)] ?? 'value').replace(/^an? /, '')}s`;
  return typeNames[String(type)] ?? String(type);
}

const patterns: Readonly<Record<string, string>> = {
  '^[A-Za-z0-9][A-Za-z0-9._-]*$': 'names have letters, digits, "-", "_" and ".", and begin with a letter or digit',
  '^[A-Za-z0-9][A-Za-z0-9._+-]*$': 'names have letters, digits, "-", "_", "." and "+", and begin with a letter or digit',
};

function message(error: ErrorObject): Omit<Problem, 'path'> & { readonly below?: string | number } {
  const { keyword, params, parentSchema } = error;
  const data = error.data as Json;
  const value = (text: string): Omit<Problem, 'path'> => ({ part: 'value', message: text });
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const valid = Object.keys((parentSchema?.['properties'] ?? {}) as object).filter((name) => name !== '$schema');
      const chooser = ['method', 'source'].find((name) => valid.includes(name));
      let hint = suggestion(key, valid);
      if (key === 'options' && chooser !== undefined) hint = `; the options of a ${chooser} stand beside "${chooser}" itself`;
      // A key of entries that pre-train, on an entry that does not.
      else if (chooser === 'method' && Object.hasOwn(pretrainProperties, key)) hint = `; ${shown((data as JsonObject)['method'] ?? null)} pre-trains on nothing`;
      return { part: 'key', below: key, message: `unknown key "${key}"${hint}` };
    }
    case 'ascending': return value(`${JSON.stringify(data)} begins behind its end: the lower value comes first`);
    case 'propertyNames': {
      const key = String(params['propertyName']);
      return { part: 'key', below: key, message: `"${key}" is not a name: ${patterns['^[A-Za-z0-9][A-Za-z0-9._-]*$']}, at most 64 of them` };
    }
    case 'required': {
      const missing = String(params['missingProperty']);
      const known = (parentSchema?.['properties'] ?? {}) as object;
      const meant = nearest(missing, Object.keys(data as object).filter((key) => !Object.hasOwn(known, key)));
      return value(`the key "${missing}" is missing${meant === undefined ? '' : `; is "${meant}" meant to be it?`}`);
    }
    case 'type': return value(`must be ${wanted(parentSchema)}, is ${shown(data)}`);
    case 'enum': {
      const valid = (params['allowedValues'] as readonly unknown[]).map(String);
      const written = typeof data === 'string' ? data : JSON.stringify(data);
      const meant = Object.hasOwn(otherNames, written) ? otherNames[written]! : undefined;
      const hint = meant !== undefined && valid.includes(meant) ? `; it is called "${meant}" here` : suggestion(written, valid);
      return value(`${shown(data)} is not valid here${hint}`);
    }
    case 'const': return value(`must be ${JSON.stringify(params['allowedValue'])}, is ${shown(data)}`);
    case 'minimum': case 'maximum': case 'exclusiveMinimum': case 'exclusiveMaximum':
      return value(`must be ${String(params['comparison'])} ${String(params['limit'])}, is ${shown(data)}`);
    case 'multipleOf': return value(`must be a multiple of ${String(params['multipleOf'])}, is ${shown(data)}`);
    case 'pattern': {
      const rule = patterns[String(params['pattern'])];
      return value(rule === undefined ? `${shown(data)} does not match ${String(params['pattern'])}` : `${shown(data)} is not a name: ${rule}`);
    }
    case 'minLength': return value(`must have at least ${String(params['limit'])} characters, is ${shown(data)}`);
    case 'maxLength': return value(`must have at most ${String(params['limit'])} characters, has ${(data as string).length}`);
    case 'minItems': return value(params['limit'] === 1 ? 'must not be empty' : `must have at least ${String(params['limit'])} items, has ${(data as readonly unknown[]).length}`);
    case 'maxItems': return value(`must have at most ${String(params['limit'])} items, has ${(data as readonly unknown[]).length}`);
    case 'minProperties': return value('must not be empty');
    case 'uniqueItems': {
      // ajv names the two as i > j.
      const [first, second] = [Math.min(Number(params['i']), Number(params['j'])), Math.max(Number(params['i']), Number(params['j']))];
      return { part: 'value', below: second, message: `${shown((data as readonly Json[])[second]!)} stands twice in the list (items ${first + 1} and ${second + 1})` };
    }
    default: return value(error.message ?? `breaks the rule "${keyword}"`);
  }
}

/**
 * Of the errors of an `oneOf` or `anyOf`, keeps those that help: when the value has the form of exactly one branch, what is
 * wrong within that branch; otherwise one line that names all forms.
 */
function withoutAlternatives(errors: readonly ErrorObject[]): readonly (ErrorObject | { readonly alternatives: ErrorObject })[] {
  const groups = errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
  let kept: (ErrorObject | { readonly alternatives: ErrorObject })[] = [...errors];
  for (const group of groups) {
    const inside = (error: ErrorObject): boolean => error !== group && error.schemaPath.startsWith(`${group.schemaPath}/`) && `${error.instancePath}/`.startsWith(`${group.instancePath}/`);
    const branchOf = (error: ErrorObject): string => error.schemaPath.slice(group.schemaPath.length + 1).split('/', 1)[0] ?? '';
    const members = errors.filter(inside);
    const branches = [...new Set(members.map(branchOf))];
    const fitting = branches.filter((branch) => !members.some((error) => branchOf(error) === branch && error.instancePath === group.instancePath && ['type', 'const', 'enum'].includes(error.keyword)));
    kept = kept.filter((error) => {
      if ('alternatives' in error) return true;
      if (error === group) return fitting.length !== 1;
      return !inside(error) || (fitting.length === 1 && branchOf(error) === fitting[0]);
    }).map((error) => (error === group ? { alternatives: group } : error));
  }
  return kept;
}

/** Problems out of the errors of a validation of `root`; `base` is the path of `root` in the file. */
export function problemsOf(errors: readonly ErrorObject[], root: Json, base: Path = []): readonly Problem[] {
  // The errors of `if` and of a name's pattern under `propertyNames` are said by others already.
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath));
  const telling = errors.filter(({ keyword, schemaPath, instancePath, propertyName }) =>
    keyword !== 'if' && propertyName === undefined && !schemaPath.includes('/propertyNames/') && !(keyword === 'enum' && mistyped.has(instancePath)));
  return withoutAlternatives(telling).map((error) => {
    if ('alternatives' in error) {
      const { parentSchema, instancePath } = error.alternatives;
      const data = error.alternatives.data as Json;
      return { path: [...base, ...pathOf(instancePath, root)], part: 'value', message: `must be ${wanted(parentSchema)}, is ${shown(data)}` };
    }
    const { below, ...rest } = message(error);
    const path = [...base, ...pathOf(error.instancePath, root)];
    return { ...rest, path: below === undefined ? path : [...path, below] };
  });
}
