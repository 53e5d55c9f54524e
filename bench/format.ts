import type { Estimate } from './statistics.js';

/** A Markdown table. Columns after the first are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Three significant digits, never in powers of ten. */
export const short = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** `1.32 (1.28 to 1.36)`, or the value alone where there is no interval. */
export const estimateText = ({ value, low, high }: Estimate): string => (low === null || high === null ? short(value) : `${short(value)} (${short(low)} to ${short(high)})`);

export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
