import type { LineSeriesOption } from 'echarts/charts';
import { plural, percent } from '../numbers.js';
import type { Look } from './palette.js';
import { axisStyle, chartWidths, drawSvg, type Chart, type ChartWidth } from './svg.js';

/** Precision at recall 0, 0.01, ..., 1, fractions, of one entry. */
interface PrecisionLine { readonly entry: string; readonly look: Look; readonly at50: readonly number[]; readonly at75: readonly number[] }

interface PrecisionChart {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly lines: readonly PrecisionLine[];
}

const thresholds = [{ iou: '0.5', at: 'at50' }, { iou: '0.75', at: 'at75' }] as const;

/** Recalls of the table, as points of a curve. */
const shown = [10, 30, 50, 70, 90] as const;

/** IoU 0.5 and 0.75 side by side; on a phone one below the other. */
function draw(lines: readonly PrecisionLine[], width: ChartWidth): string {
  const wide = width === 'wide';
  const pixels = chartWidths[width];
  const [left, right, top, bottom, high] = wide ? [52, 20, 12, 48, 250] : [46, 14, 12, 48, 190];
  const across = wide ? (pixels - 2 * (left + right)) / 2 : pixels - left - right;
  const down = high + top + bottom;
  const scale = { type: 'value', min: 0, max: 100, interval: wide ? 20 : 25, ...axisStyle } as const;
  return drawSvg(
    {
      grid: thresholds.map((_, at) => ({ left: left + (wide ? at * (across + left + right) : 0), top: top + (wide ? 0 : at * down), width: across, height: high })),
      xAxis: thresholds.map(({ iou }, gridIndex) => ({ ...scale, gridIndex, name: `recall in %, IoU ${iou}`, nameGap: 28, splitLine: { show: false } })),
      yAxis: thresholds.map((_, gridIndex) => ({ ...scale, gridIndex, name: 'precision in %', nameGap: wide ? 36 : 32 })),
      series: thresholds.flatMap(({ at }, index) => lines.map((line): LineSeriesOption => ({
        type: 'line',
        xAxisIndex: index,
        yAxisIndex: index,
        showSymbol: false,
        silent: true,
        emphasis: { disabled: true },
        lineStyle: { color: line.look.color, width: 1.6, type: line.look.dashes.length === 0 ? 'solid' : [...line.look.dashes] },
        itemStyle: { color: line.look.color },
        data: line[at].map((precision, recall) => [recall, 100 * precision]),
      }))),
    },
    pixels,
    wide ? down : 2 * down,
  );
}

export const precisionChart = ({ id, title, note, lines }: PrecisionChart): Chart => ({
  id,
  title,
  note,
  alt: `Two line charts of precision against recall, at IoU 0.5 and 0.75: ${plural(lines.length, 'entry', 'entries')}. The table below holds the precision at five recalls.`,
  wide: draw(lines, 'wide'),
  narrow: draw(lines, 'narrow'),
  legend: lines.map(({ entry, look }) => ({ name: entry, color: look.color, symbol: '', dash: look.dash })),
  table: {
    columns: ['entry', 'IoU', ...shown.map((recall) => `precision at recall ${recall} %, in %`)],
    rows: lines.flatMap((line) => thresholds.map(({ iou, at }) => [line.entry, iou, ...shown.map((recall) => (line[at][recall] === undefined ? '\u2013' : percent(line[at][recall])))])),
  },
});
