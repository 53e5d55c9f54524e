import { expect } from 'vitest';
import type { HostArray } from '../../src/engine/contract.js';
import type { TrainRecipe } from '../../src/methods/method.js';
import { openEngine } from '../engine/open.js';
import { difference, summary, type Summary, withoutKeyBias, withSeeded } from '../models/seeded.js';

/** A training as PyTorch took it: rates and losses step by step, and the parameters after the last one. */
export interface TrainingReference { readonly rates: readonly number[]; readonly losses: readonly number[]; readonly parameters: Readonly<Record<string, Summary>> }

/** Takes the same steps from seeded weights; holds rates, losses and parameters to the reference's. */
export async function expectSameTraining(recipe: TrainRecipe, training: TrainingReference, names: Parameters<typeof withSeeded>[1], inputs: (step: number) => Readonly<Record<string, HostArray>>): Promise<void> {
  const engine = await openEngine({ threads: 1 });
  const compiled = engine.compile({ params: withSeeded(recipe.params, names), optimizer: recipe.optimizer, functions: { train: recipe.train } });
  const losses = training.losses.map((_, step) => {
    const rates = recipe.schedule(step);
    expect(rates.lr).toBeCloseTo(training.rates[step]!, 12);
    return compiled.run('train', inputs(step), rates)['loss']!.data[0]!;
  });
  const found = compiled.readParams();
  compiled.dispose();
  losses.forEach((loss, step) => { expect(Math.abs(loss / training.losses[step]! - 1), `loss of step ${step}`).toBeLessThan(1e-4); });
  for (const [name, wanted] of Object.entries(training.parameters)) {
    const seen = withoutKeyBias(name, found.get(name)!);
    expect(difference(summary(seen), wanted, seen.length), `value of ${name}`).toBeLessThan(1e-4);
  }
}
