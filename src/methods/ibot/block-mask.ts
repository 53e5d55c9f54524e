import type { Stream } from '../../random.js';

const attempts = 10;

/**
 * Patches under rectangles, as BEiT draws them: each has an area between a least one, (side // 3)^2, and what is left of
 * `most`, and is taken where it covers something new and not more than is left; ten tries, and no further rectangle where
 * none fits. With less left than the least area, areas between the two are tried.
 *
 * @param side patches a side, at least 2
 * @param most patches, need not be whole
 * @param aspect height / width, low and high
 * @returns [side * side], 1 where masked
 */
export function blockMask(side: number, most: number, aspect: readonly [number, number], draws: Stream): Float32Array {
  const mask = new Float32Array(side * side);
  const least = Math.trunc(side / 3) ** 2;
  let covered = 0;
  for (let found = true; found && covered < most;) {
    found = false;
    for (let attempt = 0; attempt < attempts && !found; attempt++) {
      const area = draws.between(least, most - covered);
      const ratio = Math.exp(draws.between(Math.log(aspect[0]), Math.log(aspect[1])));
      const height = Math.round(Math.sqrt(area * ratio));
      const width = Math.round(Math.sqrt(area / ratio));
      if (height >= side || width >= side) continue;
      const top = draws.integer(side - height + 1);
      const left = draws.integer(side - width + 1);
      const patches = Array.from({ length: height * width }, (_, i) => (top + Math.trunc(i / width)) * side + left + (i % width));
      const fresh = patches.filter((patch) => mask[patch] === 0);
      if (fresh.length === 0 || fresh.length > most - covered) continue;
      for (const patch of fresh) mask[patch] = 1;
      covered += fresh.length;
      found = true;
    }
  }
  return mask;
}
