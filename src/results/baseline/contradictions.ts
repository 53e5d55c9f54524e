import { accuracyOf, averagePrecisionOf, meanPerClassOf, miouOf, type Statistic } from '../../metrics/stats/index.js';
import type { Measure } from '../comparison.js';
import { unpackBits } from './bits.js';
import type { Baseline, BaselineCell, CompactImages, TestImages } from './types.js';

/** Sums in another order differ by less; one image of a million by more. */
const rounding = 1e-9;

/** Where a cell of a baseline is not what its own images say, as a merge or a hand may leave it: places below the cell and what is wrong there. */
export function contradictions(images: Baseline['images'], { images: hash, perImage, values, primary }: BaselineCell): readonly string[] {
  const own = images[hash];
  if (own === undefined) return [`/images: there are no images "${hash}"`];
  const shape = shapeProblems(own, perImage);
  if (shape.length > 0) return shape;
  const weights = new Float64Array(own.n).fill(1);
  const measured = Object.entries(statisticsOf(own, perImage, primary)).map(([measure, statistic]) => [measure as Measure, statistic(weights)] as const);
  const [missing] = measured.filter(([measure]) => values[measure] === undefined);
  const [foreign] = Object.keys(values).filter((measure) => measured.every(([one]) => one !== measure));
  if (missing !== undefined || foreign !== undefined) {
    return [`/values: ${foreign === undefined ? 'lacks' : `"${foreign}" is no measure of ${perImage.kind}${missing === undefined ? '' : ', and lacks'}`}${missing === undefined ? '' : ` "${missing[0]}"`}`];
  }
  // A measure that its images leave without a value (no object of any class) is COCO's -1, or 0.
  return measured.flatMap(([measure, value]) => (!Number.isNaN(value) && Math.abs(values[measure]! - value) > rounding ? [`/values/${measure}: ${values[measure]}, where its images give ${value}`] : []));
}

function statisticsOf({ labels, n }: TestImages, perImage: CompactImages, primary: string): Readonly<Partial<Record<Measure, Statistic>>> {
  switch (perImage.kind) {
    case 'classification': {
      const right = unpackBits(perImage.correct, n);
      return { accuracy: primary === 'mean_per_class' ? meanPerClassOf(labels!, right) : accuracyOf(right) };
    }
    case 'segmentation': return { miou: miouOf(perImage.counts) };
    case 'detection': return { box_ap: averagePrecisionOf(perImage.box), ...(perImage.mask === null ? {} : { mask_ap: averagePrecisionOf(perImage.mask) }) };
  }
}

const under = (classes: number, numbers: readonly number[]): boolean => numbers.every((one) => one < classes);

function shapeProblems({ n, classes, labels }: TestImages, perImage: CompactImages): readonly string[] {
  const unlike = `/perImage: not of ${n} images`;
  switch (perImage.kind) {
    case 'classification':
      if (Buffer.from(perImage.correct, 'base64').length !== Math.ceil(n / 8)) return [unlike];
      return labels?.length === n && under(classes, labels) ? [] : [`/images: they have no label under ${classes} for each of the ${n} images`];
    case 'segmentation':
      if (perImage.counts.length !== n) return [unlike];
      return perImage.counts.every((flat) => flat.length % 4 === 0 && under(classes, flat.filter((_, at) => at % 4 === 0))) ? [] : [`/perImage/counts: not four numbers a class, the first a class under ${classes}`];
    case 'detection': {
      const both = [perImage.box, ...(perImage.mask === null ? [] : [perImage.mask])];
      if (both.some((matches) => matches.length !== n)) return [unlike];
      const even = both.every((matches) => matches.flat().every(({ category, scores, matched, ignored }) => category < classes && scores.length === matched.length && scores.length === ignored.length));
      return even ? [] : [`/perImage/packed: lists of unequal length, or a class that is not under ${classes}`];
    }
  }
}
