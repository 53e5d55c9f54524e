import { resample, strataOf } from '../../metrics/stats/index.js';
import { stream } from '../../random.js';
import type { Evaluation } from './evaluation.js';

/** Draws of a bootstrap. */
export const draws = 1000;

/** An evaluation with its value under each draw of the test images: float64 [draws]. */
export interface Replicated extends Evaluation { readonly replicates: Float64Array }

/**
 * Bootstrap of a task's test images, in strata of their classes. Images are drawn by id out of those of all evaluations in `all`, so that
 * whoever is judged on an image, at whatever seed, sees it as often in a draw: differences are paired, and what seeds share is
 * known. The draws depend on the ids alone. Only `wanted`, which is of `all`, is computed.
 */
export function replicate(all: readonly Evaluation[], wanted: readonly Evaluation[]): readonly Replicated[] {
  const places = new Map<string, number>();
  const labels: string[] = [];
  for (const { ids, classes } of all) {
    ids.forEach((id, i) => {
      if (places.has(id)) return;
      places.set(id, places.size);
      labels.push(classes?.[i] ?? '');
    });
  }
  const known = new Map<string, Uint32Array>();
  const placesOf = ({ ids }: Evaluation): Uint32Array => {
    const key = ids.join('\n');
    const own = known.get(key) ?? Uint32Array.from(ids, (id) => places.get(id)!);
    known.set(key, own);
    return own;
  };
  const replicated = wanted.map((evaluation) => ({ ...evaluation, replicates: new Float64Array(draws), own: placesOf(evaluation) }));
  const strata = strataOf(labels);
  // Of its own for each set of images: tasks are to vary independently.
  const { uniform } = stream(places.size, `bootstrap of test images/${all[0]?.ids[0] ?? ''}`);
  const gathered = new Map([...known.values()].map((own) => [own, new Float64Array(own.length)]));
  for (let draw = 0; draw < draws; draw++) {
    const weights = resample(strata, labels.length, uniform);
    for (const [own, into] of gathered) for (let i = 0; i < own.length; i++) into[i] = weights[own[i]!]!;
    for (const { statistic, replicates, own } of replicated) replicates[draw] = statistic(gathered.get(own)!);
  }
  return replicated;
}
