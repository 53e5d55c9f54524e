/** A searched option: one value, or the list of values to choose from on validation. */
type Searched<T extends number | string = number> = T | readonly T[];

/** One combination of the searched options. */
export type Configuration = Readonly<Record<string, number | string>>;

/** The combination that a record of searched options comes to. */
type ConfigurationOf<S> = { readonly [K in keyof S]: S[K] extends Searched<infer T> ? T : never };

export interface Grid<C = Configuration> {
  /** Values of each searched option without repeats: numbers ascending, names as they were given. */
  readonly axes: { readonly [K in keyof C]: readonly C[K][] };
  /** Every combination; the first option varies slowest. */
  readonly configurations: readonly C[];
  /** Of options that end somewhere by their meaning, that value: layer_decay 1 is no decay, weight_decay 0 no penalty. */
  readonly limits: Partial<C>;
}

/** The grid that the named options span. A single value is an axis of length 1. Throws RangeError for an empty list. */
export function gridOf<K extends string, O extends Readonly<Record<K, Searched | Searched<string>>>>(options: O, searched: readonly K[], limits: Partial<ConfigurationOf<Pick<O, K>>> = {}): Grid<ConfigurationOf<Pick<O, K>>> {
  const axes: Record<string, readonly (number | string)[]> = Object.fromEntries(searched.map((name) => {
    const value: Searched | Searched<string> = options[name];
    const values = [...new Set<number | string>(typeof value === 'object' ? value : [value])];
    if (values.length === 0) throw new RangeError(`the list of values of "${name}" is empty`);
    return [name, values.every((one) => typeof one === 'number') ? values.sort((a, b) => a - b) : values] as const;
  }));
  let configurations: readonly Configuration[] = [{}];
  for (const [name, values] of Object.entries(axes)) {
    configurations = configurations.flatMap((configuration) => values.map((value) => ({ ...configuration, [name]: value })));
  }
  return { axes, configurations, limits } as unknown as Grid<ConfigurationOf<Pick<O, K>>>;
}

/**
 * Names of the options whose choice hints that their list is too short: it is the smallest or largest of several numbers,
 * and the option goes on beyond it. Of two values each is an end: such a list never shows that it is long enough. Names
 * have no ends.
 */
export const atEdge = ({ axes, limits }: Pick<Grid, 'axes' | 'limits'>, chosen: Configuration): readonly string[] =>
  Object.entries(axes).flatMap(([name, values]) => {
    const value = chosen[name];
    return typeof value === 'number' && values.length > 1 && (value === values[0] || value === values.at(-1)) && value !== limits[name] ? [name] : [];
  });
