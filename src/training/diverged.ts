import { DivergedError } from '../errors.js';

/** Where a training stands: its job, its finished steps, and the rate of the last one. */
export interface TrainingPlace { readonly name: string; readonly step: number; readonly totalSteps: number; readonly lr: number }

/** `what`: the loss, or the name of a tensor. */
export const diverged = (what: string, value: number, { name, step, totalSteps, lr }: TrainingPlace): DivergedError =>
  new DivergedError(`${what} became ${value} at step ${step} of ${totalSteps} with lr ${lr}`, {
    where: name, fix: 'Lower the learning rate or lengthen the warm-up.', data: { name, step, lr, what, value: String(value) },
  });

/** DivergedError where a weight is not finite. A loss is of before its step's update, so that the last one tells nothing of these. */
export function refuseDiverged(weights: ReadonlyMap<string, { readonly data: Float32Array }>, place: TrainingPlace): void {
  for (const [name, { data }] of weights) {
    const value = data.find((one) => !Number.isFinite(one));
    if (value !== undefined) throw diverged(name, value, place);
  }
}
