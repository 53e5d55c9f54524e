import type { Tensor } from '@tensorflow/tfjs-core';
import type { Params } from '../engine/contract.js';
import { StepError } from '../errors.js';

/** The parameter of that name. StepError where the model was compiled without it. */
export function param(params: Params, name: string): Tensor {
  const tensor = params[name];
  if (tensor === undefined) {
    throw new StepError(`the model has no parameter ${name}`, {
      fix: `Declare it in the params given to compile. It has ${Object.keys(params).length} parameters.`,
    });
  }
  return tensor;
}
