export { type EvalBatch, evalBatch, type TrainBatch, trainBatch, trainMixing, trainPositions } from './batch.js';
export { loaderThreads } from './count.js';
export { type Arrays, type StepDraws, stepDraws } from './draws.js';
export { type Loader, openLoader } from './loader.js';
export { pretrainPurpose } from './order.js';
export { type CropsSeries, type EvaluationSeries, type Series, stepsOf, type TrainSeries } from './series.js';
