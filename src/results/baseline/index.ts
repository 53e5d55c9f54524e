export { validateBaseline } from './read.js';
export { measurementHash } from './measurement.js';
export { baselineOf, setupOf, speedsOf } from './record.js';
export { baselineText } from './text.js';
export type { Baseline, BaselineCell, BaselineSpeed, CompactImages } from './types.js';
