import type { LineSeriesOption } from 'echarts/charts';
import { count } from '../numbers.js';
import type { Look } from './palette.js';
import { axisStyle, chartWidths, drawSvg, type Chart, type ChartWidth, type LegendItem } from './svg.js';

/** A quantity over pre-training, of one entry. */
export interface Curve {
  readonly entry: string;
  /** What the line shows beside the entry's name: a seed, a block, a part of the loss. */
  readonly label: string;
  readonly look: Pick<Look, 'color' | 'dash' | 'dashes'>;
  /** x: images seen. */
  readonly points: readonly { readonly images: number; readonly value: number }[];
}

interface Curves {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly alt: string;
  /** Of the vertical axis, with its unit. */
  readonly quantity: string;
  /** Heading of the table's column that holds the labels. */
  readonly labels: string;
  readonly lines: readonly Curve[];
  readonly legend: readonly LegendItem[];
}

const lineLimit = 400;
/** Every nth point, with the last: more than a pixel can show only makes the file larger. */
function thin<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / lineLimit);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

const draw = ({ lines, quantity }: Curves, width: ChartWidth): string => {
  const wide = width === 'wide';
  const compact = new Intl.NumberFormat('en-US', { notation: 'compact' });
  return drawSvg(
    {
      grid: { left: wide ? 56 : 46, right: wide ? 24 : 14, top: 12, bottom: 48 },
      xAxis: {
        type: 'value', name: 'images seen', nameGap: 28, splitNumber: wide ? 8 : 3, ...axisStyle, splitLine: { show: false },
        axisLabel: { ...axisStyle.axisLabel, formatter: (value: number) => compact.format(value) },
      },
      yAxis: { type: 'value', scale: true, name: quantity, nameGap: wide ? 40 : 32, ...axisStyle },
      series: lines.map(({ look, points }): LineSeriesOption => ({
        type: 'line',
        showSymbol: false,
        silent: true,
        emphasis: { disabled: true },
        lineStyle: { color: look.color, width: 1.4, type: look.dashes.length === 0 ? 'solid' : [...look.dashes] },
        itemStyle: { color: look.color },
        data: thin(points).map(({ images, value }) => [images, value]),
      })),
    },
    chartWidths[width],
    wide ? 320 : 260,
  );
};

/** Lines over the images that were seen; the table holds the first and the last value of each. */
export const curvesChart = (curves: Curves): Chart => ({
  id: curves.id,
  title: curves.title,
  note: curves.note,
  alt: `${curves.alt} The table below holds first and last values.`,
  wide: draw(curves, 'wide'),
  narrow: draw(curves, 'narrow'),
  legend: curves.legend,
  table: {
    columns: ['entry', curves.labels, 'images seen', `first ${curves.quantity}`, `last ${curves.quantity}`],
    rows: curves.lines.map(({ entry, label, points }) => [
      entry, label, count(points.at(-1)?.images ?? 0), points[0]?.value.toPrecision(4) ?? '', points.at(-1)?.value.toPrecision(4) ?? '',
    ]),
  },
});
