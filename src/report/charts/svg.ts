import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([CustomChart, LineChart, GridComponent, MarkLineComponent, SVGRenderer]);

/** Widths, in CSS pixels, at which a chart is drawn: one for a desk, one for a phone. The page shows the one that fits. */
export const chartWidths = { wide: 1040, narrow: 360 } as const;
export type ChartWidth = keyof typeof chartWidths;

/** A chart as the page shows it: two drawings, a text for those who do not see them, and its numbers as a table. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What the marks are, and over how many seeds; empty where the title says it all. */
  readonly note: string;
  readonly alt: string;
  readonly wide: string;
  readonly narrow: string;
  readonly legend: readonly LegendItem[];
  readonly table: ChartTable;
}

export interface LegendItem { readonly name: string; readonly color: string; readonly symbol: string; readonly dash: string }

interface ChartTable { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }

/** Colours are CSS variables of the page, so that a chart follows light and dark. */
export const colors = { ink: 'var(--ink)', muted: 'var(--muted)', line: 'var(--line)' } as const;
const font = 'inherit';

/**
 * Draws on the server. The drawing is reduced to what a static page needs: echarts' marks for its own client script and its
 * hover style go, and the sizes become a view box that scales with the page. Clip paths go too: the axes hold every value,
 * and echarts numbers their ids over the whole process, so that equal results would not give an equal page.
 */
export function drawSvg(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: font, color: colors.ink }, ...option });
    return chart
      .renderToSVGString()
      .replace(/<style\b[\s\S]*?<\/style>/g, '')
      .replace(/<clipPath\b[\s\S]*?<\/clipPath>/g, '')
      .replace(/<defs\s*>\s*<\/defs>/g, '')
      .replace(/ (?:ecmeta_[a-z_]+|class|pointer-events|clip-path)="[^"]*"/g, '')
      .replace(/^<svg [^>]*>/, `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true" focusable="false">`)
      .replace(/\n+/g, '\n');
  } finally {
    chart.dispose();
  }
}

export const axisStyle = {
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: { color: colors.muted, fontSize: 12 },
  splitLine: { lineStyle: { color: colors.line, width: 1 } },
  nameTextStyle: { color: colors.muted, fontSize: 12 },
  nameLocation: 'middle',
} as const;
