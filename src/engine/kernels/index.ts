import { kthLargestKernel } from './kth-largest.js';
import { replaceMirrorPadGradient, mirrorPadGrad } from './mirror-pad-gradient.js';
import { replaceKernel } from './native-op.js';
import { resizeBilinearGrad, resizeNearestNeighborGrad } from './resize-gradients.js';
import { round } from './round.js';
import { expandDims, gatherV2 } from './shape.js';

/** Puts our kernels in the place of those of tfjs-node that are wrong or read on the host, and beside them one that it lacks. Once a process. */
export function registerKernels(): void {
  for (const kernel of [expandDims, gatherV2, resizeBilinearGrad, resizeNearestNeighborGrad, round, mirrorPadGrad, kthLargestKernel]) replaceKernel(kernel);
  replaceMirrorPadGradient();
}
