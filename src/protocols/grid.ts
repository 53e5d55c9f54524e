/** A searched option: one value, or the list of values to choose from on validation. */
export type Searched = number | readonly number[];

/** One combination of the searched options. */
export type Configuration = Readonly<Record<string, number>>;

export interface Grid {
  /** Values of each searched option, ascending, without repeats. */
  readonly axes: Readonly<Record<string, readonly number[]>>;
  /** Every combination; the first option varies slowest. */
  readonly configurations: readonly Configuration[];
}

/** The grid that searched options span. A single value is an axis of length 1. Throws RangeError for an empty list. */
export function gridOf(searched: Readonly<Record<string, Searched>>): Grid {
  const axes = Object.fromEntries(Object.entries(searched).map(([name, value]) => {
    const values = [...new Set(typeof value === 'number' ? [value] : value)].sort((a, b) => a - b);
    if (values.length === 0) throw new RangeError(`the list of values of "${name}" is empty`);
    return [name, values] as const;
  }));
  let configurations: readonly Configuration[] = [{}];
  for (const [name, values] of Object.entries(axes)) {
    configurations = configurations.flatMap((configuration) => values.map((value) => ({ ...configuration, [name]: value })));
  }
  return { axes, configurations };
}

/** Names of the options whose chosen value is the smallest or largest of a list of at least two values. */
export const atEdge = (grid: Grid, chosen: Configuration): readonly string[] =>
  Object.entries(grid.axes).filter(([name, values]) => values.length > 1 && (chosen[name] === values[0] || chosen[name] === values.at(-1))).map(([name]) => name);
