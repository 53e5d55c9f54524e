import type { LineSeriesOption } from 'echarts/charts';
import { count, plural } from '../numbers.js';
import type { Look } from './palette.js';
import { axisStyle, chartWidths, drawSvg, type Chart, type ChartWidth } from './svg.js';

/** Pre-training losses of the entries of one method (losses of different methods cannot be compared). */
export interface LossLine {
  readonly entry: string;
  readonly seed: number;
  readonly look: Look;
  /** x: images seen. */
  readonly points: readonly { readonly images: number; readonly loss: number }[];
}

const lineLimit = 400;
/** Every nth point, with the last: more than a pixel can show only makes the file larger. */
function thin<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / lineLimit);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

const draw = (lines: readonly LossLine[], width: ChartWidth): string => {
  const wide = width === 'wide';
  const compact = new Intl.NumberFormat('en-US', { notation: 'compact' });
  return drawSvg(
    {
      grid: { left: wide ? 56 : 46, right: wide ? 24 : 14, top: 12, bottom: 48 },
      xAxis: {
        type: 'value', name: 'images seen', nameGap: 28, splitNumber: wide ? 8 : 3, ...axisStyle, splitLine: { show: false },
        axisLabel: { ...axisStyle.axisLabel, formatter: (value: number) => compact.format(value) },
      },
      yAxis: { type: 'value', scale: true, name: 'loss', nameGap: wide ? 40 : 32, ...axisStyle },
      series: lines.map(({ look, points }): LineSeriesOption => ({
        type: 'line',
        showSymbol: false,
        silent: true,
        emphasis: { disabled: true },
        lineStyle: { color: look.color, width: 1.4, type: look.dashes.length === 0 ? 'solid' : [...look.dashes] },
        itemStyle: { color: look.color },
        data: thin(points).map(({ images, loss }) => [images, loss]),
      })),
    },
    chartWidths[width],
    wide ? 320 : 260,
  );
};

export function lossChart(method: string, lines: readonly LossLine[]): Chart {
  const entries = [...new Set(lines.map(({ entry }) => entry))];
  return {
    id: `loss-${method}`,
    title: `Pre-training loss, ${method}`,
    note: 'One line a seed.',
    alt: `Line chart of the pre-training loss of ${method} against images seen: ${plural(entries.length, 'entry', 'entries')}, one line a seed. The table below holds first and last values.`,
    wide: draw(lines, 'wide'),
    narrow: draw(lines, 'narrow'),
    legend: entries.map((entry) => {
      const { look } = lines.find((line) => line.entry === entry)!;
      return { name: entry, color: look.color, symbol: '', dash: look.dash };
    }),
    table: {
      columns: ['entry', 'seed', 'images seen', 'first loss', 'last loss'],
      rows: lines.map(({ entry, seed, points }) => [
        entry, String(seed), count(points.at(-1)?.images ?? 0), points[0]?.loss.toPrecision(4) ?? '', points.at(-1)?.loss.toPrecision(4) ?? '',
      ]),
    },
  };
}
