import { scaledRate, warmupCosine } from '../../training/schedules.js';
import type { IbotOptions } from './options.js';

/** Scalars of the train function beside its own two. */
export const ibotScalars = ['teacher_momentum', 'teacher_temperature', 'last_layer_gate'] as const;

interface Length { readonly batchSize: number; readonly totalSteps: number; readonly stepsPerEpoch: number }

/** Rates of one step, 0-based. */
export function ibotSchedule(options: IbotOptions, { batchSize, totalSteps, stepsPerEpoch }: Length) {
  const { teacher_temperature: temperature, weight_decay: decay } = options;
  const cosine = (from: number, to: number, step: number): number => warmupCosine({ peak: from, floor: to, warmupSteps: 0, totalSteps }, step);
  const rate = { peak: scaledRate(options.base_lr, batchSize), floor: options.min_lr, warmupSteps: options.warmup_epochs * stepsPerEpoch, totalSteps };
  const rise = temperature.warmup_epochs * stepsPerEpoch;
  return (step: number): Record<(typeof ibotScalars)[number] | 'lr' | 'weight_decay', number> => ({
    lr: warmupCosine(rate, step),
    weight_decay: cosine(decay.start, decay.end, step),
    teacher_momentum: cosine(options.teacher_momentum, 1, step),
    teacher_temperature: step < rise ? temperature.start + ((temperature.end - temperature.start) * step) / rise : temperature.end,
    last_layer_gate: step < options.freeze_last_layer_epochs * stepsPerEpoch ? 0 : 1,
  });
}
