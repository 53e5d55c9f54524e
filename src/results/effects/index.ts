export { certaintyOf, type Certainty } from './certainty.js';
export { differenceOf, type Difference, type SeedTest, type Sides } from './effect.js';
export { evaluationOf, type Evaluation } from './evaluation.js';
export { draws, replicate, type Replicated } from './replicates.js';
export { effectsOf, pairedEffect, pairedEffects, statisticsOf, type Effect, type Level, type OverTasks, type Statistics } from './statistics.js';
