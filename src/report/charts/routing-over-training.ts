import type { EarlierRouting, Routing } from '../../results/types.js';
import { listed, percent, plural } from '../numbers.js';
import { drawing, drawMap, drawText, orderOf } from './routing.js';
import { chartWidths, colors, type Chart, type ChartWidth } from './svg.js';

interface RoutingOverTraining {
  readonly id: string;
  readonly entries: string;
  readonly seed: string;
  /** Before the first step, and on the way. */
  readonly earlier: readonly EarlierRouting[];
  readonly end: readonly Routing[];
  /** Of the whole training. */
  readonly steps: number;
}

interface Point {
  /** `start`, `25 %`, `end`. */
  readonly name: string;
  readonly step: number;
  readonly routing: Routing;
  /** Share of the clusters whose expert is another one than at the point before; null at the first. */
  readonly moved: number | null;
}

function pointsOf(index: number, { earlier, end, steps }: RoutingOverTraining): readonly Point[] {
  const all = [...earlier.map(({ step, blocks }) => ({ step, routing: blocks[index]! })), { step: steps, routing: end[index]! }];
  return all.map(({ step, routing }, at) => {
    const before = at === 0 ? null : all[at - 1]!.routing.chosen;
    return {
      name: step === 0 ? 'start' : step === steps ? 'end' : `${Math.round((100 * step) / steps)} %`,
      step,
      routing,
      moved: before === null ? null : routing.chosen.filter((expert, cluster) => expert !== before[cluster]).length / before.length,
    };
  });
}

const rowHeight = 12;
const heading = 48;
const gap = 10;
const between = 6;

function draw(args: RoutingOverTraining, width: ChartWidth): string {
  const pixels = chartWidths[width];
  const wide = width === 'wide';
  const left = wide ? 68 : 20;
  const size = wide ? 12 : 10;
  const order = orderOf(args.end[0]!);
  let top = 0;
  const parts = args.end.flatMap(({ block, loads }, index) => {
    const from = top + heading;
    top = from + loads.length * rowHeight + gap;
    const points = pointsOf(index, args);
    const each = (pixels - left - 4 - between * (points.length - 1)) / points.length;
    return [
      drawText(0, from - 34, 'start', colors.muted, `block ${block}`),
      ...loads.map((_, expert) => drawText(left - 6, from + expert * rowHeight + 10, 'end', colors.ink, wide ? `expert ${expert}` : String(expert), 11)),
      ...points.flatMap(({ name, routing, moved }, at) => {
        const x = left + at * (each + between);
        return [
          drawText(x, from - 19, 'start', colors.ink, name, size),
          ...(moved === null ? [] : [drawText(x, from - 6, 'start', colors.muted, `${percent(moved, 0)} % moved`, size)]),
          drawMap(routing, order, { left: x, right: x + each, top: from, rowHeight }),
        ];
      }),
    ];
  });
  return drawing(pixels, top, parts);
}

/** A small map for each point of training, beside each other, block by block. */
export function routingOverTrainingChart(args: RoutingOverTraining): Chart {
  const { id, entries, seed, end } = args;
  const clusters = plural(end[0]!.chosen.length, 'cluster');
  return {
    id,
    title: `Clusters to experts over training, ${entries}, seed ${seed}`,
    note: `A column is one of ${clusters}, in every map the same, in the order of the first block's experts at the end; the darker its mark, the nearer its gate value to 1. Moved: clusters with another expert than in the map before.`,
    alt: `Maps of ${clusters} to experts at ${listed(pointsOf(0, args).map(({ name }) => name))} of training, in ${plural(end.length, 'block')} of ${entries}. The table below holds the shares of clusters that moved and of images that each expert gets.`,
    wide: draw(args, 'wide'),
    narrow: draw(args, 'narrow'),
    legend: [],
    table: {
      columns: ['block and point', 'steps', 'clusters that moved', 'images by expert'],
      rows: end.flatMap(({ block }, index) => pointsOf(index, args).map(({ name, step, routing, moved }) =>
        [`block ${block}, ${name}`, String(step), moved === null ? '\u2013' : `${percent(moved)} %`, `${routing.loads.map((load) => percent(load)).join(', ')} %`])),
    },
  };
}
