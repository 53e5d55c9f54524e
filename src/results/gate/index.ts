export { decide, withoutBaseline, type Remeasured } from './decide.js';
export { remeasuredRows } from './speed.js';
export { tolerancesOf } from './tolerances.js';
export type { Gate, GateRow, QualityRow, SpeedGateRow, Unclear, Verdict } from './types.js';
