import type { CustomSeriesOption } from 'echarts/charts';
import { seedsForInterval, type Summary } from '../../results/intervals.js';
import type { Interval } from '../../metrics/stats/index.js';
import { plural } from '../numbers.js';
import type { Look } from './palette.js';
import { axisStyle, chartWidths, colors, drawSvg, type ChartWidth } from './svg.js';

/** A chart of rows with dots and whiskers: one row a task, in it one dot a series. Values in the unit of the axis. */
export interface RowChart {
  readonly rows: readonly Row[];
  readonly series: readonly { readonly name: string; readonly look: Look }[];
  /** With its unit. */
  readonly axis: string;
  /** Draws a line there (differences: 0). */
  readonly line: number | null;
  /** Pixels from one series to the next; else 8. Dots with intervals beside them need more. */
  readonly pitch?: number;
}

export interface Row {
  readonly name: string;
  /** Set apart: an average. */
  readonly strong: boolean;
  /** A heading without dots. */
  readonly heading: boolean;
  /** One a series; null where there is no value. Without interval `low` and `high` are null. */
  readonly dots: readonly (Dot | null)[];
}

/** `above` and `below`: further intervals, drawn as thin lines beside the dot's own, the one below dashed. */
export interface Dot {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly above?: Interval | null;
  readonly below?: Interval | null;
}

/** A fraction (or a difference of fractions) as a dot in percent (or points); no dot where there is no value. */
export const percentDot = (summary: Summary): Dot | null =>
  summary.kind === 'none'
    ? null
    : { value: summary.mean * 100, ...(summary.kind === 'interval' ? { low: summary.low * 100, high: summary.high * 100 } : { low: null, high: null }) };

/** What a dot and its line are. */
export const marksNote = (seeds: number, over: 'seeds' | 'seeds and test images' = 'seeds'): string =>
  seeds === 1
    ? 'One seed.'
    : `Dots: means over ${plural(seeds, 'seed')}${seeds < seedsForInterval ? ', too few for intervals' : `; lines: 95 % ${over === 'seeds' ? 't-intervals' : 'intervals'} over ${over}`}.`;

const usualPitch = 8;
/** Of intervals beside a dot, from its middle. */
const besideBy = 4;
const padding = 12;
const headingHeight = 26;

const shorten = (text: string, limit: number): string => (text.length <= limit ? text : `${text.slice(0, limit - 1)}\u2026`);

type RenderItem = NonNullable<CustomSeriesOption['renderItem']>;

/** Where a chart's parts lie, in pixels. */
interface Layout {
  readonly wide: boolean;
  readonly width: number;
  /** Room beside the rows, for their names and the axis. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly pitch: number;
  /** y of each row's middle, from the top of the first, and its height; then that of all. */
  readonly middles: readonly number[];
  readonly heights: readonly number[];
  readonly total: number;
}

function layoutOf({ rows, series, pitch = usualPitch }: RowChart, width: ChartWidth): Layout {
  const wide = width === 'wide';
  const rowHeight = Math.max(24, series.length * pitch + padding);
  const heights = rows.map(({ heading }) => (heading ? headingHeight : rowHeight));
  let y = 0;
  const middles = heights.map((height) => {
    const middle = y + height / 2;
    y += height;
    return middle;
  });
  return { wide, width: chartWidths[width], left: wide ? 190 : 122, right: wide ? 24 : 12, top: 6, bottom: 44, pitch, middles, heights, total: y };
}

/** The dots of one series, with their whiskers. */
function dotsOf({ rows, series }: RowChart, index: number, { middles, pitch }: Layout): CustomSeriesOption {
  const offset = (index - (series.length - 1) / 2) * pitch;
  const data = rows.flatMap((row, rowIndex) => {
    const dot = row.dots[index];
    return dot === null || dot === undefined ? [] : [[dot.value, middles[rowIndex]! + offset, dot.low ?? NaN, dot.high ?? NaN, row.strong ? 1 : 0, ...[dot.above, dot.below].flatMap((one) => [one?.low ?? NaN, one?.high ?? NaN])]];
  });
  return { type: 'custom', renderItem: drawDot(series[index]!.look), data, encode: { x: [0, 2, 3, 5, 6, 7, 8], y: 1 }, silent: true };
}

/** Of the numbers that `dotsOf` gives a dot. */
const drawDot = (look: Look): RenderItem => (_params, api) => {
  const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
  const [low, high] = [Number(api.value(2)), Number(api.value(3))];
  const strong = api.value(4) === 1;
  const size = (strong ? 10.5 : 8) * look.scale;
  const children: object[] = [];
  if (Number.isFinite(low) && Number.isFinite(high)) {
    const from = api.coord([low, api.value(1)])[0]!;
    const to = api.coord([high, api.value(1)])[0]!;
    children.push({ type: 'line', shape: { x1: from, y1: y, x2: to, y2: y }, style: { stroke: look.color, lineWidth: strong ? 2.4 : 1.4 } });
  }
  for (const [at, beside, dash] of [[5, -besideBy, null], [7, besideBy, [3, 2]]] as const) {
    if (!Number.isFinite(Number(api.value(at)))) continue;
    const [x1, x2] = [at, at + 1].map((end) => api.coord([api.value(end), api.value(1)])[0]!);
    children.push({ type: 'line', shape: { x1, y1: y + beside, x2, y2: y + beside }, style: { stroke: look.color, lineWidth: 1, opacity: 0.75, lineDash: dash } });
  }
  children.push({
    type: 'path',
    shape: { pathData: look.symbol, x: x - size / 2, y: y - size / 2, width: size, height: size },
    style: { fill: look.color, stroke: 'var(--paper)', lineWidth: 1 },
  });
  return { type: 'group', children } as ReturnType<RenderItem>;
};

/** The rows' names at the left, with a line between two rows. */
function namesOf({ rows }: RowChart, { wide, width, left, top, middles, heights }: Layout): CustomSeriesOption {
  const renderItem: RenderItem = (_params, api) => {
    const index = Number(api.value(0));
    const row = rows[index]!;
    const y = top + middles[index]!;
    const edge = y - heights[index]! / 2;
    return {
      type: 'group',
      children: [
        ...(index > 0 ? [{ type: 'line', shape: { x1: 0, y1: edge, x2: width, y2: edge }, style: { stroke: colors.line, lineWidth: 1 } }] : []),
        {
          type: 'text',
          x: row.heading ? 0 : left - 12,
          y,
          style: {
            text: row.heading ? row.name : shorten(row.name, wide ? 26 : 15),
            fill: row.heading ? colors.muted : colors.ink,
            fontFamily: 'inherit',
            fontSize: wide ? 13 : 12,
            fontWeight: row.strong || row.heading ? 600 : 400,
            align: row.heading ? 'left' : 'right',
            verticalAlign: 'middle',
          },
        },
      ],
    } as ReturnType<RenderItem>;
  };
  return { type: 'custom', data: middles.map((middle, index) => [index, middle]), encode: { x: -1, y: 1 }, silent: true, z: 1, renderItem };
}

const lineAt = (value: number): object => ({
  type: 'line',
  data: [],
  silent: true,
  markLine: { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: colors.ink, width: 1.2, type: 'solid' }, data: [{ xAxis: value }] },
});

export function drawRows(chart: RowChart, width: ChartWidth): string {
  const layout = layoutOf(chart, width);
  const { wide, left, right, top, bottom, total } = layout;
  return drawSvg(
    {
      grid: { left, right, top, bottom },
      xAxis: { type: 'value', scale: chart.line === null, name: chart.axis, nameGap: 26, splitNumber: wide ? 8 : 4, ...axisStyle },
      yAxis: { type: 'value', min: 0, max: total, inverse: true, show: false },
      series: [namesOf(chart, layout), ...(chart.line === null ? [] : [lineAt(chart.line)]), ...chart.series.map((_, index) => dotsOf(chart, index, layout))],
    },
    layout.width,
    total + top + bottom,
  );
}
