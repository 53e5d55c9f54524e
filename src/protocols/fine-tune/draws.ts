import { type Arrays, type StepDraws, stepDraws, trainMixing, trainPositions } from '../../data/loader/index.js';
import type { Mix } from '../../data/augment/index.js';
import { dropPathDraws } from '../../models/drop-path-draws.js';
import { mixTargets, smoothTargets } from './targets.js';

interface FineTuneDraws {
  /** Of each image that is trained on, in the order of the series' indices. */
  readonly labels: Int32Array;
  readonly classes: number;
  readonly labelSmoothing: number;
  readonly mix: Mix | undefined;
  /** Pixels a side. */
  readonly size: number;
  readonly batch: number;
  readonly seed: number;
  /** The series' own. */
  readonly purpose: string;
  /** null: none is drawn. */
  readonly dropPath: { readonly depth: number; readonly rate: number } | null;
}

/** What a step takes beside its images: `targets`, and `drop_path` where there is any. */
export function drawStep({ labels, classes, labelSmoothing, mix, size, batch, seed, purpose, dropPath }: FineTuneDraws, step: number): Arrays {
  const positions = trainPositions({ indices: labels, seed, purpose, step, batch });
  const targets = smoothTargets(positions.map((position) => labels[position]!), classes, labelSmoothing);
  mixTargets(targets, classes, trainMixing({ mix, seed, purpose, step, size }).share);
  return { targets, ...(dropPath === null ? {} : { drop_path: dropPathDraws(dropPath.depth, dropPath.rate, batch, seed, step) }) };
}

export const fineTuneDraws = (args: FineTuneDraws): StepDraws => stepDraws(import.meta.url, drawStep, args);
