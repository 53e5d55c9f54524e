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

/** Columns side by side, the first to the left, the others (numbers) to the right. The first row is the heading. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('   ').trimEnd()).join('\n');
}
