import type { JsonObject } from '../files.js';

export interface CurvePoint extends JsonObject {
  readonly step: number;
  readonly loss: number;
  readonly lr: number;
  /** What a method records beside the loss, by name. */
  readonly diagnostics?: Readonly<Record<string, number>>;
}

/**
 * A training curve of bounded length: each point is the mean loss of a window of steps (of its diagnostics too), with the last
 * step of the window and its learning rate. The state is plain data, so a checkpoint can hold it.
 */
export interface CurveState {
  readonly points: readonly CurvePoint[];
  readonly sum: number;
  readonly count: number;
  readonly diagnostics: Readonly<Record<string, number>>;
}

export const emptyCurve: CurveState = { points: [], sum: 0, count: 0, diagnostics: {} };

/** Steps a point, so that a run of `totalSteps` has at most `limit` points. */
export const curveWindow = (totalSteps: number, limit = 200): number => Math.max(1, Math.ceil(totalSteps / limit));

/** What one step adds to a curve. */
interface StepValues { readonly loss: number; readonly lr: number; readonly diagnostics: Readonly<Record<string, number>> }

/** The curve after one more step (1-based count of finished steps). The last window may be shorter. */
export function extendCurve(curve: CurveState, step: number, { loss, lr, diagnostics }: StepValues, window: number, totalSteps: number): CurveState {
  const sum = curve.sum + loss;
  const count = curve.count + 1;
  const sums = mapped(diagnostics, (value, name) => (curve.diagnostics[name] ?? 0) + value);
  if (step % window !== 0 && step !== totalSteps) return { points: curve.points, sum, count, diagnostics: sums };
  const means = Object.keys(sums).length === 0 ? {} : { diagnostics: mapped(sums, (value) => value / count) };
  return { ...emptyCurve, points: [...curve.points, { step, loss: sum / count, lr, ...means }] };
}

const mapped = (values: Readonly<Record<string, number>>, by: (value: number, name: string) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, by(value, name)]));
