import { setImmediate } from 'node:timers/promises';
import type { Compiled, HostArray } from '../engine/contract.js';
import type { Phases } from '../runner/job.js';

export interface TrainingArguments {
  /** Has a function `train` that gives `loss`. */
  readonly compiled: Compiled;
  readonly steps: number;
  readonly inputs: (step: number) => Readonly<Record<string, HostArray>> | Promise<Readonly<Record<string, HostArray>>>;
  readonly rate: (step: number) => number;
  readonly weightDecay: number;
  readonly onStep: (step: number, loss: number) => void;
  readonly phases: Phases;
}

export type Training =
  | { readonly diverged: false; readonly curve: readonly { readonly step: number; readonly loss: number }[] }
  | { readonly diverged: true; readonly step: number };

/** Trains from the model's present values. The curve holds about a hundred points, each the mean loss since the last. */
export async function trainSteps({ compiled, steps, inputs, rate, weightDecay, onStep, phases }: TrainingArguments): Promise<Training> {
  const curve: { step: number; loss: number }[] = [];
  const every = Math.ceil(steps / 100);
  let recent: number[] = [];
  for (let step = 0; step < steps; step++) {
    phases.enter('wait');
    const made = await inputs(step);
    phases.enter('step');
    const loss = compiled.run('train', made, { lr: rate(step), weight_decay: weightDecay })['loss']!.data[0]!;
    phases.enter('other');
    if (!Number.isFinite(loss)) return { diverged: true, step };
    recent.push(loss);
    if (recent.length === every || step === steps - 1) {
      curve.push({ step, loss: recent.reduce((sum, one) => sum + one, 0) / recent.length });
      recent = [];
    }
    onStep(step, loss);
    // Lets messages of this process out: a step blocks.
    await setImmediate();
  }
  return { diverged: false, curve };
}
