export { vocAveragePrecision, type VocOptions, type VocPrecision } from './average-precision.js';
