import type { JsonObject } from '../files.js';

export interface CurvePoint extends JsonObject { readonly step: number; readonly loss: number; readonly lr: number }

/**
 * A training curve of bounded length: each point is the mean loss of a window of steps, with the last step of the window
 * and its learning rate. The state is plain data, so a checkpoint can hold it.
 */
export interface CurveState { readonly points: readonly CurvePoint[]; readonly sum: number; readonly count: number }

export const emptyCurve: CurveState = { points: [], sum: 0, count: 0 };

/** Steps a point, so that a run of `totalSteps` has at most `limit` points. */
export const curveWindow = (totalSteps: number, limit = 200): number => Math.max(1, Math.ceil(totalSteps / limit));

/** The curve after one more step (1-based count of finished steps). The last window may be shorter. */
export function extendCurve(curve: CurveState, step: number, loss: number, lr: number, window: number, totalSteps: number): CurveState {
  const sum = curve.sum + loss;
  const count = curve.count + 1;
  if (step % window !== 0 && step !== totalSteps) return { points: curve.points, sum, count };
  return { points: [...curve.points, { step, loss: sum / count, lr }], sum: 0, count: 0 };
}
