import type { DataSource } from '../data/source.js';
import { UsageError } from '../errors.js';
import type { Json, JsonObject } from '../files.js';
import { didYouMean } from '../nearest.js';
import type { parseYaml } from '../suite/yaml.js';

/** A source by its name. UsageError with the nearest name for an unknown one. */
export async function sourceOf(name: string): Promise<DataSource> {
  const { dataSources } = await import('../data/sources/index.js');
  if (Object.hasOwn(dataSources, name)) return dataSources[name]!();
  const names = Object.keys(dataSources);
  throw new UsageError(`There is no data source '${name}'${didYouMean(name, names)}`, { fix: `Sources: ${names.join(', ')}.` });
}

export const optionSchemas = (source: DataSource): JsonObject => (source.schema['properties'] ?? {}) as JsonObject;

/**
 * `key=value` pairs to options with defaults. A value is read as JSON where it is JSON, as YAML where it is a list or a mapping in brackets,
 * as text otherwise: of other YAML a path would lose what follows a #, and more.
 */
export async function optionsOf(source: DataSource, pairs: readonly string[]): Promise<JsonObject> {
  const [{ check, withDefaults }, { pathText }, { parseYaml }] = await Promise.all([import('../suite/validate.js'), import('../suite/problem.js'), import('../suite/yaml.js')]);
  const given = Object.fromEntries(pairs.map((pair): [string, Json] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`'${pair}' is no option of a source`, { fix: 'Write --option key=value.' });
    return [pair.slice(0, at), valueOf(pair.slice(at + 1), parseYaml)];
  }));
  const problems = check(source.schema, given);
  if (problems.length > 0) {
    const known = Object.keys(optionSchemas(source));
    throw new UsageError(`The options of '${source.name}' are wrong: ${problems.map(({ path, message }) => (path.length === 0 ? message : `${pathText(path)}: ${message}`)).join('; ')}`, {
      fix: known.length === 0 ? `The source '${source.name}' has no options.` : `Write --option key=value. Options of '${source.name}': ${known.join(', ')}.`,
    });
  }
  return withDefaults(source.schema, given);
}

function valueOf(text: string, yaml: typeof parseYaml): Json {
  const readings = [() => JSON.parse(text) as Json, ...(/^\s*[[{]/.test(text) ? [() => yaml(text, 'an option').value] : [])];
  for (const read of readings) {
    try {
      return read();
    } catch {
      // The next reading may do.
    }
  }
  return text;
}
