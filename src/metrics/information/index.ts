export { conditionalEntropyBound } from './gaussian-bound.js';
export { informationDifference, type InformationDifference } from './difference.js';
