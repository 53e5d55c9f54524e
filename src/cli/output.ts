/** Numbers and tables as commands print them. */

const scaled = (value: number, step: number, units: readonly string[]): string => {
  let size = value;
  let unit = 0;
  while (size >= step && unit < units.length - 1) {
    size /= step;
    unit++;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits)}${units[unit] === '' ? '' : ` ${units[unit]}`}`;
};

/** `1.2 M`: powers of 1000. */
export const countText = (value: number): string => scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P', 'E']);

/** `3.4 MiB`: powers of 1024. */
export const bytesText = (value: number): string => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);

/** A result as JSON or as its text. */
export function printResult(json: boolean | undefined, value: unknown, text: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
}

/**
 * Columns side by side, the first to the left, the others (numbers) to the right. The first row is the heading. What is wider than the
 * terminal is cut into blocks below each other, each with the first column, so that no row breaks. A pipe has no width.
 */
export function textTable(rows: readonly (readonly string[])[], width: number = process.stdout.columns ?? Infinity): string {
  const gap = '   ';
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const blocks: number[][] = [];
  let used = 0;
  for (let column = 1; column < widths.length; column++) {
    used += gap.length + widths[column]!;
    if (blocks.length === 0 || used > width) {
      blocks.push([]);
      used = widths[0]! + gap.length + widths[column]!;
    }
    blocks.at(-1)!.push(column);
  }
  const line = (row: readonly string[], columns: readonly number[]): string =>
    [row[0]!.padEnd(widths[0]!), ...columns.map((column) => (row[column] ?? '').padStart(widths[column]!))].join(gap).trimEnd();
  return (blocks.length === 0 ? [[]] : blocks).map((columns) => rows.map((row) => line(row, columns)).join('\n')).join('\n\n');
}
