/** A searched option: one value, or the list of values to choose from on validation. */
export type Searched = number | readonly number[];

/** One combination of the searched options. */
export type Configuration = Readonly<Record<string, number>>;

export interface Grid {
  /** Values of each searched option, ascending, without repeats. */
  readonly axes: Readonly<Record<string, readonly number[]>>;
  /** Every combination; the first option varies slowest. */
  readonly configurations: readonly Configuration[];
  /** Of options that end somewhere by their meaning, that value: layer_decay 1 is no decay, weight_decay 0 no penalty. */
  readonly limits: Configuration;
}

/** The grid that searched options span. A single value is an axis of length 1. Throws RangeError for an empty list. */
export function gridOf(searched: Readonly<Record<string, Searched>>, limits: Configuration = {}): Grid {
  const axes = Object.fromEntries(Object.entries(searched).map(([name, value]) => {
    const values = [...new Set(typeof value === 'number' ? [value] : value)].sort((a, b) => a - b);
    if (values.length === 0) throw new RangeError(`the list of values of "${name}" is empty`);
    return [name, values] as const;
  }));
  let configurations: readonly Configuration[] = [{}];
  for (const [name, values] of Object.entries(axes)) {
    configurations = configurations.flatMap((configuration) => values.map((value) => ({ ...configuration, [name]: value })));
  }
  return { axes, configurations, limits };
}

/**
 * Names of the options whose choice hints that their list is too short: it is the smallest or largest of several values,
 * and the option goes on beyond it. Of two values each is an end: such a list never shows that it is long enough.
 */
export const atEdge = ({ axes, limits }: Grid, chosen: Configuration): readonly string[] =>
  Object.entries(axes).flatMap(([name, values]) => {
    const value = chosen[name];
    return values.length > 1 && (value === values[0] || value === values.at(-1)) && value !== limits[name] ? [name] : [];
  });
