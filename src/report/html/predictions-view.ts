import { classColour } from '../../results/class-colour.js';
import type { Result, ShownObject, ShownPicture, ShownPictures } from '../../results/types.js';
import type { ReportData } from '../format.js';
import { listed, percent } from '../numbers.js';
import { type LabelPlace, placeLabels, share } from './box-labels.js';
import { aboutEntry } from './comparison-view.js';
import { openOf, type DenseGroup, type DenseTransfer } from './dense-group.js';

/** One entry's best and worst test images. The PNG stands in the page once, in the first tile; the others use it. */
export interface PredictionsView {
  readonly id: string;
  readonly entry: string;
  readonly about: string;
  readonly flags: readonly string[];
  readonly open: boolean;
  readonly seed: number;
  /** `85.7 % to 12.0 %`. */
  readonly range: string;
  readonly source: string;
  readonly width: number;
  readonly height: number;
  readonly columns: readonly string[];
  /** `label`: of the region that it scrolls in, unique in the page. */
  readonly ends: readonly { readonly title: string; readonly label: string; readonly images: readonly ImageView[] }[];
}

interface ImageView { readonly id: string; readonly value: string; readonly alt: string; readonly tiles: readonly TileView[] }

/** `view`: the tile in the PNG as an SVG view box. `first`: the one that holds the PNG. */
interface TileView { readonly view: string; readonly first: boolean; readonly boxes: readonly BoxView[] }

/** Places in percent of the tile. */
interface BoxView {
  readonly left: string;
  readonly top: string;
  readonly width: string;
  readonly height: string;
  readonly colour: string;
  readonly label: LabelPlace | null;
}

/** Of a class, as CSS has it. */
const cssColour = (label: number): string => `rgb(${classColour(label).join(', ')})`;

/** Between the PNG's tiles, in pixels. */
const gap = 4;

/** What a picture is judged by. */
const pictureMeasure = ({ taskKind }: Pick<DenseTransfer, 'taskKind'>): string => (taskKind === 'segmentation' ? 'mIoU' : 'F1');

const objectText = ({ category, score }: ShownObject, classes: readonly string[]): string => `${classes[category] ?? String(category)}${score === null ? '' : ` ${score.toFixed(2)}`}`;

function boxViews(objects: readonly ShownObject[], classes: readonly string[], tile: number): readonly BoxView[] {
  const labels = placeLabels(objects.map((object) => ({ box: object.box, text: objectText(object, classes) })), tile);
  return objects.map(({ box: [left = 0, top = 0, width = 0, height = 0], category }, at) =>
    ({ left: share(left, tile), top: share(top, tile), width: share(width, tile), height: share(height, tile), colour: cssColour(category), label: labels[at]! }));
}

/** Classes in an image's truth or prediction. */
function classesIn(result: DenseTransfer, { id, truth, found }: ShownPicture): readonly number[] {
  if (result.taskKind === 'detection') return [...truth, ...found].map(({ category }) => category);
  const { ids, counts } = result.perImage;
  return (counts[ids.indexOf(id)] ?? []).filter((_, at) => at % 4 === 0);
}

function altOf(result: DenseTransfer, row: ShownPicture, value: string): string {
  const { classes } = result;
  const names = (objects: readonly ShownObject[]): string => (objects.length === 0 ? 'nothing' : listed(objects.map((object) => objectText(object, classes))));
  const what = result.taskKind === 'detection'
    ? `the image, its objects (${names(row.truth)}) and those found (${names(row.found)})`
    : `the image, its classes as colour and the predicted ones (in either: ${listed(classesIn(result, row).map((label) => classes[label]!))})`;
  return `Test image ${row.id}: ${what}. ${value}.`;
}

function imageView(result: DenseTransfer, { tile, columns }: ShownPictures, row: ShownPicture, at: number): ImageView {
  const value = `${pictureMeasure(result)} ${percent(row.value)} %`;
  const objects = [[], row.truth, row.found];
  return {
    id: row.id,
    value,
    alt: altOf(result, row, value),
    tiles: columns.map((_, column) => ({
      view: `${column * (tile + gap)} ${at * (tile + gap)} ${tile} ${tile}`,
      first: at === 0 && column === 0,
      boxes: boxViews(objects[column] ?? [], result.classes, tile),
    })),
  };
}

/** The result of an entry whose pictures the record holds, with their PNG. */
const picturesOf = ({ record }: ReportData, { results }: DenseGroup): { readonly result: Result<DenseTransfer>; readonly pictures: ShownPictures; readonly png: string } | null => {
  for (const result of results) {
    const png = record.previews?.[result.key];
    if (png !== undefined && result.pictures !== null && result.pictures.rows.length > 0) return { result, pictures: result.pictures, png };
  }
  return null;
};

/** Of every entry that has pictures; those of the suite's reference, or else the first, are unfolded. */
export function predictionsViews(data: ReportData, groups: readonly DenseGroup[], panel: { readonly id: string; readonly name: string }): readonly PredictionsView[] {
  const drawnGroups = groups.filter((group) => picturesOf(data, group) !== null);
  const open = openOf(drawnGroups, data);
  return drawnGroups.flatMap((group, index): readonly PredictionsView[] => {
    const drawn = picturesOf(data, group);
    if (drawn === null) return [];
    const { result, pictures, png } = drawn;
    const { tile, columns, rows } = pictures;
    const images = rows.map((row, at) => imageView(result, pictures, row, at));
    const best = Math.ceil(images.length / 2);
    return [{
      id: `${panel.id}-pictures-${index}`,
      entry: group.entry.name,
      about: aboutEntry(group.entry),
      flags: group.flags,
      open: group === open,
      seed: result.seed,
      range: `${pictureMeasure(result)} ${percent(rows[0]!.value)} % to ${percent(rows.at(-1)!.value)} %`,
      source: `data:image/png;base64,${png}`,
      width: columns.length * (tile + gap) - gap,
      height: rows.length * (tile + gap) - gap,
      columns,
      ends: [{ title: 'Best', images: images.slice(0, best) }, { title: 'Worst', images: images.slice(best) }]
        .filter((end) => end.images.length > 0)
        .map((end) => ({ ...end, label: `${end.title} test images of ${group.entry.name}, ${panel.name}` })),
    }];
  });
}

/** Colours of the classes in the pictures, in the classes' order. */
export function classLegend(data: ReportData, groups: readonly DenseGroup[]): readonly { readonly name: string; readonly colour: string }[] {
  const seen = new Map<number, string>();
  for (const group of groups) {
    const drawn = picturesOf(data, group);
    for (const row of drawn?.pictures.rows ?? []) for (const label of classesIn(drawn!.result, row)) if (drawn!.result.classes[label] !== 'background') seen.set(label, drawn!.result.classes[label] ?? String(label));
  }
  return [...seen].sort(([a], [b]) => a - b).map(([label, name]) => ({ name, colour: cssColour(label) }));
}
