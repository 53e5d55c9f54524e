export { certaintyOf, type Certainty } from './certainty.js';
export { differenceOf, type Difference, type SeedTest, type Sides } from './effect.js';
export { evaluationOf, type Evaluation } from './evaluation.js';
export { draws, replicate, type Replicated } from './replicates.js';
export { averageOver, differences, drawnMean, seriesOf, type SeedPoint, type Series } from './series.js';
export { doubtOf, effectsOf, pairedEffect, pairedEffects, replicatedColumn, statisticsOf, type Column, type Effect, type Level, type OverTasks, type Statistics } from './statistics.js';
