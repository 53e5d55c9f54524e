import type { GateRow } from '../results/gate/index.js';
import type { GateFormat } from './gate-format.js';
import { changeText, identityText, rowName } from './gate-text.js';

interface Point { readonly name: string; readonly unit: string; readonly value: number; readonly range?: string; readonly extra: string }

function point(row: GateRow): readonly Point[] {
  // What the mean of all that changed is over is another thing at each commit: no series.
  if (row.now === null || (row.kind === 'quality' && row.entry === null)) return [];
  const extra = `${row.verdict.verdict}; change: ${changeText(row)}`;
  const name = `${rowName(row)} (${identityText(row)})`;
  if (row.kind === 'speed') return [{ name, unit: 'images/s', value: row.now, extra }];
  const interval = row.change?.interval ?? null;
  const half = interval === null ? null : ((interval.high - interval.low) / 2) * 100;
  return [{ name, unit: '%', value: row.now * 100, ...(half === null ? {} : { range: `± ${half.toFixed(2)}` }), extra }];
}

/** For github-action-benchmark, tool `customBiggerIsBetter`: what the run has now. `range`: half of the interval of the change. */
export const gateBenchmark: GateFormat = {
  file: 'gate-benchmark.json',
  render: ({ rows }) => `${JSON.stringify(rows.flatMap(point), null, 1)}\n`,
};
