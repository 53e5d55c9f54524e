import type { CustomSeriesOption } from 'echarts/charts';
import type { Interval } from '../../metrics/stats/index.js';
import type { Look } from './palette.js';
import { axisStyle, chartWidths, colors, drawSvg, type ChartWidth } from './svg.js';

/** Entries by cost and value, each with what its intervals leave open, in the units of the axes. */
interface ParetoChart {
  readonly points: readonly { readonly look: Look; readonly cost: number; readonly costs: Interval | null; readonly value: number; readonly values: Interval | null }[];
  /** The front, by cost. */
  readonly front: readonly { readonly cost: number; readonly value: number }[];
  /** Names of the axes, with units. */
  readonly cost: string;
  readonly value: string;
  readonly costText: (value: number) => string;
}

type RenderItem = NonNullable<CustomSeriesOption['renderItem']>;

/** Pixels between points of one cost, which stand side by side. */
const apart = 11;

/** By point, how far to the right of its cost it stands. */
function shifts(points: ParetoChart['points']): readonly number[] {
  const near = Math.max(...points.map(({ cost }) => cost)) / 100;
  return points.map(({ cost }, at) => {
    const beside = points.flatMap((other, index) => (Math.abs(other.cost - cost) <= near ? [index] : []));
    return (beside.indexOf(at) - (beside.length - 1) / 2) * apart;
  });
}

export function drawPareto({ points, front, cost, value, costText }: ParetoChart, width: ChartWidth): string {
  const wide = width === 'wide';
  const shift = shifts(points);
  const series = points.map(({ look, cost: x0, costs, value: y0, values }, index): CustomSeriesOption => {
    const renderItem: RenderItem = (_params, api) => {
      const [middle = 0, y = 0] = api.coord([x0, y0]);
      const x = middle + shift[index]!;
      const size = 10 * look.scale;
      const line = (from: readonly number[], to: readonly number[]): object => {
        const [[x1, y1], [x2, y2]] = [api.coord([...from]), api.coord([...to])] as [number[], number[]];
        return { type: 'line', shape: { x1: x1! + shift[index]!, y1, x2: x2! + shift[index]!, y2 }, style: { stroke: look.color, lineWidth: 1.3 } };
      };
      return {
        type: 'group',
        children: [
          ...(costs === null ? [] : [line([costs.low, y0], [costs.high, y0])]),
          ...(values === null ? [] : [line([x0, values.low], [x0, values.high])]),
          { type: 'path', shape: { pathData: look.symbol, x: x - size / 2, y: y - size / 2, width: size, height: size }, style: { fill: look.color, stroke: 'var(--paper)', lineWidth: 1 } },
        ],
      } as ReturnType<RenderItem>;
    };
    return { type: 'custom', renderItem, silent: true, z: 3, encode: { x: [0, 1, 2], y: [3, 4, 5] }, data: [[x0, costs?.low ?? x0, costs?.high ?? x0, y0, values?.low ?? y0, values?.high ?? y0]] };
  });
  return drawSvg(
    {
      grid: { left: wide ? 56 : 46, right: wide ? 24 : 16, top: 12, bottom: 48 },
      xAxis: { type: 'value', min: 0, name: cost, nameGap: 28, splitNumber: wide ? 8 : 3, ...axisStyle, axisLabel: { ...axisStyle.axisLabel, formatter: costText } },
      yAxis: { type: 'value', scale: true, name: value, nameGap: wide ? 40 : 32, ...axisStyle },
      series: [
        { type: 'line', step: 'end', silent: true, showSymbol: false, lineStyle: { color: colors.muted, width: 1.2, type: [4, 3] }, data: front.map((point) => [point.cost, point.value]) },
        ...series,
      ],
    },
    chartWidths[width],
    wide ? 340 : 280,
  );
}
