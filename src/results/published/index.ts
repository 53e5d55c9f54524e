export { besidePublished, type PublishedDifference, type PublishedRow } from './beside.js';
export { validatePublished } from './schema.js';
export type { PublishedFile, PublishedNumber } from './types.js';
