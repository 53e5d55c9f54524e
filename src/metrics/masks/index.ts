export { checkRle } from './check.js';
export { segmentationMask, type CocoSegmentation } from './coco-segmentation.js';
export { compressCounts, expandCounts } from './compressed.js';
export { maskIou } from './iou.js';
export { maskArea, maskBox } from './measure.js';
export { mergeMasks } from './merge.js';
export { decodeMask, encodeMask } from './pixels.js';
export { boxMask, polygonMask } from './polygon.js';
export type { Rle } from './rle.js';
