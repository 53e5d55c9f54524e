import { join } from 'node:path';
import { placement, type PictureSize } from '../../data/dense.js';
import type { PreparedSet } from '../../data/image-set.js';
import { evalBatch } from '../../data/loader/index.js';
import { classColour } from '../../results/class-colour.js';
import type { ShownPicture, ShownPictures } from '../../results/types.js';
import { writePreview } from '../preview.js';

/** What is drawn of one test image: the truth and the prediction as a class for each pixel of the original picture, null for none. */
export interface Drawn extends Omit<ShownPicture, 'id'> {
  /** Record in the set. */
  readonly index: number;
  readonly size: PictureSize;
  readonly truthAt: (pixel: number) => number | null;
  readonly foundAt: (pixel: number) => number | null;
}

const file = 'predictions.png';
/** Images of each end. */
const shownOfEach = 4;
/** Share of a class's colour in its pixels. */
const share = 0.55;

/** The best and the worst by `value`, in this order, each once. What has none (NaN) is neither. */
export function bestAndWorst<T extends { readonly value: number }>(all: readonly T[]): readonly T[] {
  const sorted = all.filter(({ value }) => !Number.isNaN(value)).toSorted((a, b) => b.value - a.value);
  const best = sorted.slice(0, shownOfEach);
  return [...best, ...sorted.slice(Math.max(best.length, sorted.length - shownOfEach))];
}

/** Writes the images as a PNG into the job's folder. Boxes of `drawn` are in pixels of the original pictures. */
export async function drawPictures(folder: string, set: PreparedSet, drawn: readonly Drawn[]): Promise<ShownPictures | null> {
  if (drawn.length === 0) return null;
  const { size: side } = set;
  const pixels = evalBatch({ set, indices: drawn.map(({ index }) => index), size: side });
  const column = (title: string, pick: (one: Drawn) => Drawn['truthAt']) => ({
    title,
    pixels: Buffer.concat(drawn.map((one, row) => coloured(pixels.subarray(row * side * side * 3, (row + 1) * side * side * 3), side, one.size, pick(one)))),
  });
  const columns = [{ title: 'image', pixels }, column('truth', ({ truthAt }) => truthAt), column('predicted', ({ foundAt }) => foundAt)];
  const tile = await writePreview(join(folder, file), columns, drawn.length, side, { palette: true });
  const inTile = ({ truth, found, size, value, index }: Drawn): ShownPicture => {
    const placed = placement(size, side);
    const [across, down] = [(tile * placed.width) / (side * size.width), (tile * placed.height) / (side * size.height)];
    const scaled = (objects: ShownPicture['truth']) => objects.map((one) => ({ ...one, box: one.box.map((number, at) => number * (at % 2 === 0 ? across : down)) }));
    return { id: set.records[index]!.id, value, truth: scaled(truth), found: scaled(found) };
  };
  return { file, tile, columns: columns.map(({ title }) => title), rows: drawn.map(inTile) };
}

/** The image with its classes' colours over it. uint8 [side, side, 3]. */
function coloured(image: Uint8Array, side: number, size: PictureSize, classAt: (pixel: number) => number | null): Uint8Array {
  const result = image.slice();
  const placed = placement(size, side);
  for (let y = 0; y < placed.height; y++) {
    const row = Math.min(size.height - 1, Math.floor(((y + 0.5) * size.height) / placed.height));
    for (let x = 0; x < placed.width; x++) {
      const label = classAt(row * size.width + Math.min(size.width - 1, Math.floor(((x + 0.5) * size.width) / placed.width)));
      if (label === null) continue;
      const at = (y * side + x) * 3;
      classColour(label).forEach((value, channel) => { result[at + channel] = Math.round(share * value + (1 - share) * result[at + channel]!); });
    }
  }
  return result;
}
