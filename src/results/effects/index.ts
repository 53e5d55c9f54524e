export { certaintyOf, type Certainty } from './certainty.js';
export { columnsOf, doubtOf, missingSeeds, replicatedColumn } from './column.js';
export { differenceOf, type Difference, type Sides } from './effect.js';
export type { ColumnGroups, EntryPair } from './groups.js';
export { evaluationOf, type Evaluation } from './evaluation.js';
export type { OverTasks } from './over-tasks.js';
export { draws, replicate } from './replicates.js';
export { averageOver, detectableOf, differences, estimateOf, imagesOf, seriesOf, summaryOf, type Series } from './series.js';
export { pairedEffect, statisticsOf, type Effect, type Level, type Statistics } from './statistics.js';
