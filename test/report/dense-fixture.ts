import sharp from 'sharp';
import type { stream } from '../../src/random.js';
import { classColour } from '../../src/results/class-colour.js';
import type { DetectionTransfer, MetricValue, SegmentationTransfer, ShownObject, ShownPictures } from '../../src/results/types.js';

/** Made-up results of segmentation and detection, for the fixture. */
export const denseClasses = ['background', 'cat', 'dog', 'red <apple>', 'whale', 'umbrella'] as const;
/** In no test image. */
export const absentClass = 4;
export const denseTests = 12;
export const tile = 96;

const gap = 4;
const columns = ['image', 'truth', 'predicted'] as const;
type Draw = ReturnType<typeof stream>;
const fraction = (metric: string, value: number): MetricValue => ({ metric, value, unit: 'fraction' });
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const ids = Array.from({ length: denseTests }, (_, index) => `scenes/${index}`);

/** Two to four objects a row, the found ones moved by a little and the last of them missed in the worse half. */
function picturesOf(labels: readonly number[], draw: Draw): ShownPictures {
  const rows = Array.from({ length: 8 }, (_, row) => {
    const truth = Array.from({ length: 2 + (row % 3) }, (_, index): ShownObject => ({
      category: labels[draw.integer(labels.length)]!, score: null, box: [6 + 20 * index + 4 * draw.uniform(), 4 + 14 * index, 22 + 10 * draw.uniform(), 24 + 10 * draw.uniform()],
    }));
    const found = truth.slice(0, row < 4 ? truth.length : -1).map(({ category, box }): ShownObject => ({ category, score: 0.5 + 0.5 * draw.uniform(), box: box.map((value) => value + 3 * draw.uniform()) }));
    return { id: ids[row]!, value: 0.95 - 0.1 * row, truth, found };
  });
  return { file: 'predictions.png', tile, columns, rows };
}

/** Of segmentation, whose pictures have no objects: background, and a class on it. `at`: the image. */
const areas = (at: number, left: number): readonly Omit<ShownObject, 'score'>[] => [{ category: 0, box: [0, 0, tile, tile] }, { category: 1 + (at % 3), box: [left, 24, 40, 48] }];

/** The tiles that `pictures` are drawn over: noise with a rectangle of its class's colour for each object. `shift`: a few pixels that make PNGs differ. */
export async function predictionsPng({ taskKind }: { readonly taskKind: string }, { rows }: ShownPictures, shift: number): Promise<Uint8Array> {
  const width = columns.length * (tile + gap) - gap;
  const height = rows.length * (tile + gap) - gap;
  const canvas = Buffer.alloc(width * height * 4);
  rows.forEach((row, at) => columns.forEach((_, column) => {
    const [truth, found] = taskKind === 'segmentation' ? [areas(at, 10 + shift), areas(at, 10 + shift + 20 * (1 - row.value))] : [row.truth, row.found];
    const paint = (left: number, top: number, right: number, bottom: number, value: (x: number, y: number, channel: number) => number): void => {
      for (let y = Math.max(0, Math.floor(top)); y < Math.min(tile, bottom); y++) {
        for (let x = Math.max(0, Math.floor(left)); x < Math.min(tile, right); x++) {
          for (let channel = 0; channel < 4; channel++) canvas[((at * (tile + gap) + y) * width + column * (tile + gap) + x) * 4 + channel] = channel === 3 ? 255 : value(x, y, channel);
        }
      }
    };
    const grey = (x: number, y: number): number => 90 + ((x * 7 + y * 13 + at * 29) % 60);
    paint(0, 0, tile, tile, grey);
    for (const { category, box: [left = 0, top = 0, w = 0, h = 0] } of [[], truth, found][column]!) {
      const colour = classColour(category);
      paint(left, top, left + w, top + h, (x, y, channel) => Math.round(0.55 * colour[channel]! + 0.45 * grey(x, y)));
    }
  }));
  return sharp(canvas, { raw: { width, height, channels: 4 } }).png().toBuffer();
}

type Own<B> = Omit<B, 'kind' | 'task' | 'side' | 'note' | 'protocol' | 'protocolHash' | 'seed' | 'nTrain' | 'nValidation' | 'nTest' | 'metricVersion' | 'trials' | 'chosen' | 'atEdge' | 'curve' | 'imagesSeen' | 'flops' | 'chance' | 'failedToLearn' | 'trainAccuracy'>;

/** Pixels right, wrong and missed by class, parted over the images: the background over all, the next three classes over every third, the others in the last. */
function countsOf(classes: readonly (readonly [number, number, number])[]): readonly (readonly number[])[] {
  return ids.map((_, index) => classes.flatMap((pixels, label) => {
    const holds = (at: number): boolean => label === 0 || (label <= 3 ? at % 3 === label - 1 : at === denseTests - 1);
    // Later images are larger.
    const upTo = (end: number): number => ids.slice(0, end).reduce((sum, _id, at) => sum + (holds(at) ? at + 3 : 0), 0) / ids.reduce((sum, _id, at) => sum + (holds(at) ? at + 3 : 0), 0);
    return holds(index) ? [label, ...pixels.map((all) => Math.round(all * upTo(index + 1)) - Math.round(all * upTo(index)))] : [];
  }));
}

/** `level`: how much of a class's pixels is right, 0..1. IoU and means follow from the confusion. */
export function segmentation(level: number, draw: Draw, pictures: boolean): Own<SegmentationTransfer> {
  const n = denseClasses.length;
  const labels = denseClasses.map((_, label) => label);
  const confusion = labels.flatMap((row) => {
    const pixels = row === absentClass ? 0 : row === 0 ? 90_000 : 10_000;
    const wrong = labels.map((column) => (column === row || column === 3 ? 0 : Math.round((pixels * (1 - level) * (0.6 + 0.8 * draw.uniform())) / n)));
    return wrong.map((value, column) => (column === row ? pixels - wrong.reduce((sum, one) => sum + one, 0) : value));
  });
  const sumOf = (at: (other: number) => number): number => labels.reduce((sum, other) => sum + confusion[at(other)]!, 0);
  const truth = labels.map((label) => sumOf((other) => label * n + other));
  const said = labels.map((label) => sumOf((other) => other * n + label));
  const right = labels.map((label) => confusion[label * n + label]!);
  const present = labels.filter((label) => truth[label]! > 0);
  const iou = labels.map((label) => (truth[label] === 0 ? null : right[label]! / (truth[label]! + said[label]! - right[label]!)));
  const shown = picturesOf([1], draw);
  return {
    taskKind: 'segmentation', classes: denseClasses, primary: 'miou', largestClass: 0.1,
    metrics: [
      fraction('miou', mean(present.map((label) => iou[label]!))),
      fraction('pixel_accuracy', right.reduce((sum, one) => sum + one, 0) / truth.reduce((sum, one) => sum + one, 0)),
      fraction('mean_accuracy', mean(present.map((label) => right[label]! / truth[label]!))),
    ],
    perImage: { ids, counts: countsOf(labels.map((label) => [right[label]!, said[label]! - right[label]!, truth[label]! - right[label]!])) },
    perClass: iou, confusion,
    pictures: pictures ? { ...shown, rows: shown.rows.map((row) => ({ ...row, truth: [], found: [] })) } : null,
  };
}

/** `level`: AP50. */
export function detection(level: number, draw: Draw, pictures: boolean): Own<DetectionTransfer> {
  const classes = denseClasses.slice(1);
  const ap = (factor: number): readonly (number | null)[] => classes.map((_, label) => (label === absentClass - 1 ? null : Math.max(0, factor * level * (0.8 + 0.4 * draw.uniform()))));
  const curve = (reach: number): readonly number[] => Array.from({ length: 101 }, (_, recall) => Math.max(0, Math.min(1, 1.1 - (recall / 100 / reach) ** 2)));
  const [box, mask] = [ap(0.6), ap(0.5)];
  const over = (values: readonly (number | null)[]): number => mean(values.filter((value) => value !== null));
  const metricsOf = (of: 'box' | 'mask', values: readonly (number | null)[]): readonly MetricValue[] => [
    ['ap', 1], ['ap50', 1.6], ['ap75', 0.9], ['ap_small', 0.5], ['ap_medium', 1.2], ['ar1', 0.8], ['ar10', 1.3], ['ar100', 1.4],
  ].map(([name, factor]) => fraction(`${of}_${name!}`, Math.min(1, over(values) * Number(factor))));
  return {
    taskKind: 'detection', classes, primary: 'box_ap', metrics: [...metricsOf('box', box), ...metricsOf('mask', mask)],
    perImage: { ids, box: ids.map(() => []), mask: ids.map(() => []) },
    perClass: { box, mask },
    precision: { box: { at50: curve(level), at75: curve(0.6 * level) }, mask: { at50: curve(0.9 * level), at75: curve(0.5 * level) } },
    pictures: pictures ? picturesOf([0, 1, 2, 4], draw) : null,
  };
}
