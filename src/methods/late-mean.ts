import type { CurvePoint } from '../training/curve.js';

/** Of a diagnostic over the last tenth of training; null where nothing tells it. */
export function lateMean(curve: readonly CurvePoint[], name: string): number | null {
  const steps = curve.at(-1)?.step ?? 0;
  const values = curve.flatMap(({ step, diagnostics }) => (step > 0.9 * steps ? diagnostics?.[name] ?? [] : []));
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
