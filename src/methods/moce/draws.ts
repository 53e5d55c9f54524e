import { type Arrays, pretrainPurpose, type StepDraws, stepDraws, trainPositions } from '../../data/loader/index.js';
import { stream } from '../../random.js';
import { drawMasks } from '../mae/masks.js';

export interface MoceDraws {
  readonly batch: number;
  readonly patches: number;
  readonly kept: number;
  readonly seed: number;
  /** Blocks with experts. */
  readonly layers: number;
  readonly experts: number;
  /** Deviation of the gate's noise in units of 1 / N; 0: none is drawn. */
  readonly noiseStd: number;
  /** What noise is drawn for: clusters, so that the images of one stay together, or tokens of the batch. */
  readonly noisy: number;
  /** Cluster of each image of the view; null where the gate does not ask. */
  readonly assignments: Int32Array | null;
}

/** N(0, (noiseStd / N)^2) for each block, cluster or token, and expert: [layers, noisy, N]. */
export function drawNoise({ layers, experts, noiseStd, noisy, seed }: MoceDraws, step: number): Float32Array {
  const draws = stream(seed, 'moce-gate', step);
  return Float32Array.from({ length: layers * noisy * experts }, () => (draws.normal() * noiseStd) / experts);
}

/** MAE's masks, `noise` where there is some, and where the gate asks `cluster` int32 [batch]: those of the images that the step takes. */
export function drawStep(args: MoceDraws, step: number): Arrays {
  const { batch, patches, kept, seed, assignments } = args;
  const positions = assignments === null ? null : trainPositions({ indices: assignments, evenOver: assignments, seed, purpose: pretrainPurpose, step, batch });
  return {
    ...drawMasks(batch, patches, kept, seed, step),
    ...(args.noiseStd === 0 ? {} : { noise: drawNoise(args, step) }),
    ...(positions === null ? {} : { cluster: positions.map((position) => assignments![position]!) }),
  };
}

/** Masks, noise and clusters of every step. */
export const moceDraws = (args: MoceDraws): StepDraws => stepDraws(import.meta.url, drawStep, args);
