import type { JsonObject } from '../files.js';
import type { Restatement } from '../results/types.js';
import type { MethodSpec } from './method.js';

/** Where a method is from: the values and forms of its options, and what is no option. */
export interface Provenance {
  /** A sentence for each option whose description does not say it, by its path: `clusters.algorithm`. It is put behind the description. */
  readonly options: Readonly<Record<string, string>>;
  readonly restatement?: Restatement;
}

const blocksOf = (schema: JsonObject): Readonly<Record<string, JsonObject>> => (schema['properties'] ?? {}) as Readonly<Record<string, JsonObject>>;

/** Paths of the options that hold values, not further options, in the schema's order. */
export const leafOptions = (schema: JsonObject): readonly string[] =>
  Object.entries(blocksOf(schema)).flatMap(([name, property]) => (property['properties'] === undefined ? [name] : leafOptions(property).map((path) => `${name}.${path}`)));

/** The same sentence for some options of a block. */
export const toldOf = (options: readonly string[], sentence: string): Readonly<Record<string, string>> => Object.fromEntries(options.map((option) => [option, sentence]));

/**
 * A spec that says where it is from. It stands in the registry, and what it says in modules that no training loads: a job's key covers
 * the files that its training loads, so a word about a source would make every training run again.
 */
export function withProvenance(spec: MethodSpec, { options, restatement }: Provenance): MethodSpec {
  const known = leafOptions(spec.schema);
  const unknown = Object.keys(options).filter((path) => !known.includes(path));
  if (unknown.length > 0) throw new Error(`${spec.name} has no option ${unknown.join(', ')} of which it could be said where it is from`);
  return { ...spec, schema: told(spec.schema, options, ''), ...(restatement === undefined ? {} : { restatement }) };
}

/** What says that an option is off by default stays the end of its description. */
const behind = (description: string, sentence: string): string => description.replace(/( Off unless given\.)?$/, (off) => ` ${sentence}${off}`);

function told(schema: JsonObject, options: Readonly<Record<string, string>>, prefix: string): JsonObject {
  const properties = Object.entries(blocksOf(schema)).map(([name, property]): readonly [string, JsonObject] => {
    const path = `${prefix}${name}`;
    if (property['properties'] !== undefined) return [name, told(property, options, `${path}.`)];
    const sentence = options[path];
    return [name, sentence === undefined ? property : { ...property, description: behind(property['description'] as string, sentence) }];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}
