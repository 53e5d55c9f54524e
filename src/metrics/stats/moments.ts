/** Of values in their order. */
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Arithmetic mean; NaN for no values. */
export const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Sample standard deviation with n - 1 below; NaN for fewer than two values. */
export function sampleSd(values: readonly number[]): number {
  const centre = mean(values);
  return values.length < 2 ? NaN : Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}
