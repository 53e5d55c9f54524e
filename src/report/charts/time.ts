import type { CustomSeriesOption, LineSeriesOption } from 'echarts/charts';
import { duration } from '../numbers.js';
import type { Look } from './palette.js';
import type { Dot } from './rows.js';
import { axisStyle, chartWidths, colors, drawSvg, type ChartWidth } from './svg.js';

/** Values over time on a logarithmic axis: a line through dots with whiskers. Values in the unit of the axis. */
export interface TimeChart {
  readonly lines: readonly { readonly look: Look; readonly points: readonly (Dot & { readonly seconds: number })[] }[];
  /** Of the horizontal axis: what its times are of. */
  readonly time: string;
  /** Of the vertical axis, with its unit. */
  readonly quantity: string;
  /** Draws a level line there; null: none. */
  readonly level: number | null;
}

type RenderItem = NonNullable<CustomSeriesOption['renderItem']>;

const whiskers = ({ look, points }: TimeChart['lines'][number]): CustomSeriesOption => {
  const renderItem: RenderItem = (_params, api) => {
    const [x = 0, bottom = 0] = api.coord([api.value(0), api.value(1)]);
    const top = api.coord([api.value(0), api.value(2)])[1]!;
    return { type: 'line', shape: { x1: x, y1: bottom, x2: x, y2: top }, style: { stroke: look.color, lineWidth: 1.2 } };
  };
  return { type: 'custom', renderItem, encode: { x: 0, y: [1, 2] }, silent: true, data: points.flatMap(({ seconds, low, high }) => (low === null || high === null ? [] : [[seconds, low, high]])) };
};

/** Room beside the first and the last point, as a factor. */
const margin = 1.15;

export function drawOverTime({ lines, time, quantity, level }: TimeChart, width: ChartWidth): string {
  const wide = width === 'wide';
  const seconds = lines.flatMap(({ points }) => points.map((point) => point.seconds));
  const [from, to] = [Math.min(...seconds) / margin, Math.max(...seconds) * margin];
  return drawSvg(
    {
      grid: { left: wide ? 56 : 46, right: wide ? 24 : 14, top: 12, bottom: 48 },
      xAxis: {
        type: 'log', logBase: wide ? 2 : 4, min: from, max: to, name: time, nameGap: 28, ...axisStyle, splitLine: { show: false },
        axisLabel: { ...axisStyle.axisLabel, formatter: duration },
      },
      yAxis: { type: 'value', scale: true, name: quantity, nameGap: wide ? 40 : 32, ...axisStyle },
      series: [
        ...lines.map(({ look, points }): LineSeriesOption => ({
          type: 'line',
          silent: true,
          emphasis: { disabled: true },
          symbol: `path://${look.symbol}`,
          symbolSize: 9 * look.scale,
          lineStyle: { color: look.color, width: 1.4, type: look.dashes.length === 0 ? 'solid' : [...look.dashes] },
          itemStyle: { color: look.color, opacity: 1 },
          data: points.map((point) => [point.seconds, point.value]),
        })),
        ...lines.map(whiskers),
        // A line of its own and no mark: the axis then holds it.
        ...(level === null ? [] : [{ type: 'line', silent: true, showSymbol: false, lineStyle: { color: colors.muted, width: 1.2, type: [2, 3] }, data: [[from, level], [to, level]] }]),
      ],
    },
    chartWidths[width],
    wide ? 340 : 280,
  );
}
