import type { Statistics } from '../../src/results/effects/index.js';

/** For views whose marks are not looked at. */
export const noStatistics: Statistics = { levels: [], effects: [], overTasks: [], groups: [] };
