import type { Routing } from '../../results/types.js';
import { listed, percent, plural } from '../numbers.js';
import { chartWidths, colors, type Chart, type ChartWidth } from './svg.js';

interface RoutingArguments { readonly id: string; readonly entries: string; readonly seed: string; readonly blocks: readonly Routing[] }

const rowHeight = 15;
const heading = 24;
const gap = 10;

/** Where a map lies in a drawing, in pixels: its left and right edge, its top, and the height of an expert's row. */
interface MapPlace { readonly left: number; readonly right: number; readonly top: number; readonly rowHeight: number }

const number = (value: number): string => String(Number(value.toFixed(2)));

/** Experts down, with a line between two; clusters across in an order, each a mark that is the darker the larger its gate value. */
export function drawMap({ chosen, gates, loads }: Routing, order: readonly number[], { left, right, top, rowHeight: height }: MapPlace): string {
  const column = (right - left) / order.length;
  const lines = Array.from({ length: loads.length + 1 }, (_, row) => `M${number(left)} ${top + row * height}H${number(right)}`).join('');
  const marks = order.map((cluster, at) =>
    `<rect x="${number(left + at * column)}" y="${top + chosen[cluster]! * height + 1}" width="${number(Math.max(0.8, column * 0.9))}" height="${height - 2}" fill="var(--series-0)" fill-opacity="${number(0.2 + 0.8 * gates[cluster]!)}"/>`);
  return [`<path d="${lines}" stroke="${colors.line}"/>`, ...marks].join('');
}

export const drawText = (x: number, y: number, anchor: 'start' | 'middle' | 'end', fill: string, text: string, size = 12): string =>
  `<text x="${number(x)}" y="${number(y)}" text-anchor="${anchor}" font-family="inherit" font-size="${size}" fill="${fill}">${text}</text>`;

export const drawing = (width: number, height: number, parts: readonly string[]): string =>
  `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true" focusable="false">${parts.join('')}</svg>`;

/** Columns of all maps: by the first block's expert, and within it by gate value, the largest first. */
export const orderOf = ({ chosen, gates }: Routing): readonly number[] => [...chosen.keys()].toSorted((a, b) => chosen[a]! - chosen[b]! || gates[b]! - gates[a]! || a - b);

function draw(blocks: readonly Routing[], width: ChartWidth): string {
  const pixels = chartWidths[width];
  const left = 68;
  const order = orderOf(blocks[0]!);
  let top = 0;
  const parts = blocks.flatMap((one) => {
    const { block, loads } = one;
    const from = top + heading;
    top = from + loads.length * rowHeight + gap;
    return [
      drawText(0, from - 8, 'start', colors.muted, `block ${block}`),
      ...loads.map((_, expert) => drawText(left - 8, from + expert * rowHeight + 11.5, 'end', colors.ink, `expert ${expert}`)),
      drawMap(one, order, { left, right: pixels - 4, top: from, rowHeight }),
    ];
  });
  return drawing(pixels, top, parts);
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
