import { customGrad, type Tensor } from '@tensorflow/tfjs-core';

/**
 * An operation whose gradient is written by hand: fewer kernels than the tape would run, and gradients that tfjs lacks.
 *
 * @param inputs Tensors that the result is differentiated for.
 * @param forward Computes the result; what `save` is given comes back in `backward` as `saved`, in the same order.
 *   A tensor that is needed there must be saved, also one from outside: the tape lets go of everything else.
 * @param backward Gradients for the inputs, in their order, from the result's gradient.
 */
export function withGradient(
  inputs: readonly Tensor[],
  forward: (save: (tensors: Tensor[]) => void) => Tensor,
  backward: (dy: Tensor, saved: readonly Tensor[]) => Tensor[],
): Tensor {
  const operation = customGrad((...received) => {
    const save = received[received.length - 1] as (tensors: Tensor[]) => void;
    return { value: forward(save), gradFunc: (dy: Tensor, saved: Tensor[]) => backward(dy, saved) };
  });
  return operation(...inputs);
}

/** A value that no gradient goes through, whatever it is computed from: a selection, a comparison. */
export const withoutGradient = (compute: () => Tensor): Tensor => withGradient([], compute, () => []);
