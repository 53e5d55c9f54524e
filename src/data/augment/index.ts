export { paintBackground } from './background.js';
export { type Box, centreSquare, randomCrop } from './crop.js';
export { type Augment, augmentSchema, type Background, defaultAugment } from './options.js';
export { type Filter, type Picture, resample } from './resample.js';
export { trainView, wholeView } from './view.js';
