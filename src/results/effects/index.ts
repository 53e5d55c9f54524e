export { certaintyOf, type Certainty } from './certainty.js';
export { columnsOf, doubtOf, replicatedColumn, type Column } from './column.js';
export { differenceOf, type Difference, type SeedTest, type Sides } from './effect.js';
export type { ColumnGroups, EntryPair } from './groups.js';
export { evaluationOf, type Evaluation } from './evaluation.js';
export type { OverTasks } from './over-tasks.js';
export { draws, replicate, type Replicated } from './replicates.js';
export { averageOver, detectableOf, differences, drawnMean, estimateOf, imagesOf, seriesOf, summaryOf, type SeedPoint, type Series } from './series.js';
export { effectsOf, pairedEffect, pairedEffects, statisticsOf, type Effect, type Level, type Statistics } from './statistics.js';
