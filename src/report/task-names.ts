/**
 * Tasks are named `<data>/<task>`. Where all of them come from one data set its name says nothing, and columns and rows
 * are labelled by the rest.
 */
export function taskLabels(names: readonly string[]): ReadonlyMap<string, string> {
  const prefixes = new Set(names.map((name) => name.slice(0, name.indexOf('/') + 1)));
  const [prefix = ''] = prefixes;
  return new Map(names.map((name) => [name, prefixes.size === 1 ? name.slice(prefix.length) : name]));
}
