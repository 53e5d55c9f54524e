export { anchorBoxes } from './anchors.js';
export { detect, detectorLosses, detectorMaps, detectorMasks, detectorParams } from './detector.js';
export { detectorMacs } from './flops.js';
export { drawAnchors, matchAnchors } from './match.js';
export { suppress } from './nms.js';
export { pasteMask } from './paste.js';
export { anchorCount, type DetectorShape, levelsOf, regionRule } from './shape.js';
export { type BoxStage, cascadeStages, singleStage } from './stages.js';
