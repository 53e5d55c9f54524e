export { paintBackground } from './background.js';
export { type Box, centreSquare, randomCrop } from './crop.js';
export { drawMixing, mixImages, type Mixing } from './mix.js';
export { type MultiCrop, multiCrop, multiCropViews, type View } from './multi-crop.js';
export { type Augment, augmentSchema, type Background, defaultAugment, type Mix, mixSchema, type RandAugment, randAugmentSchema, type RandomErasing, randomErasingSchema } from './options.js';
export type { Place } from './place.js';
export { type Filter, type Picture, resample } from './resample.js';
export { trainView, wholeView } from './view.js';
