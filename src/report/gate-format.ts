import type { Gate } from '../results/gate/index.js';

/** A form of a gate's answer: one file. */
export interface GateFormat {
  readonly file: string;
  render(gate: Gate): string;
}
