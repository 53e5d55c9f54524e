export { validateBaseline } from './read.js';
export { baselineOf, setupOf } from './record.js';
export { baselineText } from './text.js';
export type { Baseline, BaselineCell, BaselineSpeed, CompactImages } from './types.js';
