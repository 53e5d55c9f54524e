import { applyTable, type Place } from './place.js';

/**
 * Operations that map each value of a channel to another one, whatever its neighbours are (Pillow's ImageOps). All of them
 * go through one table of 256 values, in integers.
 */
const table = new Uint8Array(256);
const counts = new Int32Array(256);

/** Values from `threshold` (0..256) on are inverted. Pillow: ImageOps.solarize. */
export function solarize(place: Place, threshold: number): void {
  for (let value = 0; value < 256; value++) table[value] = value < threshold ? value : 255 - value;
  applyTable(place, table);
}

/** Values below 128 grow by `add` (0..128), up to 255. timm: `solarize_add`. */
export function solarizeAdd(place: Place, add: number): void {
  for (let value = 0; value < 256; value++) table[value] = value < 128 ? Math.min(255, value + add) : value;
  applyTable(place, table);
}

/** Keeps the `bits` (0..8) highest bits; 0 leaves black. Pillow: ImageOps.posterize. */
export function posterize(place: Place, bits: number): void {
  const mask = ~(2 ** (8 - bits) - 1);
  for (let value = 0; value < 256; value++) table[value] = value & mask;
  applyTable(place, table);
}

/** Pillow: ImageOps.invert. */
export function invert(place: Place): void {
  for (let value = 0; value < 256; value++) table[value] = 255 - value;
  applyTable(place, table);
}

/** Stretches each channel so that its smallest value is 0 and its largest 255. Pillow: ImageOps.autocontrast. */
export function autocontrast(place: Place): void {
  for (let channel = 0; channel < 3; channel++) {
    count(place, channel);
    let low = 0;
    while (counts[low] === 0) low++;
    let high = 255;
    while (counts[high] === 0) high--;
    if (high <= low) continue;
    const scale = 255 / (high - low);
    const shift = -low * scale;
    for (let value = 0; value < 256; value++) table[value] = Math.max(0, Math.min(255, Math.trunc(value * scale + shift)));
    applyToChannel(place, channel);
  }
}

/** Makes the values of each channel equally frequent, as far as a table can. Pillow: ImageOps.equalize. */
export function equalize(place: Place): void {
  const pixels = place.size * place.size;
  for (let channel = 0; channel < 3; channel++) {
    count(place, channel);
    let last = 255;
    while (counts[last] === 0) last--;
    // A channel of one value has no step: what is below its last value is nothing.
    const step = Math.floor((pixels - counts[last]!) / 255);
    if (step === 0) continue;
    let below = Math.floor(step / 2);
    for (let value = 0; value < 256; value++) {
      table[value] = Math.min(255, Math.floor(below / step));
      below += counts[value]!;
    }
    applyToChannel(place, channel);
  }
}

function count({ target, offset, size }: Place, channel: number): void {
  counts.fill(0);
  for (let i = offset + channel; i < offset + size * size * 3; i += 3) counts[target[i]!]!++;
}

function applyToChannel({ target, offset, size }: Place, channel: number): void {
  for (let i = offset + channel; i < offset + size * size * 3; i += 3) target[i] = table[target[i]!]!;
}
