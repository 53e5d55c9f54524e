import type { RunRecord } from '../../results/types.js';
import { look, type Look } from '../charts/palette.js';
import { drawRows } from '../charts/rows.js';
import type { Chart } from '../charts/svg.js';
import { threeDigits } from '../numbers.js';
import { speedTables, type SpeedTable } from '../speed-table.js';

interface SpeedView { readonly tables: readonly SpeedTable[]; readonly charts: readonly Chart[] }

/** Null where no speed has been measured. */
export function speedView(record: RunRecord, looks: ReadonlyMap<string, Look>): SpeedView | null {
  const tables = speedTables(record);
  if (tables.length === 0) return null;
  const { reference } = record.suite as { readonly reference: string | null };
  return { tables, charts: reference === null ? [] : [ratioChart(record, reference, looks)] };
}

const charted = [
  ['seconds_per_step', 'a step'], ['seconds_per_step_with_loader', 'loader and step'], ['seconds_per_schedule', 'whole schedule'], ['peak_memory', 'peak memory'], ['flops_per_image', 'FLOP an image'],
] as const;

/** How many times the reference's time, memory and operations the entries take, by model. */
function ratioChart(record: RunRecord, reference: string, looks: ReadonlyMap<string, Look>): Chart {
  const all = (record.speed ?? []).filter(({ part }) => part === null);
  const names = [...new Set(all.map(({ entry }) => entry))].filter((name) => name !== reference);
  const series = names.map((name) => ({ name, look: looks.get(name) ?? look(0) }));
  const models = [...new Set(all.map(({ model }) => model))];
  const dots = (model: string, quantity: string) => names.map((name) => all.find((row) => row.model === model && row.entry === name && row.quantity === quantity)?.ratio ?? null);
  const rows = models.flatMap((model) => [
    { name: model, strong: false, heading: true, dots: [] },
    ...charted.map(([quantity, name]) => ({ name, strong: false, heading: false, dots: dots(model, quantity) })),
  ]);
  const chart = { rows, series, axis: `times ${reference}`, line: 1 };
  const title = `Time, memory and operations as multiples of ${reference}`;
  return {
    id: 'speed-ratios',
    title,
    note: `Left of 1 the entry takes less than ${reference}. Dots: ratios; lines: 95 % t-intervals over rounds, where there are three. Whole schedules are extrapolated.`,
    alt: `Dot plot of ratios to ${reference} for ${names.join(', ')}, by model. The tables hold the same numbers.`,
    wide: drawRows(chart, 'wide'),
    narrow: drawRows(chart, 'narrow'),
    legend: series.map(({ name, look: own }) => ({ name, color: own.color, symbol: own.symbol, dash: '' })),
    table: {
      columns: ['ratio', ...names],
      rows: models.flatMap((model) => charted.map(([quantity, name]) => [`${model}, ${name}`, ...dots(model, quantity).map((ratio) => (ratio === null ? '' : threeDigits(ratio.value)))])),
    },
  };
}
