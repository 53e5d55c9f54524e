import type { RunRecord } from '../types.js';
import type { Tolerances } from './types.js';

const defaults: Tolerances = { tolerance: 0.01, slower: 0.1 };

/** What the run's suite tolerates (its key `gate`). */
export const tolerancesOf = ({ suite }: Pick<RunRecord, 'suite'>): Tolerances => ({ ...defaults, ...(suite as { readonly gate?: Partial<Tolerances> }).gate });
