import { ResizeBilinearGrad, ResizeNearestNeighborGrad } from '@tensorflow/tfjs-core';
import { nativeKernel } from './native-op.js';

/** Both of tfjs-node's kernels drop `halfPixelCenters`, so that the gradient is that of another resize. */

export const resizeBilinearGrad = nativeKernel(ResizeBilinearGrad, ({ inputs, attrs, run, type, flag }) => {
  const images = inputs['images']!;
  return run(ResizeBilinearGrad, [
    type('T', images.dtype), flag('align_corners', attrs['alignCorners'] === true), flag('half_pixel_centers', attrs['halfPixelCenters'] === true),
  ], [inputs['dy']!, images]);
});

export const resizeNearestNeighborGrad = nativeKernel(ResizeNearestNeighborGrad, ({ inputs, attrs, run, type, flag, withLiteral }) => {
  const images = inputs['images']!;
  const settings = [type('T', images.dtype), flag('align_corners', attrs['alignCorners'] === true), flag('half_pixel_centers', attrs['halfPixelCenters'] === true)];
  return withLiteral([images.shape[1]!, images.shape[2]!], [2], (size) => run(ResizeNearestNeighborGrad, settings, [inputs['dy']!, size]));
});
