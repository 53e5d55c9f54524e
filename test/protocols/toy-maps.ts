import { type Annotations, ignoredLabel, type PictureSize, placement } from '../../src/data/dense.js';
import type { DenseTask, ImageSet } from '../../src/data/image-set.js';
import { stream } from '../../src/random.js';

export interface ToyMaps {
  readonly task: DenseTask;
  readonly set: ImageSet;
  readonly annotations: Annotations;
  /** The label map of every record, for who compares; `annotations` refuses those of test pictures. */
  readonly truth: readonly Uint8Array[];
}

const colours = [[60, 60, 60], [220, 40, 40], [40, 200, 60], [50, 80, 230]] as const;
const splits = ['train', 'validation', 'test'] as const;

/**
 * Rectangles of three colours on grey noise; with three shapes every third picture is higher than wide, every third wider than
 * high, and of twice the square's size. The outermost pixels are ignored.
 */
export function toyMaps(counts: Readonly<Record<(typeof splits)[number], number>>, { square = 32, seed = 0, noise = 10, shapes = 3 }: { square?: number; seed?: number; noise?: number; shapes?: 1 | 3 } = {}): ToyMaps {
  const order = splits.flatMap((split) => Array.from({ length: counts[split] }, () => split));
  const sizes = order.map((_, i): PictureSize => [{ height: square, width: square }, { height: 2 * square, width: square }, { height: square, width: 2 * square }][i % shapes]!);
  const truth = sizes.map((size, i) => rectangles(size, stream(seed, 'toy/maps', i)));
  const pixels = new Uint8Array(order.length * square * square * 3);
  truth.forEach((labels, i) => {
    const draws = stream(seed, 'toy/maps/noise', i);
    const original = sizes[i]!;
    const placed = placement(original, square);
    for (let y = 0; y < placed.height; y++) {
      for (let x = 0; x < placed.width; x++) {
        const [row, column] = [Math.floor(((y + 0.5) * original.height) / placed.height), Math.floor(((x + 0.5) * original.width) / placed.width)];
        const label = labels[row * original.width + column]!;
        for (let channel = 0; channel < 3; channel++) pixels[((i * square + y) * square + x) * 3 + channel] = Math.max(0, Math.min(255, Math.round(colours[label === ignoredLabel ? 0 : label]![channel]! + noise * draws.normal())));
      }
    }
  });
  const indicesOf = (split: (typeof splits)[number]): readonly number[] => order.flatMap((own, i) => (own === split ? [i] : []));
  const classes = ['ground', 'red', 'green', 'blue'];
  return {
    task: { name: 'toy', kind: 'segmentation', classes, side: 'mixed', note: '', train: { indices: indicesOf('train') }, validation: { indices: indicesOf('validation') }, test: { indices: indicesOf('test') } },
    set: { name: 'toy', size: square, channels: 3, pixels, unreadable: [], records: order.map((split, i) => ({ id: `${split}/${i}`, label: '', group: null, domain: null, split: null, side: null })) },
    annotations: {
      classes, sizes, objects: () => null,
      labels(index) {
        if (order[index] === 'test') throw new Error(`the labels of test picture ${index} were read`);
        return truth[index]!;
      },
    },
    truth,
  };
}

function rectangles({ height, width }: PictureSize, draws: ReturnType<typeof stream>): Uint8Array {
  const labels = new Uint8Array(height * width);
  for (const label of [...draws.permutation(3)].map((colour) => colour + 1)) {
    const [rows, columns] = [Math.round(height * draws.between(0.3, 0.5)), Math.round(width * draws.between(0.3, 0.5))];
    const [top, left] = [draws.integer(height - rows), draws.integer(width - columns)];
    for (let y = top; y < top + rows; y++) labels.fill(label, y * width + left, y * width + left + columns);
  }
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (y === 0 || x === 0 || y === height - 1 || x === width - 1) labels[y * width + x] = ignoredLabel;
  return labels;
}
