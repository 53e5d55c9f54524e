export { batchBytes, type EvalBatch, evalBatch, type TrainBatch, trainBatch, trainMixing, trainPositions } from './batch.js';
export { openTrainLoader, type TrainLoader } from './train-loader.js';
export type { TrainSeries } from './ring.js';
