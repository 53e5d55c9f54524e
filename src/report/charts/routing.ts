import type { Routing } from '../../results/types.js';
import { listed, percent, plural } from '../numbers.js';
import { chartWidths, colors, type Chart, type ChartWidth } from './svg.js';

export interface RoutingArguments { readonly id: string; readonly entries: string; readonly seed: string; readonly blocks: readonly Routing[] }

const rowHeight = 15;
const heading = 24;
const gap = 10;

/** Columns of all maps: by the first block's expert, and within it by gate value, the largest first. */
const orderOf = ({ chosen, gates }: Routing): readonly number[] => [...chosen.keys()].toSorted((a, b) => chosen[a]! - chosen[b]! || gates[b]! - gates[a]! || a - b);

function draw(blocks: readonly Routing[], width: ChartWidth): string {
  const pixels = chartWidths[width];
  const left = 68;
  const order = orderOf(blocks[0]!);
  const column = (pixels - left - 4) / order.length;
  const number = (value: number): string => String(Number(value.toFixed(2)));
  let top = 0;
  const parts = blocks.flatMap(({ block, chosen, gates, loads }) => {
    const from = top + heading;
    top = from + loads.length * rowHeight + gap;
    const text = (x: number, y: number, anchor: string, fill: string, what: string): string =>
      `<text x="${x}" y="${y}" text-anchor="${anchor}" font-family="inherit" font-size="12" fill="${fill}">${what}</text>`;
    return [
      text(0, from - 8, 'start', colors.muted, `block ${block}`),
      ...loads.map((_, expert) => text(left - 8, from + expert * rowHeight + 11.5, 'end', colors.ink, `expert ${expert}`)),
      `<path d="${Array.from({ length: loads.length + 1 }, (_, row) => `M${left} ${from + row * rowHeight}H${pixels - 4}`).join('')}" stroke="${colors.line}"/>`,
      ...order.map((cluster, at) =>
        `<rect x="${number(left + at * column)}" y="${from + chosen[cluster]! * rowHeight + 1}" width="${number(Math.max(0.8, column * 0.9))}" height="${rowHeight - 2}" fill="var(--series-0)" fill-opacity="${number(0.2 + 0.8 * gates[cluster]!)}"/>`),
    ];
  });
  return `<svg viewBox="0 0 ${pixels} ${top}" width="${pixels}" height="${top}" aria-hidden="true" focusable="false">${parts.join('')}</svg>`;
}

/** Experts down, clusters across: one mark a cluster, in the row of its expert. */
export function routingChart({ id, entries, seed, blocks }: RoutingArguments): Chart {
  const clusters = blocks[0]!.chosen.length;
  return {
    id,
    title: `Clusters to experts, ${entries}, seed ${seed}`,
    note: `A column is one of ${plural(clusters, 'cluster')}, in every block the same, in the order of the first block's experts; the darker its mark, the nearer its gate value to 1.`,
    alt: `Map of ${plural(clusters, 'cluster')} to experts in ${plural(blocks.length, 'block')} of ${entries}. The table below holds it.`,
    wide: draw(blocks, 'wide'),
    narrow: draw(blocks, 'narrow'),
    legend: [],
    table: {
      columns: ['expert', 'clusters', 'images', 'mean gate value', 'which'],
      rows: blocks.flatMap(({ block, chosen, gates, loads }) => loads.map((load, expert) => {
        const own = [...chosen.keys()].filter((cluster) => chosen[cluster] === expert);
        const gate = own.reduce((sum, cluster) => sum + gates[cluster]!, 0) / own.length;
        return [`block ${block}, expert ${expert}`, String(own.length), `${percent(load)} %`, own.length === 0 ? '\u2013' : gate.toFixed(2), own.length === 0 ? 'none' : listed(own.map(String))];
      })),
    },
  };
}
