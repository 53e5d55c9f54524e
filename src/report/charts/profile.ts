import { BarChart, type BarSeriesOption } from 'echarts/charts';
import { use } from 'echarts/core';
import { phases, type Phase, waitedShare } from '../../phases.js';
import { totalSeconds } from '../../results/profile.js';
import type { KindProfile, Profile } from '../../results/types.js';
import { percent, plural } from '../numbers.js';
import { axisStyle, chartWidths, colors, drawSvg, type Chart, type ChartWidth } from './svg.js';

use([BarChart]);

/** Waiting has the colour that stands out: it is what can be saved. */
const phaseColors: Readonly<Record<Phase, string>> = {
  step: 'var(--series-0)', evaluate: 'var(--series-2)', wait: 'var(--series-1)', checkpoint: 'var(--series-4)', other: 'var(--series-none)',
};

export const phaseTitles: Readonly<Record<Phase, string>> = {
  step: 'optimiser steps', evaluate: 'evaluation', wait: 'waiting for data', checkpoint: 'checkpoints', other: 'other',
};

const square = 'M0 0H10V10H0Z';

/** Seconds up to ten minutes, then minutes, then hours. */
function unitOf(seconds: number): { readonly name: string; readonly seconds: number } {
  if (seconds < 600) return { name: 's', seconds: 1 };
  return seconds < 36_000 ? { name: 'min', seconds: 60 } : { name: 'h', seconds: 3600 };
}

/** What stands beside a bar; nothing where the engine had no work that could wait. */
function waitedText({ seconds }: KindProfile): string {
  const share = waitedShare(seconds);
  return share === null ? '' : `engine waited ${percent(share)} %`;
}

function draw({ kinds }: Profile, width: ChartWidth): string {
  const wide = width === 'wide';
  const longest = Math.max(...kinds.map(({ seconds }) => totalSeconds(seconds)));
  const unit = unitOf(longest);
  return drawSvg(
    {
      grid: { left: wide ? 110 : 78, right: wide ? 150 : 118, top: 6, bottom: 44 },
      xAxis: { type: 'value', name: `wall time of all jobs of the kind, ${unit.name}`, nameGap: 26, splitNumber: wide ? 8 : 4, ...axisStyle },
      yAxis: { type: 'category', inverse: true, data: kinds.map(({ kind }) => kind), ...axisStyle, axisLabel: { color: colors.ink, fontSize: 12 }, splitLine: { show: false } },
      series: phases.map((phase, at): BarSeriesOption => ({
        type: 'bar',
        stack: 'time',
        silent: true,
        barWidth: 18,
        emphasis: { disabled: true },
        itemStyle: { color: phaseColors[phase], borderColor: 'var(--paper)', borderWidth: 0.5 },
        data: kinds.map(({ seconds }) => seconds[phase] / unit.seconds),
        // Behind the last piece of the bar, also where that is of no length.
        label: { show: at === phases.length - 1, position: 'right', color: colors.ink, fontSize: wide ? 12 : 11, formatter: ({ dataIndex }) => waitedText(kinds[dataIndex]!) },
      })),
    },
    chartWidths[width],
    50 + kinds.length * 32,
  );
}

/** Where the time went, one bar a kind of job. The numbers stand in the section's own table. */
export const profileChart = (profile: Profile): Omit<Chart, 'table'> => ({
  id: 'profile-chart',
  title: 'Wall time by kind of job',
  note: '',
  alt: `Stacked bars of the wall time of ${plural(profile.kinds.length, 'kind')} of jobs by what it went into: ${phases.map((phase) => phaseTitles[phase]).join(', ')}. The table holds the same numbers.`,
  wide: draw(profile, 'wide'),
  narrow: draw(profile, 'narrow'),
  legend: phases.map((phase) => ({ name: phaseTitles[phase], color: phaseColors[phase], symbol: square, dash: '' })),
});
