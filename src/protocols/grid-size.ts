/** How many configurations the named options span: the product of their lists' lengths, one value counting as one. */
export const gridSize = (options: Readonly<Record<string, unknown>>, searched: readonly string[]): number =>
  searched.map((name) => options[name]).reduce<number>((size, value) => size * (Array.isArray(value) ? value.length : 1), 1);

/** How many of them are tried before the last training: all, or none where there is one alone. */
export const trialsOf = (configurations: number): number => (configurations > 1 ? configurations : 0);
