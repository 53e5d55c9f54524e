import { setImmediate } from 'node:timers/promises';
import type { Compiled, HostArray, ParamSpec } from '../engine/contract.js';
import type { Phases } from '../runner/job.js';
import { type Carried, loadCheckpoint, saveCheckpoint, type Setting } from './checkpoints.js';
import { type CurvePoint, curveWindow, emptyCurve, extendCurve } from './curve.js';
import { diverged } from './diverged.js';
import { type Mark, markOf, newClock, tick } from './step-clock.js';

/** One training: `totalSteps` calls of the compiled function `train`. */
export interface Training {
  /** For messages: the job's id. */
  readonly name: string;
  readonly compiled: Compiled;
  readonly params: readonly ParamSpec[];
  readonly totalSteps: number;
  readonly batchSize: number;
  /** Inputs of a step, 0-based; a pure function of it. Their memory may be used again once the next step's are asked for. */
  inputs(step: number): Readonly<Record<string, HostArray>> | Promise<Readonly<Record<string, HostArray>>>;
  schedule(step: number): Readonly<Record<string, number>> & { readonly lr: number };
  /** Outputs of rank 0 that are recorded beside the loss. */
  readonly diagnostics?: readonly string[];
  /** Values that a step hands to the next, see TrainRecipe. */
  readonly carried?: Carried;
  /** Where and how often half-finished work is saved; null: never. */
  readonly checkpoints: CheckpointPlan | null;
  /**
   * Finished steps after which the weights, and what the step hands on, are read, ascending, and what reads them. After a kill `take` may be called again for a step,
   * with the same weights.
   */
  readonly stops?: { readonly steps: readonly number[]; take(step: number, carried: Carried): Promise<void> };
  /** Called after every step with the number of finished ones. */
  progress?(state: { readonly step: number; readonly loss: number; readonly imagesPerSecond: number }): void;
  log(line: string): void;
  readonly phases: Phases;
}

interface CheckpointPlan {
  readonly folder: string;
  readonly setting: Setting;
  readonly everySeconds: number;
  /** Told why training starts anew where there is a checkpoint that cannot be used. */
  refused(reason: string): void;
}

interface Trained {
  readonly curve: readonly CurvePoint[];
  /** Mean loss of the curve's last window; null where no step was asked for. */
  readonly finalLoss: number | null;
  /** Of this process's part of the run; null where it had no step left to do. */
  readonly imagesPerSecond: number | null;
  /** What the last step handed on. */
  readonly carried: Carried;
  /** Of the stops, and of the end: what steps took with the wait for their inputs, without checkpoints and stops. */
  readonly marks: readonly Mark[];
}

/**
 * Runs a training to its end, going on from a checkpoint where one fits. The result is the same to the bit however often
 * it was interrupted: inputs and rates depend on the step alone, and the checkpoint holds the rest.
 * DivergedError on the first loss that is not finite.
 */
export async function train(training: Training): Promise<Trained> {
  const { name, compiled, totalSteps, batchSize, checkpoints, params, log, phases, diagnostics = [] } = training;
  const found = checkpoints === null ? null : await loadCheckpoint(checkpoints.folder, compiled, params, training.carried ?? new Map(), checkpoints.setting, checkpoints.refused);
  if (found !== null) log(`goes on at step ${found.step} of ${totalSteps}`);
  const window = curveWindow(totalSteps);
  const first = found?.step ?? 0;
  const started = performance.now();
  let curve = found?.curve ?? emptyCurve;
  let carried: Carried = found?.carried ?? training.carried ?? new Map<string, Float32Array>();
  let clock = found?.clock ?? newClock;
  let marks = found?.marks ?? [];
  let saved = started;
  for (let step = first; step < totalSteps; step++) {
    const began = performance.now();
    const cpuBegan = process.cpuUsage();
    const rates = training.schedule(step);
    phases.enter('wait');
    const inputs = await training.inputs(step);
    phases.enter('step');
    const outputs = compiled.run('train', { ...inputs, ...Object.fromEntries(carried) }, rates);
    const loss = outputs['loss']!.data[0]!;
    phases.enter('other');
    if (!Number.isFinite(loss)) throw diverged('the loss', loss, { name, step: step + 1, totalSteps, lr: rates.lr });
    const done = step + 1;
    carried = new Map(Array.from(carried.keys(), (state) => [state, outputs[state]!.data as Float32Array]));
    const recorded = Object.fromEntries(diagnostics.map((output) => [output, outputs[output]!.data[0]!]));
    curve = extendCurve(curve, done, { loss, lr: rates.lr, diagnostics: recorded }, window, totalSteps);
    const now = performance.now();
    const { user, system } = process.cpuUsage(cpuBegan);
    if (step > first + 1) clock = tick(clock, (now - began) / 1000, (user + system) / 1e6);
    training.progress?.({ step: done, loss, imagesPerSecond: ((done - first) * batchSize * 1000) / (now - started) });
    // Before the checkpoint: one that holds this step says that what was read there is kept.
    if (training.stops?.steps.includes(done) === true) {
      phases.enter('checkpoint');
      await training.stops.take(done, carried);
      marks = [...marks, markOf(clock, done)];
      phases.enter('other');
    }
    if (checkpoints !== null && done < totalSteps && now - saved >= checkpoints.everySeconds * 1000) {
      phases.enter('checkpoint');
      await saveCheckpoint(checkpoints.folder, compiled, params, { step: done, curve, carried, clock, marks }, checkpoints.setting);
      saved = performance.now();
      phases.enter('other');
    }
    // Steps block the event loop; messages to and from the runner need a turn.
    await setImmediate();
  }
  const seconds = (performance.now() - started) / 1000;
  return {
    curve: curve.points,
    finalLoss: curve.points.at(-1)?.loss ?? null,
    imagesPerSecond: first < totalSteps ? ((totalSteps - first) * batchSize) / seconds : null,
    carried,
    marks: [...marks, markOf(clock, totalSteps)],
  };
}
