import type { Interval } from '../metrics/stats/index.js';
import type { Summary } from '../results/intervals.js';
import type { Range } from '../results/comparison.js';

/**
 * How numbers are printed, the same in every format. Fractions are shown in percent with one digit behind the point,
 * differences of fractions in percentage points with a sign.
 */
const minus = '\u2212';
const dash = '\u2013';

/** A fraction in percent: 0.4321 -> `43.2`. Unit: %. */
export const percent = (fraction: number, digits = 1): string => (fraction * 100).toFixed(digits);

/** The same, with a dash where there is no number. */
export const percentOrDash = (fraction: number | null): string => (fraction === null || !Number.isFinite(fraction) ? dash : percent(fraction));

/** An interval of fractions in percent: `40.1 to 45.2`, `−1.0 to 3.4`; a dash where there is none. */
export function intervalPercent(interval: Interval | null): string {
  if (interval === null || !Number.isFinite(interval.low + interval.high)) return dash;
  const end = (value: number): string => percent(value).replace(/^-(?=0\.0$)/, '').replace('-', minus);
  return `${end(interval.low)} to ${end(interval.high)}`;
}

/** A difference of fractions in percentage points: 0.0123 -> `+1.2`. */
export function points(difference: number, digits = 1): string {
  const text = Math.abs(difference * 100).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${difference < 0 ? minus : '+'}${text}`;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
export const count = (value: number): string => grouped.format(value);

export const rangeText = ({ low, high }: Range): string => (low === high ? count(low) : `${count(low)}${dash}${count(high)}`);

/** A number with three significant digits at most: 0.61234 -> `0.612`, 0.5 -> `0.5`. */
export const threeDigits = (value: number): string => String(Number(value.toPrecision(3)));

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
/** Three significant digits and an SI prefix: 1.23e13 -> `12.3 T`. */
export function scaled(value: number, unit: string): string {
  if (value === 0) return `0 ${unit}`;
  // Rounded first: 999,999 is 1 M, not 1000 k.
  const rounded = Number(value.toPrecision(3));
  const step = Math.max(0, Math.min(prefixes.length - 1, Math.floor(Math.log10(Math.abs(rounded)) / 3)));
  return `${threeDigits(rounded / 1000 ** step)} ${prefixes[step]!}${unit}`;
}

/** The same of what has no unit, parameters and operations: `12.3 T`. */
export const scaledCount = (value: number): string => scaled(value, '').trim();

/** `42 s`, `3.1 min`, `2.4 h`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Mean of fractions with the half-width of its interval where there is one, in %: `43.2 ± 1.4`. Empty for no value. */
export function summaryPercent(summary: Summary): string {
  switch (summary.kind) {
    case 'none': return '';
    case 'values': return percent(summary.mean);
    case 'interval': return `${percent(summary.mean)} ± ${percent(summary.half)}`;
  }
}

/** Mean difference in percentage points with its interval where there is one: `+1.2 [+0.3, +2.1]`. Empty for no value. */
export function summaryPoints(summary: Summary): string {
  switch (summary.kind) {
    case 'none': return '';
    case 'values': return points(summary.mean);
    case 'interval': return `${points(summary.mean)} [${points(summary.low)}, ${points(summary.high)}]`;
  }
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** Where a mean difference of fractions stands: `1.2 points above`, `0.3 points below`, `level with`. */
export function standsAt(difference: number): string {
  const text = Math.abs(difference * 100).toFixed(1);
  if (Number(text) === 0) return 'level with';
  return `${text} ${text === '1.0' ? 'point' : 'points'} ${difference < 0 ? 'below' : 'above'}`;
}

const metricNames: Readonly<Record<string, string>> = {
  top1: 'top-1', mean_per_class: 'mean per class', miou: 'mIoU', pixel_accuracy: 'pixel accuracy', mean_accuracy: 'mean accuracy',
  ...Object.fromEntries(['box', 'mask'].flatMap((of): (readonly [string, string])[] => [
    ...['ap', 'ap50', 'ap75', 'ar1', 'ar10', 'ar100'].map((name) => [`${of}_${name}`, `${of} ${name.toUpperCase()}`] as const),
    ...['ap', 'ar'].flatMap((what) => ['small', 'medium', 'large'].map((size) => [`${of}_${what}_${size}`, `${of} ${what.toUpperCase()}, ${size}`] as const)),
  ])),
};
/** What a metric is called where people read it. */
export const metricName = (metric: string): string => metricNames[metric] ?? metric;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
