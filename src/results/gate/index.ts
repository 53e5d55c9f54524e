export { decide, withoutBaseline, type Remeasured } from './decide.js';
export { paired, throughputRow } from './speed.js';
export { tolerancesOf } from './tolerances.js';
export type { Gate, GateRow, QualityRow, SpeedGateRow, Tolerances, Unclear, Verdict } from './types.js';
