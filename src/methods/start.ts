import type { ParamSpec } from '../engine/contract.js';
import { JobError } from '../errors.js';
import type { Weights } from './method.js';

/**
 * Parameters that begin with the values of a finished training. Those that training never changes keep their own value.
 * JobError where one is missing or has another shape; what the start has besides is passed over.
 */
export function startFrom(params: readonly ParamSpec[], start: Weights | undefined): readonly ParamSpec[] {
  if (start === undefined) return params;
  return params.map((param) => {
    if (!param.trainable) return param;
    const given = start.get(param.name);
    const shape = `[${param.shape.join(', ')}]`;
    if (given?.shape.join() !== param.shape.join()) {
      throw new JobError(given === undefined ? `the start has no tensor ${param.name}` : `the start's ${param.name} has shape [${given.shape.join(', ')}], expected ${shape}`, {
        fix: "An entry and its `start` need the same method options that shape the model, such as `decoder`.",
      });
    }
    return { ...param, value: given.data };
  });
}
