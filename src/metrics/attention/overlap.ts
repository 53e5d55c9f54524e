/**
 * The patches that hold `share` of a map's weight, the heaviest first: 1 for those, 0 for the others (DINO, Caron et al. 2021, section 4.2.2: "we
 * keep 60 % of the mass"). The patch that crosses the share is kept. Of equal weights the earlier patch comes first.
 *
 * @param weights of each patch, not negative
 * @param share in (0, 1], of the weight of the patches that `counts` (all unless said)
 */
export function heaviestPatches(weights: ArrayLike<number>, share: number, counts: (patch: number) => boolean = () => true): Uint8Array {
  const order = Array.from({ length: weights.length }, (_, patch) => patch).filter(counts).sort((a, b) => weights[b]! - weights[a]! || a - b);
  const all = order.reduce((sum, patch) => sum + weights[patch]!, 0);
  const kept = new Uint8Array(weights.length);
  let held = 0;
  for (const patch of order) {
    if (held >= share * all) break;
    kept[patch] = 1;
    held += weights[patch]!;
  }
  return kept;
}

/** Jaccard index (intersection over union) of two masks of the same length, 0 is outside; 1 where both are empty. Throws RangeError for others. */
export function jaccard(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`masks of ${a.length} and ${b.length} pixels`);
  let [both, either] = [0, 0];
  for (let pixel = 0; pixel < a.length; pixel++) {
    const [inA, inB] = [a[pixel] !== 0, b[pixel] !== 0];
    if (inA && inB) both++;
    if (inA || inB) either++;
  }
  return either === 0 ? 1 : both / either;
}

/** Pixels by their distance to the centre of a picture, of equal ones the earlier first. Sorting is what costs: pictures of one set mostly have one size. */
let last: { readonly height: number; readonly width: number; readonly order: readonly number[] } | null = null;

function fromCentre(height: number, width: number): readonly number[] {
  if (last?.height === height && last.width === width) return last.order;
  const distances = Array.from({ length: height * width }, (_, pixel) => (Math.floor(pixel / width) - (height - 1) / 2) ** 2 + ((pixel % width) - (width - 1) / 2) ** 2);
  last = { height, width, order: distances.map((_, pixel) => pixel).sort((a, b) => distances[a]! - distances[b]! || a - b) };
  return last.order;
}

/** A disc about the centre of a picture: uint8 [height, width] with exactly `area` pixels, of those that `counts` (all unless said). */
export function centredDisc(area: number, height: number, width: number, counts: (pixel: number) => boolean = () => true): Uint8Array {
  const disc = new Uint8Array(height * width);
  let left = area;
  for (const pixel of fromCentre(height, width)) {
    if (left === 0) break;
    if (!counts(pixel)) continue;
    disc[pixel] = 1;
    left--;
  }
  return disc;
}
