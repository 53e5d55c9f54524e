import type { AnnotatedObject, Annotations } from '../../src/data/dense.js';
import type { DenseTask, ImageSet } from '../../src/data/image-set.js';
import { encodeMask } from '../../src/metrics/index.js';
import { stream } from '../../src/random.js';

export interface ToyObjects { readonly task: DenseTask; readonly set: ImageSet; readonly annotations: Annotations }

const colours = [[220, 40, 40], [40, 200, 60], [50, 80, 230]] as const;

/**
 * Plain shapes (a disc, a square, a triangle, each of its own colour) on grey noise, two or three a picture, apart from each other.
 * The truth of test pictures is there for who compares, and refused to who asks `annotations`.
 */
export function toyObjects(counts: { readonly train: number; readonly validation: number; readonly test: number }, { size = 64, seed = 0, masks = true }: { size?: number; seed?: number; masks?: boolean } = {}): ToyObjects & { readonly truth: readonly (readonly AnnotatedObject[])[] } {
  const splits = (['train', 'validation', 'test'] as const).flatMap((split) => Array.from({ length: counts[split] }, () => split));
  const pixels = new Uint8Array(splits.length * size * size * 3);
  const truth = splits.map((_, picture) => {
    const draws = stream(seed, 'toy/objects', picture);
    const own = pixels.subarray(picture * size * size * 3, (picture + 1) * size * size * 3);
    for (let i = 0; i < size * size; i++) own.fill(100 + draws.integer(30), 3 * i, 3 * i + 3);
    const objects: AnnotatedObject[] = [];
    // A quarter of the picture each, so that none hides another.
    for (const quarter of draws.permutation(4).subarray(0, 2 + draws.integer(2))) {
      const category = draws.integer(3);
      const side = Math.round(draws.between(size / 4, size / 2 - 2));
      const left = (quarter % 2) * size / 2 + draws.integer(size / 2 - side);
      const top = Math.floor(quarter / 2) * size / 2 + draws.integer(size / 2 - side);
      const mask = new Uint8Array(size * size);
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const [u, v] = [(x + 0.5) / side * 2 - 1, (y + 0.5) / side * 2 - 1];
          const inside = category === 0 ? u * u + v * v <= 1 : category === 1 ? true : Math.abs(u) <= (v + 1) / 2;
          if (!inside) continue;
          const at = (top + y) * size + left + x;
          mask[at] = 1;
          own.set(colours[category]!, 3 * at);
        }
      }
      objects.push({ id: 10 * picture + objects.length, category, box: tight(mask, size), area: mask.reduce((sum, value) => sum + value, 0), mask: masks ? encodeMask(mask, size, size) : null, crowd: false, difficult: false });
    }
    return objects;
  });
  const indices = (split: string): { readonly indices: readonly number[] } => ({ indices: splits.flatMap((own, i) => (own === split ? [i] : [])) });
  const classes = ['disc', 'square', 'triangle'];
  return {
    truth,
    task: { name: 'toy', kind: 'detection', classes, side: 'mixed', note: '', train: indices('train'), validation: indices('validation'), test: indices('test') },
    set: {
      name: 'toy', size, channels: 3, pixels, unreadable: [],
      records: splits.map((split, i) => ({ id: `${split}/${i}`, label: 'scene', group: null, domain: null, split: null, side: null })),
    },
    annotations: {
      classes, sizes: splits.map(() => ({ height: size, width: size })),
      objects: (index) => {
        if (splits[index] === 'test') throw new Error('the truth of a test picture was read');
        return truth[index]!;
      },
      labels: () => null,
    },
  };
}

function tight(mask: Uint8Array, size: number): [number, number, number, number] {
  const at = Array.from(mask.keys()).filter((i) => mask[i] === 1);
  const [xs, ys] = [at.map((i) => i % size), at.map((i) => Math.floor(i / size))];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) + 1 - left, Math.max(...ys) + 1 - top];
}
