import type { Tensor } from '@tensorflow/tfjs-core';
import type { BodyArguments } from '../engine/contract.js';
import { patchCount, type VitConfig } from '../models/config.js';
import { drawMix } from './group-masks.js';
import { normalisePatches, reconstructionErrors } from './mae/loss.js';
import { drawMasks, type Masks } from './mae/masks.js';
import { maskedInputs } from './mae/network.js';
import type { HeldOutSpec } from './method.js';

/** Images of one call, about. */
const most = 64;

/** Whole groups of images whose visible patches make up one picture, where the visible share of a picture is 1 / n: as MixedAE sees them. */
const groupOf = (patches: number, kept: number): number => (patches % kept === 0 ? patches / kept : 1);

/** Images that are judged together. */
export const heldOutCount = (model: VitConfig, kept: number): number => {
  const group = groupOf(patchCount(model), kept);
  return group * Math.max(1, Math.floor(most / group));
};

/** Which patches of held-out images are visible: of every method that shows as many of each, at equal seed and call, the same ones. */
export function heldOutMasks(model: VitConfig, kept: number, seed: number, call: number): Masks {
  const patches = patchCount(model);
  const group = groupOf(patches, kept);
  const count = heldOutCount(model, kept);
  return group === 1 ? drawMasks(count, patches, kept, seed, call, 'held-out') : drawMix(count / group, patches, group, seed, call, 'held-out');
}

interface Reconstruction {
  readonly model: VitConfig;
  /** Visible patches of an image. */
  readonly kept: number;
  readonly normalised: boolean;
  /** Predicted values of the hidden patches [B, L - K, p * p * 3], and the images' own values there. */
  predict(args: BodyArguments): { readonly predicted: Tensor; readonly pixels: Tensor };
}

/** How well a method that reconstructs hidden patches does it on held-out images. */
export function heldOutSpec({ model, kept, normalised, predict }: Reconstruction): HeldOutSpec {
  const count = heldOutCount(model, kept);
  return {
    function: {
      kind: 'evaluate',
      inputs: maskedInputs(model, kept, count),
      scalars: [],
      body: (args) => {
        const { predicted, pixels } = predict(args);
        return { errors: reconstructionErrors(predicted, normalised ? normalisePatches(pixels) : pixels) };
      },
    },
    count,
    target: normalised ? 'normalised patches' : 'normalised pixels',
    draws: (seed, call) => ({ ...heldOutMasks(model, kept, seed, call) }),
  };
}
