import { StepError } from '../errors.js';
import type { NativeValues } from './native.js';

/** Tells literals that a body makes anew at every call from arrays that were there before. */
export interface LiteralWatch {
  /** Starts the function's next call. */
  begin(): void;
  /** Throws StepError for memory that an earlier call has used already: nobody would see it filled anew. */
  check(values: NativeValues): void;
}

export function watchLiterals(functionName: string): LiteralWatch {
  // held weakly: tfjs makes zeros of a whole batch in its gradients, and tracing keeps none of them
  const firstCall = new WeakMap<ArrayBufferLike, number>();
  let call = 0;
  return {
    begin() {
      call += 1;
    },
    check({ buffer, length }) {
      const first = firstCall.get(buffer);
      if (first === undefined) firstCall.set(buffer, call);
      else if (first < call) {
        throw new StepError(`a literal of ${length} values is an array that was made before the call`, {
          where: `function "${functionName}"`,
          fix: 'Its values would be frozen into the step. Where they change, declare an input; where they never do, declare a parameter that is not trained, or make the array inside the body.',
        });
      }
    },
  };
}
